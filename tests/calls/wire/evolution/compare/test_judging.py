"""Two versions of a schema, by the real codecs."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.evolution.compare.judging import Comparison, compare, read, worst
from companion.calls.wire.evolution.compare.shapes import SchemaError


def letters(folder: Path, ending: str, old: str, new: str, **options: Any) -> dict[str, str]:
    found = compared(folder, ending, old, new, **options)
    return {f"{one.message}.{one.field}": f"{one.forward.letter}/{one.backward.letter}" for one in found.findings}


def compared(folder: Path, ending: str, old: str, new: str, **options: Any) -> Comparison:
    files = []
    for name, text in (("old", old), ("new", new)):
        files.append(folder / f"{name}.{ending}")
        files[-1].write_text(text)
    return compare(*(read(file) for file in files), samples=options.pop("samples", 10), **options)


def proto(fields: str, before: str = "") -> str:
    return f'syntax = "proto3"; package shop; {before} message A {{ {fields} }}'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("int32 a = 1;", "int64 a = 1;", {"A.a": "=/W"}),
        ("int32 a = 1;", "string a = 1;", {"A.a": "L/L"}),
        ("int32 a = 1;", "sint32 a = 1;", {"A.a": "W/W"}),
        ("int32 a = 1;", "int32 a = 2;", {"A.a": "L/L"}),
        ("int32 a = 1;", "int32 a = 1; int32 b = 2;", {"A.b": "z/="}),
        ("int32 a = 1;", "int32 a = 1; optional int32 b = 2;", {"A.b": "n/="}),
        ("int32 a = 1; string b = 2;", "int32 a = 1; reserved 2;", {"A.b": "=/z"}),
        ("string a = 1;", "bytes a = 1;", {"A.a": "=/E"}),
        ("repeated int32 a = 1;", "int32 a = 1;", {"A.a": "L/="}),
        ("repeated string a = 1;", "string a = 1;", {"A.a": "W/="}),
        ("int32 a = 1; int32 b = 2;", "oneof x { int32 a = 1; int32 b = 2; }", {"A.a": "L/=", "A.b": "=/="}),
        ("double a = 1;", "double b = 1;", {"A.a": "=/W", "A.b": "W/="}),
        ("A a = 1; int32 b = 2;", "A a = 1; int64 b = 2;", {"A.b": "=/W"}),
    ],
)
def test_protocol_buffers(tmp_path: Path, old: str, new: str, expected: dict[str, str]) -> None:
    found = letters(tmp_path, "proto", proto(old), proto(new), samples=20)
    assert {name: one for name, one in found.items() if one != "=/="} == {
        name: one for name, one in expected.items() if one != "=/="
    }


def test_values_of_an_enumeration_are_compared_by_their_names(tmp_path: Path) -> None:
    old = proto("Level level = 1;", "enum Level { NONE = 0; GOLD = 1; SILVER = 2; }")
    swapped = proto("Level level = 1;", "enum Level { NONE = 0; SILVER = 1; GOLD = 2; }")
    more = proto("Level level = 1;", "enum Level { NONE = 0; GOLD = 1; SILVER = 2; BRONZE = 3; }")
    assert letters(tmp_path, "proto", old, swapped) == {"A.level": "W/W"}
    assert letters(tmp_path, "proto", old, more) == {"A.level": "=/n"}


def test_what_is_required_in_proto2_breaks_a_reader(tmp_path: Path) -> None:
    old, new = (
        f'syntax = "proto2"; message A {{ optional int32 a = 1; {more} }}' for more in ("", "required int32 b = 2;")
    )
    assert letters(tmp_path, "proto", old, new) == {"A.b": "E/="}
    assert letters(tmp_path, "proto", new, old) == {"A.b": "=/E"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1: i32 a", "1: i64 a", {"A.a": "L/L"}),
        ("1: i32 a", "1: i32 a, 2: required i32 b, 3: i32 c", {"A.b": "E/=", "A.c": "n/="}),
        ("1: i32 a", "1: i32 a, 2: i32 b = 5", {"A.b": "z/="}),
        ("1: i32 a, 2: string b", "1: i32 a, 2: string c", {"A.b": "=/W", "A.c": "W/="}),
        ("1: list<i32> a", "1: list<i64> a", {"A.a": "L/L"}),
        ("1: map<string, i32> a", "1: map<string, i32> a", {}),
        ("1: set<binary> a", "1: set<binary> a", {}),
        ("1: set<A> a, 2: map<A, A> b", "1: set<A> a, 2: map<A, A> b", {}),
    ],
)
def test_thrift(tmp_path: Path, old: str, new: str, expected: dict[str, str]) -> None:
    assert letters(tmp_path, "thrift", f"struct A {{{old}}}", f"struct A {{{new}}}") == expected


def test_an_enumeration_without_names_has_numbers(tmp_path: Path) -> None:
    assert letters(tmp_path, "thrift", "enum E {} struct A {1: E a}", "enum E {} struct A {1: E a}") == {}


def test_calls_and_unions_of_thrift_are_compared_too(tmp_path: Path) -> None:
    old = "union U {1: i32 a} service S { i32 get(1: i32 a) }"
    new = "union U {1: i32 a, 2: string b} service S { i32 get(1: i64 a) }"
    assert letters(tmp_path, "thrift", old, new) == {"U.b": "n/=", "S.get_args.a": "L/L"}


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"required": ["a", "c"], "properties": {**OBJECT["properties"], "c": {"type": "string"}}}, {"c": "E/="}),  # type: ignore[dict-item]
        ({"properties": {"a": {"type": "number"}, "b": {"type": "string"}}}, {"a": "=/E"}),
        ({"properties": {"a": {"type": "integer"}}}, {"b": "=/n"}),
        ({"properties": {"a": {"type": "integer"}}, "additionalProperties": False}, {"b": "E/n"}),
        ({"properties": {"a": {"type": "integer"}, "b": {"enum": ["x", "y"]}}}, {"b": "E/="}),
        ({"title": "nothing else"}, {}),
    ],
)
def test_json_schema(tmp_path: Path, change: dict[str, Any], expected: dict[str, str]) -> None:
    found = letters(tmp_path, "json", json.dumps(OBJECT), json.dumps({**OBJECT, **change}))
    assert found == {f"(root).{name}": one for name, one in expected.items()}


def test_definitions_and_objects_within_are_judged_under_their_own_names(tmp_path: Path) -> None:
    def text(kind: str) -> str:
        inner = {"type": "object", "properties": {"x": {"type": kind}}}
        root = {
            "properties": {"one": {"$ref": "#/$defs/Inner"}, "two": inner, "many": {"type": "array", "items": inner}}
        }
        return json.dumps({**root, "$defs": {"Inner": inner}})

    expected = {f"{name}.x": "E/E" for name in ("(root).two", "(root).many", "Inner")}
    assert letters(tmp_path, "json", text("integer"), text("string")) == expected


def test_messages_without_a_partner_and_without_a_value_are_named(tmp_path: Path) -> None:
    inner = {"properties": {"x": {"type": "string", "pattern": "^[0-9]$"}}, "required": ["x"]}
    old, new = (json.dumps({"$defs": one}) for one in ({"A": inner}, {"A": inner, "B": {"properties": {}}}))
    found = compared(tmp_path, "json", old, new)
    assert (found.untried, found.added, found.removed, found.findings) == (["A"], ["B"], [], [])


KINDS = st.sampled_from(
    ["int32", "sint64", "string", "bytes", "double", "bool", "repeated int32", "map<string, int64>"]
)
FIELDS = st.dictionaries(st.sampled_from("abcd"), st.tuples(KINDS, st.integers(1, 5)), max_size=4).filter(
    lambda fields: len({tag for _, tag in fields.values()}) == len(fields)
)
THRIFT = {
    "int32": "i32",
    "sint64": "i64",
    "bytes": "binary",
    "repeated int32": "list<i32>",
    "map<string, int64>": "map<string,i64>",
}


@given(st.lists(st.tuples(FIELDS, FIELDS), min_size=15, max_size=15), st.sampled_from(["proto", "thrift"]))
@settings(max_examples=4, database=None)
def test_random_messages_never_crash_and_identical_ones_cope(drawn: Any, ending: str) -> None:
    def text(side: int) -> str:
        messages = []
        for number, pair in enumerate(drawn):
            if ending == "proto":
                inner = " ".join(f"{kind} {name} = {tag};" for name, (kind, tag) in pair[side].items())
            else:
                inner = ", ".join(f"{tag}: {THRIFT.get(kind, kind)} {name}" for name, (kind, tag) in pair[side].items())
            messages.append(f"{'message' if ending == 'proto' else 'struct'} M{number} {{ {inner} }}")
        return ('syntax = "proto3"; ' if ending == "proto" else "") + " ".join(messages)

    with tempfile.TemporaryDirectory() as folder:
        compared(Path(folder), ending, text(0), text(1), samples=3)
        assert compared(Path(folder), ending, text(1), text(1), samples=3).findings == []


SCALARS = st.sampled_from(
    [
        *({"type": name} for name in ("integer", "string", "number", "boolean", ["string", "null"])),
        {"enum": ["x", 1]},
        {"const": 5},
        {"type": "integer", "minimum": 5},
        {},
    ]
)
OBJECTS = st.builds(
    lambda properties, required, closed: {
        "type": "object",
        "properties": properties,
        "required": sorted(required & properties.keys()),
        **({"additionalProperties": False} if closed else {}),
    },
    st.dictionaries(st.sampled_from("abcd"), SCALARS | st.builds(lambda one: {"type": "array", "items": one}, SCALARS)),
    st.sets(st.sampled_from("abcd")),
    st.booleans(),
)


@given(OBJECTS, OBJECTS)
@settings(max_examples=30)
def test_random_json_schemas_never_crash_and_identical_ones_cope(old: Any, new: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        compared(Path(folder), "json", json.dumps(old), json.dumps(new), samples=3)
        found = compared(Path(folder), "json", json.dumps(new), json.dumps(new), samples=3)
        assert [one for one in found.findings if worst(one) != "="] == []


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(
            {
                "$defs": {f"D{n}": {"allOf": [{"$ref": f"#/$defs/D{n + 1}"}] * 2} for n in range(40)} | {"D40": {}},
                "$ref": "#/$defs/D0",
            }
        ),
        json.dumps({"properties": {"a": {"$ref": "#/nowhere"}}}),
        json.dumps({"properties": {"a": {"allOf": [{"$ref": "#/properties/a"}]}}}),
        json.dumps({"properties": {"a": {"items": {"$ref": "file:///etc/passwd"}, "type": "array"}}}),
    ],
)
def test_hostile_references_are_refused_and_not_followed(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(SchemaError):
        compare(read(tmp_path / "a.json"), read(tmp_path / "a.json"))


def test_a_schema_that_holds_itself_ends(tmp_path: Path) -> None:
    tree = json.dumps({"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "value": {"type": "integer"}}})
    assert letters(tmp_path, "json", tree, tree) == {}
    assert (
        letters(
            tmp_path,
            "proto",
            proto("A a = 1; repeated A b = 2; map<string, A> c = 3;"),
            proto("A a = 1; repeated A b = 2; map<string, A> c = 3;"),
        )
        == {}
    )
    assert letters(tmp_path, "thrift", "struct A {1: A a, 2: list<A> b}", "struct A {1: A a, 2: list<A> b}") == {}


def test_wide_bounds_cost_nothing(tmp_path: Path) -> None:
    wide = {
        "a": {"type": "string", "minLength": 10**9},
        "b": {"type": "array", "minItems": 10**9, "items": {}},
        "c": {"type": "integer", "minimum": 10**400},
    }
    found = compared(tmp_path, "json", json.dumps({"properties": wide}), json.dumps({"properties": wide}), samples=2)
    assert found.untried == ["(root)"]
