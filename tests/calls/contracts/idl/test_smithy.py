"""The part of Smithy that is read and written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.contracts.idl.contracts import ContractError, contracts
from companion.calls.contracts.idl.lexing import DEEPEST
from companion.calls.contracts.idl.smithy import PLACES, PRELUDE, SIMPLE, Member, Model, Shape, parse, write

HEAD = '$version: "2"\nnamespace a.b\n'

plain = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    plain | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def names(most: int) -> st.SearchStrategy[list[str]]:
    name = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
    return st.lists(name, unique_by=str.lower, max_size=most)


def traits(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    fitting = sorted(name for name, kinds in PLACES.items() if kind in kinds and name != "idempotent")
    return st.dictionaries(st.sampled_from(fitting), values, max_size=3)


@st.composite
def models(draw: st.DrawFn) -> Model:
    shapes = []
    called = draw(names(5))
    targets = st.sampled_from(sorted(PRELUDE) + called)
    for name in called:
        kind = draw(
            st.sampled_from(["structure", "union", "list", "map", "enum", "operation", "service", *sorted(SIMPLE)])
        )
        members: list[Member] = []
        properties: dict[str, Any] = {}
        if kind == "operation":
            properties = {"input": draw(targets), "errors": draw(st.lists(targets, max_size=2))}
        elif kind == "service":
            properties = {"version": draw(st.text(max_size=5)), "operations": draw(st.lists(targets, max_size=2))}
        elif kind not in SIMPLE:
            inner = {"list": ["member"], "map": ["key", "value"]}.get(kind) or draw(names(3))
            for one in inner:
                target = None if kind == "enum" else draw(targets)
                members.append(Member(one, target, draw(traits("member"))))
        shapes.append(Shape(kind, name, tuple(members), properties, draw(traits(kind))))
    return Model(draw(st.sampled_from(["a", "a.b", "com.example_1"])), tuple(shapes))


@settings(max_examples=50, deadline=None)
@given(models())
def test_what_is_written_is_read_back(model: Model) -> None:
    assert parse(write(model)) == model


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_broken_contract_is_read_or_refused_by_line_and_column(data: st.DataObject) -> None:
    text = contracts()["Smithy"]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    broken = text[:start] + data.draw(st.text('@{}[]()":=$,.x1\\ \n', max_size=5)) + text[end:]
    try:
        parse(broken)
    except ContractError as error:
        assert str(error).startswith("line ")


def test_the_contract_says_what_it_should() -> None:
    shapes = {shape.name: shape for shape in parse(contracts()["Smithy"]).shapes}
    assert shapes["GetCustomer"].traits == {"readonly": {}, "http": {"method": "GET", "uri": "/customers/{id}"}}
    assert shapes["GetCustomer"].properties["errors"] == ["NoSuchCustomer"]
    assert shapes["Name"].traits == {"length": {"max": 30}}
    assert all("required" in member.traits for member in shapes["Customer"].members)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("structure A { b: String, B: String }", "line 3, column 26: 'B' differs from another name at most by case"),
        ("string A\nstring a", "line 4, column 8: 'a' differs"),
        ("structure A { b: Strin }", "line 3, column 18: there is no shape 'Strin'"),
        ("@requird structure A {}", "line 3, column 2: @requird is no trait"),
        ("@required structure A {}", "line 3, column 2: @required does not belong to: structure"),
        ("/// who\n@documentation(\"x\") @http(a: 1)\nstring A", "@http does not belong to: string"),
        ("@title(\"a\") @title(\"b\") string A", "stands here already"),
        ("@readonly @idempotent operation A {}", "exclude each other"),
        ("@http(method: 1, method: 2) operation A {}", "'method' is here already"),
        ("service A { resources: [] }", "'resources' is here already, or is no property"),
        ("resource A {}", "resource is not in the part"),
        ("strukture A {}", "is no kind of shape"),
        ("list A { b: String }", "a list has member"),
        ("map A { key: String }", "a map has key and value"),
        ("string a.b", "a name has no dot"),
        ("@range(min: 1e999) integer A", "too large"),
        ("@range(min: 01) integer A", "no word"),
        ('@title("\\q") string A', "bad escape"),
        ('@title("a) string A', "no word"),
        ("operation A { input := {} }", "expected the name of a shape"),
        ("structure A {", "expected a name"),
        ("@title(" + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1) + ") string A", "deep"),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_for_a_reason(text: str, why: str) -> None:
    with pytest.raises(ContractError) as refused:
        parse(HEAD + text)
    assert why in str(refused.value)


@pytest.mark.parametrize("text", ["", "namespace a", '$version: "1"\nnamespace a', '$version: "2"\n'])
def test_a_file_begins_with_its_version_and_its_namespace(text: str) -> None:
    with pytest.raises(ContractError):
        parse(text)


def test_comments_and_commas_make_no_difference_and_documentation_does() -> None:
    bare = parse(HEAD + "structure A { b: String c: String }")
    assert parse(HEAD + "structure A { // why\n b: String,, c: String, }") == bare
    told = parse(HEAD + "/// One.\n/// Two.\nstructure A { b: String c: String }")
    assert told.shapes[0].traits == {"documentation": "One.\nTwo."}
    assert json.dumps("One.\nTwo.") in write(told)


def test_defaults_and_enum_values_are_traits() -> None:
    found = parse(HEAD + 'enum A { B = "b" C }\nstructure D { e: Integer = 1 }').shapes
    assert [member.traits for member in found[0].members] == [{"enumValue": "b"}, {}]
    assert found[1].members[0].traits == {"default": 1}
