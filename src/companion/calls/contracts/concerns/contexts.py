"""Whose request is it? An aspect notes the tenant in passing; a pool of threads loses the note, or keeps it too long.

Each story runs with one worker thread and hands over by waiting, so that nothing depends on how fast anything is.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

R = TypeVar("R")
Pair = tuple[str, str]
tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="nobody")
local = threading.local()


def apart(function: Callable[[], R]) -> R:
    """Run a function in a thread of its own, where no event loop runs (a notebook's main thread has one)."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def in_turn(note: Callable[[str], object], look: Callable[[], str]) -> Pair:
    """Two tasks of one loop; each looks when both have noted their tenant."""

    async def both() -> Pair:
        events = asyncio.Event(), asyncio.Event()

        async def request(name: str, mine: int) -> str:
            note(name)
            events[mine].set()
            await events[1 - mine].wait()
            return look()

        found = await asyncio.gather(request("ada", 0), request("bob", 1))
        return found[0], found[1]

    return asyncio.run(both())


def from_tasks(ask: Callable[[ThreadPoolExecutor], Any]) -> Pair:
    """Two tasks, one after the other, that ask a thread who their tenant is."""

    async def request(name: str, pool: ThreadPoolExecutor) -> str:
        tenant.set(name)
        return str(await ask(pool))

    async def both() -> Pair:
        with ThreadPoolExecutor(1) as pool:
            first = await asyncio.create_task(request("ada", pool))
            return first, await asyncio.create_task(request("bob", pool))

    return asyncio.run(both())


def in_executor(pool: ThreadPoolExecutor) -> Any:
    """Ask a thread of the pool as the event loop does."""
    return asyncio.get_running_loop().run_in_executor(pool, tenant.get)


def with_copy(pool: ThreadPoolExecutor) -> Any:
    """Ask a thread of the pool, and take the context along by hand."""
    return asyncio.get_running_loop().run_in_executor(pool, contextvars.copy_context().run, tenant.get)


def in_worker(reset: bool) -> Pair:
    """An aspect in the worker thread sets the tenant, and may take it back; the next request there has none."""

    def aspect() -> str:
        token = tenant.set("ada")
        found = tenant.get()
        if reset:
            tenant.reset(token)
        return found

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(aspect).result(), pool.submit(tenant.get).result()


STORIES: Mapping[str, tuple[Callable[[], Pair], Pair]] = {
    "two tasks, context variable": (lambda: in_turn(tenant.set, tenant.get), ("ada", "bob")),
    "two tasks, threading.local": (
        lambda: in_turn(lambda name: setattr(local, "tenant", name), lambda: str(local.tenant)),
        ("ada", "bob"),
    ),
    "asyncio.to_thread": (lambda: from_tasks(lambda _: asyncio.to_thread(tenant.get)), ("ada", "bob")),
    "run_in_executor": (lambda: from_tasks(in_executor), ("ada", "bob")),
    "run_in_executor, copied": (lambda: from_tasks(with_copy), ("ada", "bob")),
    "set in a pool's thread": (lambda: in_worker(reset=False), ("ada", "nobody")),
    "set there, and reset": (lambda: in_worker(reset=True), ("ada", "nobody")),
}
"""Each story, and what two requests should see: Ada first, then Bob, or nobody where the second has no tenant."""


def told() -> dict[str, tuple[Pair, str]]:
    """What the two requests see in each story, and what that is: kept, lost, or leaked."""
    return {name: (seen, verdict(seen, wanted)) for name, (story, wanted) in STORIES.items() for seen in [apart(story)]}


def verdict(seen: Pair, wanted: Pair) -> str:
    """Another's tenant is a leak, none where there is one is a loss."""
    wrong = [one for one, right in zip(seen, wanted, strict=True) if one != right]
    return "kept" if not wrong else "lost" if set(wrong) == {"nobody"} else "leaked"
