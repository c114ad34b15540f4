"""Lines, times and indexes: what decides, and when nothing may."""

from __future__ import annotations

from typing import Any

import pytest

from companion.history import HistoryError, Operation
from companion.history.reading.order import by_moment, clients, held_against_times, moment, placed, widened
from companion.history.reading.pairing import Remarks


def timed(*times: Any, what: str = "time") -> list[tuple[int, dict[str, Any]]]:
    return [(line, {"process": 0, what: time}) for line, time in enumerate(times, start=1)]


def test_lines_that_agree_with_their_times_pass_and_equal_times_do() -> None:
    events = timed(1, 2, 2, None, 2.5)
    assert list(held_against_times(events)) == events


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (timed(5, 4), "line 2: time 4 comes after the 5 of line 1.*--order time"),
        (timed(0, 0, what="index"), "line 2: index 0 comes after the 0 of line 1.*--order index"),
        (timed("2026-01-01T00:00:01Z", "2026-01-01T00:00:00.999Z"), "line 2: time"),
        (timed(1, "2026-01-01"), "one kind"),
        (timed("yesterday"), 'line 1: "time" is "yesterday"'),
        (timed(True), 'line 1: "time" is true'),
    ],
)
def test_lines_that_their_times_contradict_are_refused(events: Any, said: str) -> None:
    with pytest.raises(HistoryError, match=said):
        list(held_against_times(events))


def test_texts_are_nanoseconds_and_zones_count() -> None:
    first = moment("2026-12-02T10:00:00.123456789Z", "time", 1)
    assert (
        first
        == moment("2026-12-02T11:00:00.123456789+01:00", "time", 1)
        == moment("2026-12-02 10:00:00,123456789", "time", 1)
    )
    assert moment("2026-12-02T10:00:00.123456790Z", "time", 1) - first == 1
    assert moment("1970-01-01T00:00:00.5Z", "time", 1) == 500_000_000
    assert widened(0.001, texts=True) == 1_000_000
    assert widened(2.5, texts=False) == 2.5


def test_the_nemesis_is_left_out_and_counted() -> None:
    seen = Remarks()
    events: list[tuple[int, dict[str, Any]]] = [
        (1, {"process": "nemesis"}),
        (2, {"process": 0}),
        (3, {"process": ":nemesis"}),
    ]
    assert list(clients(events, seen)) == [(2, {"process": 0})]
    assert seen.nemesis == 2


def test_sorting_keeps_lines_of_equal_times_and_is_bounded() -> None:
    found, moments, texts = by_moment(timed(3, 1, 3, 2), "time", 10**6)
    assert [line for line, _ in found] == [2, 4, 1, 3]
    assert moments == {1: 3, 2: 1, 3: 3, 4: 2}
    assert not texts
    with pytest.raises(HistoryError, match="--memory"):
        by_moment(timed(1, 2, 3), "time", 2_000)
    with pytest.raises(HistoryError, match='line 2: "time" is missing'):
        by_moment(timed(1, None), "time", 10**6)


def test_equal_times_overlap_and_uncertainty_makes_more_of_them_overlap() -> None:
    write, read = Operation("a", "write", "", "1", 1, 2), Operation("b", "read", "", None, 1, 2)
    first, second = ([write], {1: 0, 2: 10}), ([read], {1: 10, 2: 20})
    operations, lines = placed([first, second])
    assert [(one.invoked, one.returned) for one in operations] == [(1, 3), (2, 4)]
    assert lines == [0, 1, 1, 2, 2]
    apart = ([read], {1: 15, 2: 20})
    assert [(one.invoked, one.returned) for one in placed([first, apart])[0]] == [(1, 2), (3, 4)]
    assert [(one.invoked, one.returned) for one in placed([first, apart], 3)[0]] == [(1, 3), (2, 4)]
