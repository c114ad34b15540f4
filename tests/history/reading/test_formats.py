"""The same events in each form, found out by how it begins."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from companion.history import HistoryError
from companion.history.reading import formats
from companion.history.reading.formats import events_of

EVENTS = [
    {"process": 0, "type": "invoke", "f": "write", "value": 4},
    {"process": 0, "type": "ok", "f": "write", "value": 4},
    {"process": "nemesis", "type": "info", "f": "start", "value": None},
]
LINES = "\n".join(map(json.dumps, EVENTS))
EDN = [
    "{:process 0, :type :invoke, :f :write, :value 4}",
    "#jepsen.history.Op{:process 0, :type :ok, :f :write, :value 4}",
    "{:process :nemesis, :type :info, :f :start, :value nil}",
]


def cut(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("text", "places", "numbers"),
    [
        (LINES, "lines", [1, 2, 3]),
        ("\n" + LINES.replace("\n", "\r\n\r\n") + "\n", "lines", [2, 4, 6]),
        (json.dumps(EVENTS), "events", [1, 2, 3]),
        (json.dumps(EVENTS, indent=2) + "\n", "events", [1, 2, 3]),
        ("\n".join(EDN), "lines", [1, 2, 3]),
        ("; a comment\n" + "\n\n".join(EDN) + "\n; the end", "lines", [2, 4, 6]),
        ("; a comment\n[" + "\n ".join(EDN) + "]\n", "events", [1, 2, 3]),
        ("(" + " ".join(EDN) + ")", "events", [1, 2, 3]),
    ],
)
def test_each_form_gives_the_same_events(text: str, places: str, numbers: list[int], size: int) -> None:
    found, events = events_of(cut(text, size))
    listed = list(events)
    assert found == places
    assert [place for place, _ in listed] == numbers
    assert [event for _, event in listed] == EVENTS


def test_the_log_of_jepsen_is_read_between_other_lines() -> None:
    log = (
        "INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2]\nINFO something else 7 :up\n"
        "INFO [2026-12-02 10:00:00] jepsen worker 0 - jepsen.util 0\t:info\t:cas\t:timed-out\n"
        "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\nINFO  jepsen.util - 3\t:ok\t:read\tnil\n"
    )
    places, events = events_of([log])
    assert places == "lines"
    assert list(events) == [
        (1, {"process": "0", "type": "invoke", "f": "cas", "value": [1, 2]}),
        (3, {"process": "0", "type": "info", "f": "cas", "value": None}),
        (4, {"process": "nemesis", "type": "info", "f": "start", "value": None}),
        (5, {"process": "3", "type": "ok", "f": "read", "value": None}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "line 1: not JSON"),
        ('{"a": 1}\n{"a": 1e999}', "line 2: not JSON .1e999 is too large"),
        ('[{"a": 1},\n{"a" 2}]', "line 2: not JSON"),
        ('[{"a": 1}', "line 1: not JSON .the array is not closed"),
        ('[{"a": 1}]\n]', "line 2: something follows"),
        ("[{:a 1}\n 7]", "event 2: 7 is no object"),
        ("[{:a 1}\n {:b]", "line 2: not EDN"),
        ("{:a 1}\n]", "event 2: missing is no object"),
    ],
)
def test_what_is_none_of_them_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(HistoryError, match=said):
        list(events_of([text])[1])


@pytest.mark.parametrize("begin", ['{"a": "', '[{"a": "', '[{:a "', "[{:a 1} "])
def test_one_event_is_bounded(begin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "LONGEST", 10_000)
    endless = (begin if number == 0 else "x" * 1000 if '"' in begin else " " * 1000 for number in range(10_000))
    with pytest.raises(HistoryError):
        list(events_of(endless)[1])
    assert sum(1 for _ in endless) > 9_900, "no more was read than is allowed"
