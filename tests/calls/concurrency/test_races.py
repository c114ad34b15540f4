"""The lost update in memory: every order is played, cures lose nothing, and what cannot lose never has."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.concurrency import races


@pytest.mark.parametrize("name", [name for name in races.UNPROTECTED if name != "n += 1"])
def test_an_increment_with_a_call_between_reading_and_writing_loses_updates(name: str) -> None:
    assert races.loses(races.UNPROTECTED[name], runs=20)


def test_plus_one_has_no_place_at_which_this_python_switches_threads() -> None:
    assert races.run(races.plus_one) == races.THREADS * races.TIMES


@pytest.mark.parametrize("name", races.CURES)
def test_a_cure_loses_no_update(name: str) -> None:
    assert races.run(races.CURES[name], times=5_000) == races.THREADS * 5_000


def test_the_interval_of_thread_switches_is_as_before() -> None:
    import sys

    before = sys.getswitchinterval()
    races.run(races.call, times=10)
    assert sys.getswitchinterval() == before


def test_an_actor_told_to_add_loses_nothing_and_one_asked_for_its_number_loses() -> None:
    assert races.actor_counts(tell=True, times=50) == races.THREADS * 50
    assert any(races.actor_counts(tell=False, times=50) < races.THREADS * 50 for _ in range(20))


def test_a_thread_that_owns_the_number_loses_nothing() -> None:
    assert races.owner_counts() == races.THREADS * races.FEW


def test_two_actors_that_ask_each_other_stand_still() -> None:
    assert races.two_that_ask(1) == "answered"
    assert races.two_that_ask(2, seconds=0.1) == "stands still"


@given(st.integers(1, 300))
def test_tasks_that_read_await_and_write_keep_one_update_of_all(tasks: int) -> None:
    assert asyncio.run(races.tasks_count(tasks, lock=False)) == 1
    assert asyncio.run(races.tasks_count(tasks, lock=True)) == tasks


def slow(steps: int) -> races.Steps:
    def increment(shared: list[int]) -> Generator[None]:
        seen = shared[0]
        for _ in range(steps - 1):
            yield
        shared[0] = seen + 1

    return increment


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_all_orders_but_the_two_without_overlap_lose_an_update(steps: int) -> None:
    totals = races.interleavings(slow(steps), steps)
    all_orders = math.comb(2 * steps, steps)
    assert totals == ({2: 2} if steps == 1 else {2: 2, 1: all_orders - 2})
    assert len(set(races.orders(steps))) == all_orders
