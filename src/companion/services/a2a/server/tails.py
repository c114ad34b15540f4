"""What the streams of one task share: they wait for one bell, and read the log together.

A thousand callers who follow one task would otherwise ask the database a thousand times what has happened, each time
that something has. Here the first one asks, and the others wait for his answer. He may have asked too early for what
has just been written; but then the bell rings for that, and all ask again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from companion.services.a2a.tasks.bell import Bell

Result = TypeVar("Result")


class Tail:
    """The end of one task's log, as the callers of this server see it grow."""

    def __init__(self) -> None:
        self.rings = 0
        self.watchers = 0
        self._changed = asyncio.Event()
        self._reads: dict[Hashable, asyncio.Future[Any]] = {}
        self.bell = contextlib.ExitStack()
        """Holds its place at the bell, for as long as somebody watches."""

    def ring(self) -> None:
        """Wake all who wait; what was read so far is not used again."""
        self.rings += 1
        self._changed.set()
        self._changed = asyncio.Event()
        self._reads.clear()

    async def grown(self, since: int, seconds: float) -> None:
        """Wait for the next ring after that one, but not longer than this: then it is time to look anyway."""
        if self.rings == since:
            try:
                await asyncio.wait_for(self._changed.wait(), seconds)
            except TimeoutError:
                if self.rings == since:
                    self.ring()

    async def read(self, key: Hashable, read: Callable[[], Awaitable[Result]]) -> Result:
        """Read once for all who ask for the same before the next ring."""
        if key not in self._reads:
            self._reads[key] = asyncio.ensure_future(read())
        result: Result = await asyncio.shield(self._reads[key])  # who leaves does not take it from the others
        return result


class Tails:
    """The tails of the tasks that somebody follows."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._tails: dict[UUID, Tail] = {}

    @contextlib.contextmanager
    def watching(self, task: UUID) -> Iterator[Tail]:
        """Follow a task; on the server's event loop."""
        tail = self._tails.get(task)
        if tail is None:
            tail = self._tails[task] = Tail()
            loop = asyncio.get_running_loop()

            def wake() -> None:
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                    loop.call_soon_threadsafe(self._ring, task)

            tail.bell.enter_context(self._bell.waking(str(task), wake))
        tail.watchers += 1
        try:
            yield tail
        finally:
            tail.watchers -= 1
            if not tail.watchers:
                del self._tails[task]
                tail.bell.close()

    def _ring(self, task: UUID) -> None:
        if task in self._tails:
            self._tails[task].ring()
