"""Moments of a timeline, in the order of their times."""

from __future__ import annotations

from companion.operations.postmortems.document import Phase
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.moments import rounded, section_at, telling, timed

DOCUMENT = parse(
    "# T\n\n## Timeline (UTC)\n\n- ~10:20 Alerts fire\n- ??:?? b\n- 10:00 Deployment begins\n- 10:40 Restored\n"
)


def test_entries_come_in_the_order_of_their_times_and_those_without_one_not_at_all() -> None:
    assert [entry.line for entry in timed(DOCUMENT)] == [7, 5, 8]


def test_entries_are_found_by_what_they_tell() -> None:
    assert [entry.line for entry in telling(DOCUMENT, Phase.DETECTED, Phase.RESOLVED)] == [5, 8]


def test_a_time_with_a_sign_before_it_is_rounded() -> None:
    assert [rounded(entry) for entry in timed(DOCUMENT)] == [False, True, False]


def test_a_line_stands_in_the_last_section_that_begins_before_it() -> None:
    assert [section_at([3, 7, 20], line) for line in (1, 3, 6, 7, 19, 99)] == [0, 3, 3, 7, 7, 20]
