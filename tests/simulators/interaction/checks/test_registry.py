"""The registry refuses what does not fit, and its rules are those by which fastavro's reader reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from companion.simulators.interaction.checks.avro import PRIMITIVES, InvalidSchema, is_union, kind_of, linked
from companion.simulators.interaction.checks.registry import LOSSY, IncompatibleSchema, Registry, misfits
from companion.simulators.interaction.systems.libraries import fastavro


def record(**fields: Any) -> dict[str, Any]:
    """Give a record schema; a field given as (type, default) has a default."""
    entries = [
        {"name": name, "type": kind[0], "default": kind[1]} if isinstance(kind, tuple) else {"name": name, "type": kind}
        for name, kind in fields.items()
    ]
    return {"type": "record", "name": "user", "fields": entries}


MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
AMOUNT = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}
CENTS = {**AMOUNT, "scale": 4}


@pytest.mark.parametrize(
    ("mode", "old", "new", "why"),
    [
        ("backward", record(id="long"), record(id="long", name="string"), "name: the writer has no such field"),
        ("forward", record(id="long", name="string"), record(id="long"), "name: the writer has no such field"),
        ("full", record(id="int"), record(id="long"), "id: long cannot be read as int"),
        ("backward", record(id="string"), record(id="long"), "id: string cannot be read as long"),
        ("backward", record(a=["null", "long"]), record(a="long"), "a: null cannot be read as long"),
        ("forward", record(a="long"), record(a=["null", "long"]), "a: null cannot be read as long"),
        ("backward", record(a={"type": "array", "items": "string"}), record(a={"type": "array", "items": "int"}), "a"),
        ("full", {"type": "enum", "name": "e", "symbols": ["A"]}, {"type": "enum", "name": "e", "symbols": ["A", "B"]},
         "B is no symbol"),
        ("backward", {"type": "fixed", "name": "f", "size": 4}, {"type": "fixed", "name": "f", "size": 8}, "4 bytes"),
        ("backward", record(a=["null", "string"]), record(a=["null", "long"]), "a: string is none of null, long"),
    ],
)  # fmt: skip
def test_a_schema_that_does_not_fit_is_refused_and_told_where(mode: str, old: Any, new: Any, why: str) -> None:
    registry = Registry(mode)
    registry.register("users", old)
    with pytest.raises(IncompatibleSchema) as refused:
        registry.register("users", new)
    assert str(refused.value).startswith("users does not fit its version 1: ")
    assert why in str(refused.value)
    assert Registry("none").register("users", new)


def test_what_fits_gets_a_number_of_its_own_and_the_same_schema_keeps_it() -> None:
    registry = Registry("full")
    first = registry.register("users", record(id="long"))
    second = registry.register("users", record(id="long", name=("string", "")))
    assert (first, second, registry.register("users", record(id="long"))) == (1, 2, 1)
    assert registry.register("orders", record(id="string")) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [(record(born="long"), record(born=MILLIS)), (record(n="long"), record(n="double")),
     (record(a=AMOUNT), record(a=CENTS))],
)  # fmt: skip
def test_a_strict_registry_refuses_what_the_rules_allow_and_values_do_not_survive(old: Any, new: Any) -> None:
    loose = Registry("backward")
    assert (loose.register("s", old), loose.register("s", new)) == (1, 2)
    strict = Registry("backward", strict=True)
    strict.register("s", old)
    with pytest.raises(IncompatibleSchema):
        strict.register("s", new)


SAMPLES: Mapping[str, Any] = {
    "null": None, "boolean": True, "int": 7, "long": 2**53 + 1, "float": 0.5, "double": 0.1, "string": "é",
    "bytes": b"ab",
}  # fmt: skip
DEEP = 4
"""How often a type that contains itself does so in a value."""


def values_of(schema: Any, depth: int = 0) -> Iterator[Any]:
    """Give values of a linked schema so that every branch, symbol and field is in one of them."""
    kind = "union" if is_union(schema) else kind_of(schema)
    if kind == "union":
        for branch in schema if depth < DEEP else [branch for branch in schema if branch == "null"] or schema:
            name = branch if isinstance(branch, str) else branch.get("name")
            yield from ((name, value) if name else value for value in values_of(branch, depth))
    elif kind in PRIMITIVES:
        yield SAMPLES[kind]
    elif kind == "enum":
        yield from schema["symbols"]
    elif kind == "fixed":
        yield bytes(schema["size"])
    elif kind == "array":
        yield from ([item] for item in values_of(schema["items"], depth + 1)) if depth < DEEP else [[]]
    elif kind == "map":
        yield from ({"k": item} for item in values_of(schema["values"], depth + 1)) if depth < DEEP else [{}]
    else:
        columns = {entry["name"]: list(values_of(entry["type"], depth + 1)) for entry in schema["fields"]}
        plain = {name: column[0] for name, column in columns.items()}
        yield from ({**plain, name: value} for name, column in columns.items() for value in column)


def written(schema: Any, value: Any) -> bytes:
    file = BytesIO()
    fastavro.schemaless_writer(file, schema, value)
    return file.getvalue()


def through(writer: Any, reader: Any, value: Any) -> Any:
    return fastavro.schemaless_reader(BytesIO(written(writer, value)), writer, reader)


def refused(writer: Any, reader: Any, sent: Iterable[bytes] | None = None) -> list[str]:
    """List what fastavro raises for what a writer sent that it cannot read; for values of all its branches if None."""
    found = []
    for data in [written(writer, value) for value in values_of(linked(writer))] if sent is None else sent:
        try:
            fastavro.schemaless_reader(BytesIO(data), writer, reader)
        except (fastavro.read.SchemaResolutionError, KeyError) as error:
            found.append(f"{data!r}: {error!r}")
    return found


@pytest.mark.parametrize("writer", sorted(SAMPLES))
@pytest.mark.parametrize("reader", sorted(SAMPLES))
def test_a_primitive_type_that_fits_is_read_and_is_the_same_unless_the_promotion_is_lossy(
    writer: str, reader: str
) -> None:
    assert bool(misfits(writer, reader)) == bool(refused(writer, reader))
    if not misfits(writer, reader) and {writer, reader} != {"string", "bytes"} and (writer, reader) not in LOSSY:
        assert through(writer, reader, SAMPLES[writer]) == SAMPLES[writer]


def fixed(name: str = "f", size: int = 2, **more: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size, **more}


def enum(name: str = "e", symbols: str = "AB", **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": list(symbols), **more}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def mapping(values: Any) -> dict[str, Any]:
    return {"type": "map", "values": values}


def named(name: str, *fields: Any, **more: Any) -> dict[str, Any]:
    """Give a record; a field is a name, a type and perhaps other properties."""
    entries = [{"name": field, "type": kind, **dict(*other)} for field, kind, *other in fields]
    return {"type": "record", "name": name, "fields": entries, **more}


A = ("a", "int")
CATALOGUE: tuple[Any, ...] = (
    "int", "string", "bytes", ["null", "int"], ["int", "null"], ["float", "long"], ["string", "bytes"],
    ["null", "double", "string"],
    fixed(), fixed(size=4), fixed("g"), fixed("x.f"), fixed(namespace="y"), fixed("g", aliases=["f"]),
    fixed("x.g", aliases=["f"]), fixed("x.g", aliases=["x.f"]), fixed("x.g", aliases=["y.f"]),
    enum(), enum("d"), enum(symbols="ABC"), enum(symbols="A"), enum(symbols="A", default="A"), enum("x.e"),
    enum("d", aliases=["e"]),
    named("r", A), named("r", ("a", "string")), named("s", A), named("s", A, aliases=["r"]), named("x.r", A),
    named("r", ("b", "int", {"aliases": ["c"]})), named("r", ("c", "int")), named("r", A, ("b", "int")),
    named("r", A, ("b", "int", {"default": 0})),
    named("r", ("a", fixed()), ("b", "f")), named("r", ("b", fixed())), named("r", ("a", fixed("g")), ("b", "g")),
    named("r", ("a", fixed("g", aliases=["f"])), ("b", "g")), named("r", ("a", fixed("x.f")), ("b", "x.f")),
    named("r", ("a", fixed()), ("b", ["null", "f"])), named("x.r", ("a", fixed()), ("b", ["null", "f"])),
    named("r", ("a", fixed()), ("b", array("f"))), named("r", ("b", array(fixed()))), named("r", ("b", "bytes")),
    named("r", ("b", array(fixed(size=3)))), named("r", ("b", mapping(fixed("g")))),
    named("r", ("a", fixed()), ("b", mapping("f"))), named("r", ("a", fixed()), ("b", mapping(["null", "f"]))),
    named("r", ("n", ["null", "r"])), named("x.r", ("n", ["null", "r"])), named("s", ("n", ["null", "s"])),
    named("s", ("n", ["null", "s"]), aliases=["r"]), named("r", ("n", ["null", "r"]), A),
    named("r", ("n", ["null", "r"]), ("a", "int", {"default": 0})), named("r", ("n", ["null", "r"]), ("a", "string")),
    named("r", ("n", array("r"))), named("r", ("n", mapping("r"))),
    [fixed(), "null"], ["null", fixed("g")], ["null", fixed("x.f"), fixed("y.f", 4)], ["bytes", fixed()],
    ["null", fixed("y.f", 4), fixed("x.f")], [named("x.r", A), named("y.r", ("a", "string"))],
    ["null", named("r", A)], ["null", named("r", ("a", "string"))],
    array("int"), array("long"), array("string"), array(["null", "int"]), array(fixed()), array(fixed("g")),
    ["null", array("int")], ["null", array(fixed())], [array("string"), mapping("int")],
    mapping("int"), mapping("string"), mapping(["null", "string"]), mapping(enum()),
)  # fmt: skip


@pytest.mark.parametrize("writer", CATALOGUE, ids=range(len(CATALOGUE)))
def test_a_schema_fits_exactly_if_fastavro_reads_with_it_what_the_writer_wrote(writer: Any) -> None:
    for reader in CATALOGUE:
        why, raised = misfits(writer, reader), refused(writer, reader)
        assert bool(why) == bool(raised), f"{reader}: {why or 'fits'}, and fastavro: {raised or 'reads'}"


NAMES = {"fixed": ("x.f", "y.f", "x.g"), "enum": ("x.e", "y.e", "x.d"), "record": ("x.r", "y.r", "x.s")}
"""Kinds share no name: what fastavro makes of such, see below."""


@st.composite
def schemas(draw: st.DrawFn, defined: dict[str, bool], depth: int = 3) -> Any:
    """Draw a schema that is no union; `defined` tells of each name whether its definition has ended."""
    known = [name for name, ended in defined.items() if ended]
    kind = draw(st.sampled_from(["primitive", *NAMES, "array", "map", *["reference"] * 3 * bool(known)]))
    if kind == "reference":
        return draw(st.sampled_from(known))
    if kind in ("array", "map") and depth:
        return (array if kind == "array" else mapping)(draw(unions(defined, depth - 1)))
    free = [name for name in NAMES.get(kind, ()) if name not in defined]
    if not free or not depth:
        return draw(st.sampled_from(sorted(SAMPLES)))
    name = draw(st.sampled_from(free))
    defined[name] = False
    aliases = draw(st.lists(st.sampled_from([*NAMES[kind], name[-1]]), max_size=1))
    makers: dict[str, Callable[..., Any]] = {"fixed": fixed, "enum": enum, "record": named}
    made = makers[kind](name, aliases=aliases)
    if kind == "fixed":
        made["size"] = draw(st.sampled_from([2, 2, 3]))
    elif kind == "enum":
        made |= draw(st.sampled_from([{}, {"symbols": ["A"]}, {"symbols": ["B"], "default": "B"}]))
    else:
        made["fields"] = [
            {"name": field, "type": (inner := draw(unions(defined, depth - 1))), **draw(extras(inner))}
            for field in draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True))
        ]
    defined[name] = True
    return made


@st.composite
def unions(draw: st.DrawFn, defined: dict[str, bool], depth: int) -> Any:
    """Draw a union of types with different names, or, more often, one type."""
    branches: dict[str, Any] = {}
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        before = dict(defined)
        branch = draw(schemas(defined, depth))
        key = branch if isinstance(branch, str) else branch.get("name", branch["type"])
        if key in branches:  # a union has one array and one map at most: leave it out, with the names that it defined
            defined.clear()
            defined.update(before)
        branches.setdefault(key, branch)
    return list(branches.values()) if len(branches) > 1 else next(iter(branches.values()))


def extras(kind: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Give what a field has beside its name and type: an alias, or a default where one is easily said."""
    default = {"default": None} if "null" in (kind, kind[0] if is_union(kind) else kind) else {"aliases": ["d"]}
    return st.sampled_from([{}, {}, {"aliases": ["c"]}, default])


@given(st.builds(dict).flatmap(schemas), st.builds(dict).flatmap(schemas))
def test_any_schema_fits_exactly_if_fastavro_reads_with_it(writer: Any, reader: Any) -> None:
    why = misfits(writer, reader)
    assume(not any("which are both it" in one for one in why))
    try:
        sent = [written(writer, value) for value in values_of(linked(writer))]
    except ValueError:  # fastavro does not see through a hint within an array within a union
        reject()
    try:
        raised = refused(writer, reader, sent)
    except TypeError:  # it fails over a name against a definition within a union; see below
        reject()
    assert bool(why) == bool(raised), (why, raised)


@pytest.mark.parametrize(
    ("writer", "reader", "why", "raises"),
    [
        (fixed(), enum("f"), "fixed cannot be read as enum", None),
        (named("r", A, ("b", "int")), named("r", ("b", "int", {"aliases": ["a"]})), "a and b, which are both it", None),
        (named("r", ("b", "int"), A), named("r", ("b", "int", {"aliases": ["a"]})), "b and a, which are both it",
         KeyError),
        (named("x.t", A), [enum("y.t"), named("x.t", A)], "", KeyError),
        (named("r", ("a", fixed()), ("b", "f")), named("r", ("b", ["null", fixed()])), "", TypeError),
    ],
)  # fmt: skip
def test_where_fastavro_does_not_follow_the_specification_this_does(
    writer: Any, reader: Any, why: str, raises: type[Exception] | None
) -> None:
    assert (why in "; ".join(misfits(writer, reader))) if why else (misfits(writer, reader) == [])
    value = next(values_of(linked(writer)))
    if raises is None:
        through(writer, reader, value)
    else:
        with pytest.raises(raises):
            through(writer, reader, value)


def test_what_a_schema_wrote_is_read_with_the_same_schema() -> None:
    union = [named("x.r", A), named("y.r", ("a", "string"))]
    assert misfits(union, union) == []
    assert misfits([*union, "null"], [*union, "long"])


def test_decimals_of_another_scale_fit_as_fastavro_reads_them_though_the_specification_says_they_do_not() -> None:
    assert misfits(AMOUNT, CENTS) == []
    assert str(through(AMOUNT, CENTS, Decimal("12.30"))) == "12.30"
    assert misfits(AMOUNT, CENTS, strict=True) == [
        "the schema: decimal precision 18 scale 2 read as decimal precision 18 scale 4"
    ]


# names


@pytest.mark.parametrize("paid", ["Money", "shop.Money", {"type": "Money"}])
def test_a_type_that_is_referred_to_by_name_is_looked_up(paid: Any) -> None:
    def money(kind: str) -> Any:
        return named("shop.Money", ("cents", kind))

    old, new = (
        named("shop.Order", ("price", money("long")), ("paid", paid)),
        named("shop.Order", ("paid", money("int"))),
    )
    assert misfits(old, new) == ["paid.cents: long cannot be read as int"]
    assert misfits(old, named("shop.Order", ("price", money("double")), ("paid", paid))) == []


def test_a_type_that_contains_itself_is_compared_once() -> None:
    tree, wider = (named("tree", ("value", kind), ("left", ["null", "tree"])) for kind in ("int", "long"))
    assert misfits(tree, wider) == []
    assert misfits(wider, tree) == ["value: long cannot be read as int"]


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (named("shop.Order", ("paid", "Money")), "shop.Money is no type of Avro, and is not defined before it is used"),
        (named("r", ("a", fixed()), ("b", fixed())), "f is defined twice"),
        ("strng", "strng is no type of Avro"),
    ],
)
def test_a_schema_with_a_name_that_is_unknown_or_taken_is_not_registered(schema: Any, why: str) -> None:
    registry = Registry("none")
    with pytest.raises(InvalidSchema, match=why):
        registry.register("s", schema)
    assert registry.subjects.get("s", []) == []


def test_a_strict_registry_judges_the_branch_that_a_reader_takes_which_is_the_first_that_matches() -> None:
    assert misfits("long", ["double", "long"], strict=True) == ["the schema: long read as double loses digits"]
    assert misfits("long", ["long", "double"], strict=True) == []
    assert through("long", ["double", "long"], 2**53 + 1) == 2.0**53
