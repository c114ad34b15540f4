"""The designs with real processes: killed, stopped, and continued past their leases."""

import random

import pytest

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda.client import SpaceClient
from companion.calls.coordination.linda.designs import FATES, POINTS
from companion.calls.coordination.linda.runs import MODULE, eaten, run
from companion.calls.coordination.linda.server import serve_space
from companion.calls.coordination.lines import NoAnswer
from companion.calls.coordination.puppets import Puppet

RIGHT = sum(range(1000))


@pytest.mark.parametrize(
    ("design", "fails", "found"),
    [
        ("no lease", [("holding", "killed")], 494_550),
        ("out, then done", [("holding", "paused")], 504_450),
        ("done, then out", [("between", "killed")], 494_550),
        ("done(lease, results)", [("holding", "paused"), ("holding", "killed"), ("after", "paused")], 499_500),
    ],
)
def test_processes_do_what_the_state_machine_says(design: str, fails: list[tuple[str, str]], found: int) -> None:
    assert run(design, fails) == found


def test_who_is_killed_while_it_waits_eats_nothing_and_who_is_stopped_returns_on_lease() -> None:
    assert eaten("killed", None) == (10, 10)
    assert eaten("paused", None) == (7, 7)
    assert eaten("paused", 10) == (7, 10)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_a_hundred_tasks_count_once_whichever_processes_fail(seed: int) -> None:
    draw = random.Random(seed)
    points = [point for point in POINTS if point != "between"]
    fails = [(draw.choice(points), draw.choice(FATES)) for _ in range(5)]
    assert run("done(lease, results)", fails, tasks=100) == sum(range(10_000))


def test_a_master_that_asks_for_every_result_waits_for_the_one_that_died() -> None:
    with serve_space(HandClock()) as address, SpaceClient(address) as master:
        for number in range(2):
            master.out(("task", number))
        with Puppet(MODULE, *address, "no lease") as first:
            first.until("holding")
        with Puppet(MODULE, *address, "no lease") as second:
            second.next_point()
            second.finish()
        assert master.take(("sum", 1, int), wait=True) is not None
        with pytest.raises(NoAnswer):
            master.take(("sum", 0, int), wait=True, patience=0.1)
