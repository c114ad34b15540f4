"""A supervisor mends what its strategy says, in order, never more often than it is allowed to, and then gives up."""

from __future__ import annotations

import random
import signal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.concurrency.supervisor.children import ChildError, Process
from companion.calls.concurrency.supervisor.scripted import Clock, Scripted, play
from companion.calls.concurrency.supervisor.supervisor import STRATEGIES, Supervisor, nest


def told(supervisor: Supervisor) -> list[str]:
    return [f"{event.kind} {event.name}" for event in supervisor.events]


@pytest.mark.parametrize(
    ("strategy", "starts", "after"),
    [
        ("one_for_one", [1, 2, 1], ["down b", "start b"]),
        ("one_for_all", [2, 2, 2], ["down b", "stop c", "stop a", "start a", "start b", "start c"]),
        ("rest_for_one", [1, 2, 2], ["down b", "stop c", "start b", "start c"]),
    ],
)
def test_a_killed_process_is_started_again_with_those_that_its_strategy_names(
    strategy: str, starts: list[int], after: list[str]
) -> None:
    team = [Process(name) for name in "abc"]
    with Supervisor(team, strategy) as supervisor:
        team[1].send(signal.SIGKILL)
        assert supervisor.settle() == 1
        assert [child.starts for child in team] == starts
        assert all(child.reason() is None for child in team)
        assert told(supervisor) == ["start a", "start b", "start c", *after]
    assert told(supervisor)[-3:] == ["stop c", "stop b", "stop a"]
    assert all(child.reason() is not None for child in team)


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_a_storm_of_real_kills_is_mended_as_often_as_the_strategy_says(strategy: str) -> None:
    team = [Process(name) for name in "abc"]
    due = [1, 1, 1]
    with Supervisor(team, strategy, restarts=5, within=3600) as supervisor:
        for place in random.Random(3).choices(range(3), k=5):
            team[place].send(signal.SIGKILL)
            assert supervisor.settle() == 1
            for other in STRATEGIES[strategy](place, 3):
                due[other] += 1
        assert [child.starts for child in team] == due
        team[0].send(signal.SIGKILL)
        assert supervisor.reason() == "gave up"
        assert [child.starts for child in team] == due
        assert all(child.reason() is not None for child in team)


def test_real_crashes_in_a_row_end_the_supervisor_and_whoever_lives_beside() -> None:
    good, bad = Process("good"), Process("bad", crash=True)
    with Supervisor([good, bad], restarts=2, within=3600) as supervisor:
        assert not supervisor.watch(lambda: False, 60)
        assert (supervisor.reason(), bad.starts, good.starts) == ("gave up", 3, 1)
        assert good.reason() == "SIGTERM"
        assert told(supervisor)[-2:] == ["stop good", "gives up supervisor"]


@pytest.mark.parametrize("depth", [1, 2])
def test_nested_supervisors_multiply_the_starts_of_a_real_child(depth: int) -> None:
    leaf = Process("leaf", crash=True)
    with nest(leaf, depth, restarts=3, within=3600) as top:
        top.watch(lambda: False, 60)
        assert (top.reason(), leaf.starts) == ("gave up", 4**depth)


def test_a_hang_is_no_crash_and_a_heartbeat_finds_it() -> None:
    silent, beating = Process("silent", grace=0.05), Process("beating", beat=0.05, missed=10, grace=0.05)
    with Supervisor([silent, beating]) as supervisor:
        for child in (silent, beating):
            child.send(signal.SIGSTOP)
        assert supervisor.watch(lambda: beating.starts == 2, 60)
        assert silent.starts == 1
        assert ("down", "beating", "no heartbeat") in {(one.kind, one.name, one.reason) for one in supervisor.events}


def test_if_one_child_does_not_come_up_those_before_it_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Process("first"), Process("second")
    monkeypatch.setattr(second, "start", lambda: (_ for _ in ()).throw(ChildError("second: no")))
    with pytest.raises(ChildError):
        Supervisor([first, second]).start()
    assert first.reason() == "SIGTERM"


def test_a_supervisor_that_gave_up_does_nothing_more_until_it_is_started_and_then_has_forgotten() -> None:
    clock = Clock()
    child = Scripted("a", clock, [0, 0, 0, 0])
    supervisor = Supervisor([child], restarts=1, within=10, clock=clock)
    supervisor.start()
    assert (supervisor.reason(), child.starts, supervisor.step()) == ("gave up", 2, False)
    supervisor.start()
    assert (supervisor.reason(), child.starts) == ("gave up", 4)
    supervisor.start()
    assert (supervisor.reason(), child.starts) == (None, 5)  # its script has no more crashes
    supervisor.stop()
    assert supervisor.reason() == "shutdown"


def test_a_storm_without_an_end_is_an_error_and_no_loop() -> None:
    clock = Clock()
    child = Scripted("a", clock, iter(int, 1))
    supervisor = Supervisor([child], restarts=10**9, within=10, clock=clock)
    supervisor.start()
    with pytest.raises(RuntimeError, match="children still die after 50 restarts"):
        supervisor.settle(50)


@pytest.mark.parametrize("wrong", [{"strategy": "all_for_one"}, {"restarts": -1}, {"within": -1.0}])
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"all_for_one|negative"):
        Supervisor([], **wrong)  # type: ignore[arg-type]


STORMS = st.lists(st.lists(st.integers(0, 30), max_size=8), min_size=1, max_size=4)


@settings(max_examples=50, deadline=None)
@given(STORMS, st.sampled_from(sorted(STRATEGIES)), st.integers(0, 4), st.integers(0, 40))
def test_in_every_storm_of_crashes_the_limit_and_the_order_are_kept(
    lives: list[list[int]], strategy: str, restarts: int, within: int
) -> None:
    clock = Clock()
    team = [Scripted(str(place), clock, script) for place, script in enumerate(lives)]
    supervisor = Supervisor(team, strategy, restarts=restarts, within=within, clock=clock)
    play(supervisor, team, clock, until=1000)
    downs = [event.at for event in supervisor.events if event.kind == "down"]
    gave_up = supervisor.reason() == "gave up"
    mended = downs[:-1] if gave_up else downs
    assert all(late - early > within for early, late in zip(mended, mended[restarts:], strict=False))
    if gave_up:
        assert downs[-1] - downs[-1 - restarts] <= within
        assert all(child.reason() is not None for child in team)
    else:
        assert all(child.reason() is None for child in team)
    for number, event in enumerate(supervisor.events):
        if event.kind == "down":
            after = supervisor.events[number + 1 :]
            end = next((n for n, one in enumerate(after) if one.kind == "down"), len(after))
            stops = [int(one.name) for one in after[:end] if one.kind == "stop"]
            starts = [int(one.name) for one in after[:end] if one.kind == "start"]
            dead = int(event.name)
            everyone = [place for place in range(len(team)) if place != dead]
            if number == max(n for n, one in enumerate(supervisor.events) if one.kind == "down") and gave_up:
                assert (stops, starts) == (everyone[::-1], [])
            else:
                group = {
                    "one_for_one": [dead],
                    "one_for_all": list(range(len(team))),
                    "rest_for_one": list(range(dead, len(team))),
                }[strategy]
                assert starts == group
                assert stops == [place for place in reversed(group) if place != dead]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=4), st.sampled_from(sorted(STRATEGIES)))
def test_after_any_order_of_kills_of_scripted_children_starts_come_from_left_to_right(
    kills: list[int], strategy: str
) -> None:
    clock = Clock()
    team = [Scripted(name, clock, ()) for name in "abc"]
    supervisor = Supervisor(team, strategy, restarts=99, within=9, clock=clock)
    supervisor.start()
    for place in kills:
        team[place].stop()  # dead, without its supervisor's doing
        assert supervisor.settle() == 1
    blocks: list[list[str]] = [[]]
    for event in supervisor.events:
        if event.kind == "start":
            blocks[-1].append(event.name)
        elif event.kind == "down":
            blocks.append([])
    assert all(early < late for block in blocks for early, late in pairwise(block))
    assert len(blocks) == len(kills) + 1
