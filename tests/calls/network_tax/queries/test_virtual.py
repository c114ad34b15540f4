"""A clock that jumps: sleeping takes its time by that clock, and none by yours."""

from __future__ import annotations

import asyncio

import pytest

from companion.calls.network_tax.queries.virtual import NothingToWaitFor, timed


async def sleeper(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return asyncio.get_running_loop().time()


def test_a_week_passes_at_once() -> None:
    assert timed(sleeper(604_800)) == (604_800, 604_800)


def test_what_sleeps_side_by_side_takes_as_long_as_the_longest() -> None:
    async def program() -> list[float]:
        return await asyncio.gather(*(sleeper(seconds) for seconds in (3, 1, 2.5)))

    assert timed(program()) == ([3, 1, 2.5], 3)


def test_a_program_that_does_not_wait_takes_no_time() -> None:
    async def program() -> str:
        await asyncio.sleep(0)
        return "done"

    assert timed(program()) == ("done", 0)


def test_a_program_is_timed_where_a_loop_runs_already_as_in_a_notebook() -> None:
    async def notebook() -> tuple[float, float]:
        return timed(sleeper(2))

    assert asyncio.run(notebook()) == (2, 2)


def test_waiting_for_what_never_comes_is_an_error_and_no_hang() -> None:
    async def program() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingToWaitFor):
        timed(program())


def test_a_time_out_ends_a_wait_at_its_time() -> None:
    async def program() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 7)
        return asyncio.get_running_loop().time()

    assert timed(program()) == (7, 7)
