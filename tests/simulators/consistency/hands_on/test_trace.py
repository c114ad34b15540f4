"""The traces of the player: the simulator's own run, and sentences that fit it."""

from __future__ import annotations

import json

import pytest

from companion.simulators.consistency.hands_on.trace import END, trace

RUNS = [("one", True), ("one+gossip", True), ("majority", False), ("majority", True), ("all", True)]
SEEDS = range(11, 17)


@pytest.mark.parametrize(("level", "cut"), RUNS)
@pytest.mark.parametrize("seed", SEEDS)
def test_messages_cross_a_cut_never_and_otherwise_arrive_later_than_they_were_sent(
    level: str, cut: bool, seed: int
) -> None:
    data = trace("a run", level, cut=cut, seed=seed).data
    start, end, after = data["cut"] or (0, 0, 0)
    for who, whom, sent, arrives, _, _ in data["messages"]:
        crosses = bool(data["cut"]) and start <= sent < end and (who <= after) != (whom <= after)
        assert crosses == (arrives is None)
        assert arrives is None or arrives > sent


@pytest.mark.parametrize(("level", "cut"), RUNS)
@pytest.mark.parametrize("seed", SEEDS)
def test_an_operation_ends_with_the_answer_that_it_waits_for(level: str, cut: bool, seed: int) -> None:
    for _, begun, ended, _, verdict, need, replies in trace("a run", level, cut=cut, seed=seed).data["operations"]:
        assert all(reply > begun for reply in replies)
        if ended is not None and ended <= END and verdict != "given up":
            assert sorted(replies)[need - 1] == ended
        elif verdict == "given up":
            assert sum(reply <= ended for reply in replies) < need


@pytest.mark.parametrize("seed", SEEDS)
def test_the_levels_do_during_the_cut_what_the_chapter_says(seed: int) -> None:
    def verdicts(level: str, client: int) -> list[str]:
        data = trace("a run", level, cut=True, seed=seed).data
        return [one[4] for one in data["operations"] if one[0] == client and 200 < one[1] < 300]

    assert "stale" in verdicts("one", 6) and "given up" not in verdicts("one", 0) + verdicts("one", 6)
    assert set(verdicts("majority", 0)) == {""} and "stale" not in verdicts("majority", 6)
    assert "given up" in [one[4] for one in trace("a run", "majority", cut=True, seed=seed).data["operations"]]
    assert "stale" not in verdicts("all", 0) + verdicts("all", 6)


@pytest.mark.parametrize(("level", "cut"), RUNS)
def test_steps_come_in_the_order_of_time_and_the_trace_is_small(level: str, cut: bool) -> None:
    told = trace("a run", level, cut=cut, seed=11)
    times = [time for time, _ in told.steps]
    assert times == sorted(times) and times[0] == 0 and times[-1] < END and len(times) >= 3
    assert len(json.dumps(told.data)) < 20_000
