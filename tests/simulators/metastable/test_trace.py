"""The trace of a run tells of the same run, and nothing of the run changes because somebody listens."""

from __future__ import annotations

import json
import re
from math import inf
from typing import Any

import pytest

from companion.player import LARGEST, MIME, NEVER, unpack
from companion.simulators.metastable import PRESETS, simulate
from companion.simulators.metastable.trace import journeys, outage, play_spike, trace

UNTIL = 75.0


@pytest.fixture(scope="module", params=["collapse", "one_retry", "no_retries", "bounded_queue"])
def both(request: Any) -> tuple[Any, Any]:
    settings = PRESETS[request.param].settings()
    return journeys(settings, UNTIL), simulate(settings, duration=UNTIL)


def test_every_attempt_and_every_answer_is_told_once(both: tuple[Any, Any]) -> None:
    seen, run = both
    ended = [one for one in seen if one.ended <= UNTIL]
    in_time = sum(one.ended - one.sent < 1 for one in ended)
    assert len(seen) == run.totals["attempts"] - run.totals["refused"]
    assert (in_time, len(ended) - in_time) == (run.totals["answered"], run.totals["late"])


def test_nobody_is_served_before_whoever_came_first(both: tuple[Any, Any]) -> None:
    began = [one.began for one in both[0]]
    assert began == sorted(began)


def test_no_more_are_served_at_once_than_there_are_workers(both: tuple[Any, Any]) -> None:
    for moment in (10.0, 63.0, 70.0, 74.9):
        assert sum(one.began <= moment < one.ended for one in both[0]) <= 10


def test_the_packed_trace_gives_the_moments_to_the_millisecond() -> None:
    settings, start, end = PRESETS["collapse"].settings(), 60.0, 70.0
    seen = [one for one in journeys(settings, end) if one.ended >= start]
    data = trace("the spike", settings, start, end, steps=()).data
    sent, clock = [], data["first"]
    for step in unpack(data["sent"]):
        clock += step / 1000
        sent.append(clock)
    assert sent == pytest.approx([one.sent for one in seen], abs=0.0011)
    served = unpack(data["served"])
    begun = [one for one in seen if one.began < inf][: len(served)]
    assert [one.ended - one.began for one in begun] == pytest.approx([length / 1000 for length in served], abs=0.0006)
    assert NEVER not in served


def test_the_outage_fits_into_a_page_and_says_what_ends_it() -> None:
    told = {one.name: one for one in outage(11)}
    assert sum(len(json.dumps(one.data)) for one in told.values()) < LARGEST
    ends = {name: int(re.findall(r"(\d+) got an answer in time", one.steps[-1][1])[0]) for name, one in told.items()}
    assert {name for name, answered in ends.items() if answered > 50} == {"no retries", "retries off, queue dropped"}
    assert {name for name, answered in ends.items() if 10 < answered < 30} == {"callers away, queue dropped"}
    assert told["retries off, queue dropped"].preset == "way_out"
    assert told["callers away, queue dropped"].preset == ""  # no scenario of the panel does both
    assert all(one.start <= time <= one.end for one in told.values() for time, _ in one.steps)


def test_what_opens_the_chapter_gives_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", lambda content, **_: shown.append(content[MIME]))
    play_spike(11)
    (only,) = shown[0]["traces"]
    assert (only["end"], only["preset"]) == (70.0, "")
    moments = [time for time, _ in only["steps"]]
    assert moments == sorted(set(moments)) and only["steps"][-1][1].startswith("The spike is over.")


def test_a_queue_that_is_thrown_away_is_gone_from_the_trace() -> None:
    settings = PRESETS["queue_dropped"].settings(drop_queue_at=75.0)
    data = trace("dropped", settings, 73.0, 80.0, steps=()).data
    dropped = simulate(settings, duration=80.0).totals["dropped"]
    assert data["dropped"] == 75.0
    assert unpack(data["began"]).count(NEVER) == dropped > 1000
