"""One letter for each record."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.evolution.judge import LETTERS, Refused, cell, judge, same


@pytest.mark.parametrize(
    ("sent", "got", "letter"),
    [
        ({"a": 5}, {"a": 5}, "="),
        ({"a": 5}, {"a": "5"}, "="),
        ({"a": 1.5}, {"a": "1.50"}, "="),
        ({"a": 5}, {}, "="),
        ({}, {"a": None}, "n"),
        ({}, {"a": 0}, "z"),
        ({}, {"a": ""}, "z"),
        ({"a": 5}, {"a": None}, "L"),
        ({"a": 5}, {"a": 0}, "L"),
        ({"a": 5}, {"a": 6}, "W"),
        ({"a": 5}, {"a": "five"}, "W"),
        ({}, {"a": 6}, "W"),
        ({"a": 5}, Refused("no"), "E"),
        ({"a": 5}, {"a": 6, "b": None}, "W"),
        ({"a": 0}, {"a": 0}, "="),
    ],
)
def test_a_record_has_the_letter_of_its_worst_field(sent: dict[str, object], got: object, letter: str) -> None:
    assert judge(sent, got) == letter  # type: ignore[arg-type]


def test_a_renamed_field_is_compared_with_the_one_that_is_meant() -> None:
    assert judge({"balance": 5}, {"amount": 5}, lambda name: "balance") == "="
    assert judge({"balance": 5}, {"amount": 5}) == "W"


@given(st.integers() | st.text() | st.floats(allow_nan=False))
@settings(max_examples=50)
def test_every_value_is_the_same_as_itself(value: object) -> None:
    assert same(value, value)


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({"=": 100}, "="),
        ({"E": 95, "W": 5}, "Ew"),
        ({"E": 90, "W": 10}, "EW"),
        ({"L": 99, "=": 1}, "L"),
        ({"n": 1}, "n"),
    ],
)
def test_a_cell_writes_small_what_is_rare_and_leaves_out_what_is_rare_and_harmless(
    counts: dict[str, int], text: str
) -> None:
    assert set(counts) <= set(LETTERS)
    assert cell(counts) == text
