"""The phases of an incident, read off what its timeline tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.document import Document, Entry, Phase
from companion.operations.postmortems.phases import Phases, lasting, phases, told
from tests.operations.postmortems.draws import few


def document(*entries: tuple[float | None, set[Phase]]) -> Document:
    timeline = tuple(
        Entry(line, "", start, None, None, "", "", False, frozenset(found))
        for line, (start, found) in enumerate(entries, 1)
    )
    return Document("x.md", "", None, {}, None, "en", (), timeline)


CHECKOUT = document(
    (872, {Phase.TRIGGER}), (878, {Phase.IMPACT}), (881, {Phase.DETECTED}), (903, {Phase.DIAGNOSED}),
    (907, {Phase.MITIGATING}), (922, {Phase.RESOLVED, Phase.IMPACT}),
)  # fmt: skip


def test_the_checkout_outage_has_the_minutes_that_its_times_give() -> None:
    found = phases(CHECKOUT)
    assert found == Phases(872, 878, 881, 903, 922)
    assert (found.to_detect, found.to_diagnose, found.to_restore, found.felt) == (9, 22, 19, 44)
    assert told(found) == (
        "Detected 9 min after the trigger, diagnosed 22 min later, restored 19 min after the diagnosis;"
        " customers were affected for 44 min"
    )


def test_what_no_entry_tells_is_unknown() -> None:
    found = phases(document((0, set()), (None, {Phase.DETECTED})))
    assert found == Phases() and found.felt is None and told(found) == ""


def test_without_a_trigger_detection_counts_from_the_first_impact() -> None:
    found = phases(document((10, {Phase.IMPACT}), (15, {Phase.DETECTED}), (40, {Phase.RESOLVED})))
    assert (found.trigger, found.to_detect) == (None, 5)
    assert told(found).startswith("Detected 5 min after the first impact, restored 25 min after the detection;")


def test_a_recovery_that_does_not_last_is_none() -> None:
    again = document(
        (0, {Phase.IMPACT}), (10, {Phase.RESOLVED}), (20, {Phase.IMPACT}), (35, {Phase.RESOLVED}),
        (900, {Phase.RESOLVED}),
    )  # fmt: skip
    assert phases(again).restored == 35


def test_what_is_deployed_after_the_detection_is_a_remedy() -> None:
    found = phases(document((614, {Phase.DETECTED}), (620, {Phase.DIAGNOSED}), (1005, {Phase.TRIGGER})))
    assert found == Phases(None, None, 614, 620, None)


def test_an_alert_may_come_before_customers_feel_it() -> None:
    found = phases(document((0, {Phase.TRIGGER}), (5, {Phase.DETECTED}), (9, {Phase.IMPACT}), (30, {Phase.RESOLVED})))
    assert (found.to_detect, found.felt) == (5, 21)


def test_the_end_of_an_alert_is_no_detection() -> None:
    found = phases(document((0, {Phase.TRIGGER}), (9, {Phase.DETECTED}), (20, {Phase.DETECTED, Phase.RESOLVED})))
    assert (found.detected, found.restored) == (9, 20)
    assert phases(document((0, {Phase.TRIGGER}), (20, {Phase.DETECTED, Phase.RESOLVED}))).detected is None


def test_a_word_of_impact_after_the_last_recovery_does_not_undo_it() -> None:
    assert phases(document((0, {Phase.IMPACT}), (10, {Phase.RESOLVED}), (700, {Phase.IMPACT}))).restored == 10


def test_what_resembles_a_trigger_and_comes_after_the_impact_is_none() -> None:
    found = phases(document((5, {Phase.IMPACT}), (30, {Phase.TRIGGER}), (9, {Phase.DETECTED})))
    assert (found.trigger, found.begin) == (None, 5)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h"), (65, "1 h 5 min"), (1440, "1 d"), (3060, "2 d 3 h"), (1439.6, "1 d")],
)
def test_lengths_of_time_are_said_for_people(minutes: float, said: str) -> None:
    assert lasting(minutes) == said


entries = st.tuples(st.none() | st.integers(0, 4000), st.sets(st.sampled_from(Phase)))


@few
@given(st.lists(entries, max_size=12))
def test_no_length_is_negative_and_no_moment_is_made_up(found: list[tuple[float | None, set[Phase]]]) -> None:
    read = phases(document(*found))
    starts = {start for start, _ in found}
    for moment in (read.trigger, read.impact, read.detected, read.diagnosed, read.restored):
        assert moment is None or moment in starts
    for length in (read.to_detect, read.to_diagnose, read.to_restore, read.felt):
        assert length is None or length >= 0
