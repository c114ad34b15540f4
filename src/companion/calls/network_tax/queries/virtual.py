"""An event loop whose clock jumps: when nothing can go on, it is at once as late as the next who sleeps wants it.

So a wait of one is one, on any machine and under any load, and costs no time. Only what sleeps may wait here: a socket
or a thread knows nothing of this clock, and who would wait for one alone is told so.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from companion.errors import CompanionError

Result = TypeVar("Result")


class NothingToWaitFor(CompanionError):
    """A program for the jumping clock waits, and nothing that it has begun can end that."""


class _Selector(selectors.SelectSelector):
    """Passes the time by adding it up."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise NothingToWaitFor("everybody waits, and nobody sleeps: nothing will ever happen")
        if not ready and timeout:
            self.now += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """asyncio's loop on that clock."""

    def __init__(self) -> None:
        self._passing = _Selector()
        super().__init__(self._passing)

    def time(self) -> float:
        """Give the time on the clock, which begins at 0."""
        return self._passing.now


def apart(function: Callable[[], Result]) -> Result:
    """Call a function in a thread of its own: a notebook's has a loop already, and no second one may run there."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function).result()


def timed(program: Coroutine[Any, Any, Result]) -> tuple[Result, float]:
    """Run a program on a clock that jumps, and say how late it is then.

    Raises
    ------
    NothingToWaitFor
        If it waits for what cannot come.
    """

    def run() -> tuple[Result, float]:
        with asyncio.Runner(loop_factory=JumpingLoop) as runner:
            result = runner.run(program)
            return result, round(runner.get_loop().time(), 6)

    return apart(run)


__all__ = ["JumpingLoop", "NothingToWaitFor", "apart", "timed"]
