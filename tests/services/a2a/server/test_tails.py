from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from companion.services.a2a.server.tails import Tails
from companion.services.a2a.tasks.bell import Bell

TASK = UUID(int=1)


def played(play: Callable[[Tails, Bell], Awaitable[Any]]) -> Any:
    bell = Bell()

    async def run() -> Any:
        return await play(Tails(bell), bell)

    return asyncio.run(run())


def test_all_who_ask_before_the_next_ring_share_one_read() -> None:
    reads = []

    async def read() -> int:
        reads.append(1)
        await asyncio.sleep(0.01)
        return len(reads)

    async def play(tails: Tails, bell: Bell) -> list[int]:
        with tails.watching(TASK) as tail:
            first = await asyncio.gather(*(tail.read("a", read) for _ in range(50)))
            tail.ring()
            return [*set(first), await tail.read("a", read), await tail.read("b", read)]

    assert played(play) == [1, 2, 3]


def test_a_ring_wakes_everybody_and_a_ring_that_came_before_is_not_waited_for() -> None:
    async def play(tails: Tails, bell: Bell) -> bool:
        with tails.watching(TASK) as tail, tails.watching(TASK):
            since = tail.rings
            waiting = [asyncio.create_task(tail.grown(since, 60)) for _ in range(10)]
            await asyncio.sleep(0)
            bell.ring(str(TASK))
            await asyncio.wait_for(asyncio.gather(*waiting), 5)
            await asyncio.wait_for(tail.grown(since, 60), 5)
        return True

    assert played(play)


def test_without_a_ring_one_of_all_who_wait_has_everybody_look() -> None:
    async def play(tails: Tails, bell: Bell) -> int:
        with tails.watching(TASK) as tail:
            await asyncio.gather(*(tail.grown(0, 0.05) for _ in range(20)))
            return tail.rings

    assert played(play) == 1


def test_who_leaves_takes_nothing_from_those_who_stay() -> None:
    async def read() -> str:
        await asyncio.sleep(0.05)
        return "read"

    async def play(tails: Tails, bell: Bell) -> tuple[str, int]:
        with tails.watching(TASK) as stays:
            with tails.watching(TASK) as leaves:
                leaver = asyncio.create_task(leaves.read("a", read))
                stayer = asyncio.create_task(stays.read("a", read))
                await asyncio.sleep(0)
                leaver.cancel()
            bell.ring(str(TASK))
            await asyncio.sleep(0.01)
            return await stayer, stays.rings

    assert played(play) == ("read", 1)


def test_nobody_is_left_at_the_bell_when_all_have_gone() -> None:
    async def play(tails: Tails, bell: Bell) -> bool:
        with tails.watching(TASK), tails.watching(TASK):
            pass
        return not bell._waiting

    assert played(play)
