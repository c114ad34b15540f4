"""A verdict does not hang on the order in which files, messages, fields and methods are read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.verdict import MarkedField, MarkedMessage, MarkedSchema
from companion.schemas.protobuf.model import Kind, Span

WRAPPED = Path(__file__).parents[4] / "data" / "pii" / "wrapped"
RULES = load_rules()


def shuffled(schemas: Sequence[MarkedSchema], seed: int) -> list[MarkedSchema]:
    dice = random.Random(seed)
    return [
        replace(
            schema,
            messages=tuple(
                replace(message, fields=tuple(dice.sample(message.fields, len(message.fields))))
                for message in dice.sample(schema.messages, len(schema.messages))
            ),
            methods=tuple(dice.sample(schema.methods, len(schema.methods))),
        )
        for schema in dice.sample(list(schemas), len(schemas))
    ]


def said(schemas: Sequence[MarkedSchema], rules: Rules = RULES) -> dict[tuple[str, str, str], tuple[object, ...]]:
    return {
        (each.path, each.message, each.field.name): (each.level, each.pii_type, each.reason, each.source, each.about)
        for each in classify(schemas, rules)
    }


def in_orders(schemas: Sequence[MarkedSchema], orders: int) -> None:
    first = said(schemas)
    assert all(said(shuffled(schemas, seed)) == first for seed in range(orders))


@pytest.fixture(scope="module")
def twelve() -> list[MarkedSchema]:
    """The twelve schemas whose values are wrapped: they hold each other, and types that all of them share."""
    schemas, problems = read_marked([WRAPPED / "mend", WRAPPED / "exam"], [WRAPPED / "vendored"])
    assert problems == [] and sum(schema.judged for schema in schemas) == 12
    return schemas


def test_twelve_schemas_have_one_verdict_in_ten_orders(twelve: list[MarkedSchema]) -> None:
    in_orders(twelve, 10)


@pytest.mark.soak
def test_twelve_schemas_have_one_verdict_in_500_orders(twelve: list[MarkedSchema]) -> None:
    in_orders(twelve, 500)


MESSAGES = ("Box", "Knob", "Customer", "Warehouse", "Amount", "Status", "GetUserResponse", "Zebra")
FIELDS = (
    "name", "id", "email", "dob", "value", "unit", "owner", "patient", "salary", "city", "street", "note", "status",
    "knob", "box",
)  # fmt: skip
FIELD = st.tuples(st.sampled_from(FIELDS), st.sampled_from(("", *MESSAGES)))
# Any messages that hold any others, themselves too, in fields that are called like persons, things and values.
SCHEMAS = st.lists(
    st.lists(FIELD, max_size=4, unique_by=lambda field: field[0]), min_size=len(MESSAGES), max_size=len(MESSAGES)
)


def schema_of(fields: Sequence[Sequence[tuple[str, str]]]) -> MarkedSchema:
    def field(number: int, name: str, held: str) -> MarkedField:
        kind, type_ = (Kind.MESSAGE, f"p.{held}") if held else (Kind.TEXT, "string")
        return MarkedField(name, number, kind, type_, 1, Span(0, 1))

    messages = tuple(
        MarkedMessage(
            name, f"p.{name}", 1, Span(0, 1), tuple(field(i, one, held) for i, (one, held) in enumerate(of, start=1))
        )
        for name, of in zip(MESSAGES, fields, strict=True)
    )
    return MarkedSchema("a.proto", "p", b"", messages, ())


@given(SCHEMAS, st.integers(0, 2**16))
def test_messages_that_hold_each_other_in_any_way_have_one_verdict_in_any_order(
    fields: list[list[tuple[str, str]]], seed: int
) -> None:
    schemas = [schema_of(fields)]
    assert said(shuffled(schemas, seed)) == said(schemas)


def test_two_messages_that_are_swapped_have_the_same_personal_fields() -> None:
    one = [[("name", ""), ("knob", "Knob")], [("id", ""), ("box", "Box")], [("knob", "Knob"), ("email", "")]]
    schema = schema_of([*one, *([[]] * (len(MESSAGES) - 3))])
    swapped = replace(schema, messages=tuple(reversed(schema.messages)))
    assert said([schema]) == said([swapped])
    assert [key[1:] for key, value in said([schema]).items() if value[1]] == [
        ("Box", "name"), ("Box", "knob"), ("Knob", "box"), ("Customer", "knob"), ("Customer", "email"),
    ]  # fmt: skip
