"""Lengths of time and amounts, as they are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.rules.quantities import counted, lengths
from tests.operations.postmortems.draws import tried


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("for 44 minutes", [44]),
        ("1 hour and 12 minutes", [72]),
        ("1h 30m", [90]),
        ("a 23-minute outage", [23]),
        ("two hours", [120]),
        ("half an hour", [30]),
        ("1.5 hours", [90]),
        ("90 seconds", [1.5]),
        ("an hour, then 5 min", [60, 5]),
        ("at 14:38 on 12 May, version 3.2", []),
    ],
)
def test_lengths_are_read_in_digits_and_in_words(text: str, minutes: list[float]) -> None:
    assert [length.minutes for length in lengths(text)] == minutes


def test_a_rounded_length_has_more_grace_than_an_exact_one() -> None:
    (exact,), (about,) = lengths("44 minutes"), lengths("about 44 minutes")
    assert exact.grace == 2
    assert about.grace > 5
    assert about.words == "about 44 minutes"


@tried(50)
@given(st.integers(3, 59), st.integers(1, 20))
def test_any_number_of_hours_and_minutes_adds_up(minutes: int, hours: int) -> None:
    (length,) = lengths(f"It lasted {hours} hours and {minutes} minutes.")
    assert length.minutes == 60 * hours + minutes


@tried(50)
@given(st.text(max_size=300))
def test_nothing_that_anybody_writes_is_an_exception(text: str) -> None:
    list(lengths(text))
    counted(text)
