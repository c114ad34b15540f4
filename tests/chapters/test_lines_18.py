"""Chapter 18: what stands on the page as code is what the package does."""

from __future__ import annotations

import random
from collections import deque
from pathlib import Path
from typing import Any

import nbformat
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.metastable import Settings, simulate
from companion.simulators.metastable.engine import BORN, DEADLINE, Engine
from companion.simulators.metastable.policies import RetryBudget

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "18-metastable.ipynb", 4).cells
}


def run(*names: str, **given: Any) -> dict[str, Any]:
    """Run cells of the chapter one after the other."""
    found = dict(given)
    for name in names:
        exec(CELLS[f"metastable-{name}"], found)
    return found


def test_the_twenty_lines_and_the_package_collapse_alike(capsys: Any) -> None:
    toy = run("003", "005", "007", "009", seed=5)["counts"]
    ours = simulate("collapse", seed=5, duration=240).totals
    # Other draws of the same chances: attempts differ by some hundredths, the collapse by a second.
    assert abs(toy["attempts"] / ours["attempts"] - 1) < 0.05
    assert abs(toy["answered in time"] / ours["answered"] - 1) < 0.05
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith("0.0 answered in time")


@pytest.mark.parametrize(("service", "heals"), [("exponential", True), ("fixed", False)])
def test_workers_who_stop_when_their_caller_leaves_help_if_work_may_end_at_any_moment(
    service: str, heals: bool
) -> None:
    # What the section "Where it breaks" says of cancellation; the package's model has none.
    rng, env = random.Random(5), simpy.Environment()
    workers = simpy.Resource(env, capacity=10)
    answered: list[float] = []

    def work() -> Any:
        with workers.request() as turn:
            try:
                yield turn
                yield env.timeout(0.1 if service == "fixed" else rng.expovariate(10))
            except simpy.Interrupt:
                return

    def call() -> Any:
        for _ in range(1 + 3):
            answer = env.process(work())
            yield answer | env.timeout(1.0)
            if answer.processed:
                answered.append(env.now)
                return
            if answer.is_alive:
                answer.interrupt()

    def crowd() -> Any:
        while True:
            yield env.timeout(rng.expovariate(140 if 60 <= env.now < 70 else 70))
            env.process(call())

    env.process(crowd())
    env.run(until=110)
    share = sum(moment > 90 for moment in answered) / (20 * 70)
    assert share > 0.9 if heals else share < 0.05


@given(st.lists(st.booleans(), max_size=200), st.floats(0, 1), st.floats(0, 20))
def test_the_budget_on_the_page_is_the_packages(calls: list[bool], ratio: float, cap: float) -> None:
    page, ours = run("budget")["Budget"](ratio, cap), RetryBudget(ratio, cap)
    for retry in calls:
        if retry:
            assert page.retry() == ours.spend()
        else:
            page.first()
            ours.earn()
    assert page.tokens == ours.tokens


@given(st.lists(st.floats(0, 3), max_size=20), st.floats(0, 3), st.floats(0, 0.9))
def test_a_server_takes_what_the_lines_on_the_page_take(waited: list[float], now: float, margin: float) -> None:
    deadlines = sorted(waited)
    engine = Engine(Settings(policy="shedding", shed_margin=margin), None)
    kept = [deadline for deadline in deadlines if not engine._stale(_attempt(deadline), now)]
    assert run("take")["take"](deque(deadlines), now, margin) == (kept[0] if kept else None)


def _attempt(deadline: float) -> list[Any]:
    attempt: list[Any] = [0.0, 0.0, 0, True, 0]
    attempt[DEADLINE], attempt[BORN] = deadline, deadline - 1
    return attempt
