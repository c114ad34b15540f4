"""The material of chapter 28's exercises."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.operations.postmortems.document import State
from companion.operations.postmortems.exercises import outage, some_night
from companion.operations.postmortems.reading.read import parse
from tests.chapters.test_lines_28 import lines

SILENT = lines("017", "names =")["silent"]


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_a_night_has_the_silences_that_the_reader_of_timelines_finds(seed: int) -> None:
    clocks, most, expected = some_night(seed)
    told = "".join(f"- {clock} something\n" for clock in clocks)
    found = SILENT(parse(f"# T\n\n## Timeline\n\n{told}").timeline, most)
    assert [(one.split(" - ")[-1], other.split(" - ")[0]) for one, other in found] == expected


def test_nights_are_long_and_short_of_words_by_chance() -> None:
    nights = [some_night(seed) for seed in range(50)]
    assert {bool(silent) for *_, silent in nights} == {True, False}
    assert any(" - " in clock for clocks, *_ in nights for clock in clocks)


def test_an_outage_is_read_as_it_was_written() -> None:
    document = outage([("2026-05-01", "Lessons 1, 3", "Open"), ("", "", "Won't do")], " (Action 2)")
    assert [(one.number, one.actions) for one in document.lessons] == [("1", ()), ("2", ("2",)), ("3", ())]
    assert [(one.number, one.state, one.lessons) for one in document.actions] == [
        ("1", State.OPEN, ("1", "3")), ("2", State.DROPPED, ())
    ]  # fmt: skip
