"""The lost update in memory: ways to add one that lose, ways that do not, and what only looks like a cure.

Every way is a function of a box, of how many times to add one, and of nothing else, so that threads can run it side by
side. How many updates a racing way loses is a matter of luck; whether it can lose any is not, and `interleavings` shows
why by playing every order of two increments.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

import pykka

THREADS = 4
TIMES = 50_000
"""How often each thread adds one; a message takes a thousand times as long as an addition: see `FEW`."""

FEW = 250
SWITCH_SECONDS = 1e-5
"""How long a thread keeps the interpreter while others want it: Python's 5 ms would let each finish undisturbed."""

ASK_SECONDS = 10.0


@dataclass
class Box:
    """A number that threads share.

    Attributes
    ----------
    n : int
        What was counted.
    """

    n: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    atomic: Iterator[int] = field(default_factory=itertools.count)

    @property
    def value(self) -> int:
        """The same number, behind two methods."""
        return self.n

    @value.setter
    def value(self, n: int) -> None:
        self.n = n


Way = Callable[[Box, int], None]


def inc(n: int) -> int:
    """Return the next number."""
    return n + 1


# Ways without a cure


def plus_one(box: Box, times: int) -> None:
    """`n += 1`."""
    for _ in range(times):
        box.n += 1


def call(box: Box, times: int) -> None:
    """`n = inc(n)`."""
    for _ in range(times):
        box.n = inc(box.n)


def plus_int(box: Box, times: int) -> None:
    """`n += int("1")`."""
    for _ in range(times):
        box.n += int("1")


def through_property(box: Box, times: int) -> None:
    """`value += 1`, where value is a property."""
    for _ in range(times):
        box.value += 1


def mapping(box: Box, times: int) -> None:
    """`d[k] = d.get(k, 0) + 1`."""
    counts = vars(box)
    for _ in range(times):
        counts["n"] = counts.get("n", 0) + 1


UNPROTECTED: dict[str, Way] = {
    "n += 1": plus_one,
    "n = inc(n)": call,
    'n += int("1")': plus_int,
    "value += 1 (a property)": through_property,
    "d[k] = d.get(k, 0) + 1": mapping,
}
"""How everybody counts, by how it is written."""


# Cures


def locked(box: Box, times: int) -> None:
    """Let one thread at a time read and write."""
    for _ in range(times):
        with box.lock:
            box.n = inc(box.n)


def atomic(box: Box, times: int) -> None:
    """Leave reading and writing to one call of C code, which no thread switch divides."""
    for _ in range(times):
        next(box.atomic)


CURES: dict[str, Way] = {"a lock": locked, "one atomic operation": atomic}


def run(way: Way, threads: int = THREADS, times: int = TIMES) -> int:
    """Let threads count side by side, and return what was counted.

    Parameters
    ----------
    way : Way
        How each adds one.
    threads, times : int
        How many threads, and how often each adds one.
    """
    box, start = Box(), threading.Barrier(threads)

    def work() -> None:
        start.wait()
        way(box, times)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(before)
    return box.n if way is not atomic else next(box.atomic)


def loses(way: Way, *, runs: int = 5, threads: int = THREADS, times: int = TIMES) -> bool:
    """Say whether an update was lost in any of so many runs; one that loses none has only not lost any yet."""
    return any(run(way, threads, times) < threads * times for _ in range(runs))


# Actors: no two of their messages are handled at once


class Counter(pykka.ThreadingActor):
    """An actor that keeps a number, and can be asked to add one, or for its number, or to take another."""

    def __init__(self) -> None:
        super().__init__()
        self._n = 0

    def inc(self) -> None:
        """Add one."""
        self._n += 1

    def get(self) -> int:
        """Return the number."""
        return self._n

    def set(self, n: int) -> None:
        """Take another number."""
        self._n = n


def actor_counts(tell: bool, threads: int = THREADS, times: int = FEW) -> int:
    """Let threads count by messages to one actor, and return what it has counted.

    Parameters
    ----------
    tell : bool
        Whether they tell it to add one; else they ask for its number, and send it the next.
    threads, times : int
        How many threads, and how often each adds one.
    """
    actor = Counter.start()
    start = threading.Barrier(threads)

    def work() -> None:
        mine = actor.proxy()
        start.wait()
        for _ in range(times):
            if tell:
                mine.inc().get(timeout=ASK_SECONDS)
            else:
                mine.set(mine.get().get(timeout=ASK_SECONDS) + 1).get(timeout=ASK_SECONDS)

    try:
        workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return int(actor.proxy().get().get(timeout=ASK_SECONDS))
    finally:
        actor.stop()


def owner_counts(threads: int = THREADS, times: int = FEW) -> int:
    """Let threads send what they want done to the one thread that owns the number."""
    wishes: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    total = 0

    def own() -> None:
        nonlocal total
        for wish in iter(wishes.get, None):
            total += wish

    owner = threading.Thread(target=own, daemon=True)
    owner.start()

    def wish() -> None:
        for _ in range(times):
            wishes.put(1)

    workers = [threading.Thread(target=wish, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wishes.put(None)
    owner.join()
    return total


class Asker(pykka.ThreadingActor):
    """An actor that answers only after it has asked another."""

    def __init__(self) -> None:
        super().__init__()
        self.other: pykka.ActorRef[Asker] | None = None

    def meet(self, other: pykka.ActorRef[Asker]) -> None:
        """Learn whom to ask."""
        self.other = other

    def question(self, depth: int, seconds: float) -> str:
        """Ask the other, so deep, and say what came of it."""
        if depth == 0 or self.other is None:
            return "answered"
        try:
            return str(self.other.proxy().question(depth - 1, seconds).get(timeout=seconds))
        except pykka.Timeout:
            return "stands still"


def two_that_ask(depth: int, seconds: float = 0.3) -> str:
    """Let two actors ask each other so deep: at 2 the first is asked while it waits."""
    one, other = Asker.start(), Asker.start()
    try:
        one.proxy().meet(other).get(timeout=ASK_SECONDS)
        other.proxy().meet(one).get(timeout=ASK_SECONDS)
        return str(one.proxy().question(depth, seconds).get(timeout=ASK_SECONDS))
    finally:
        one.stop()
        other.stop()


# One thread, many tasks


async def tasks_count(tasks: int, lock: bool) -> int:
    """Let tasks of one event loop read, await and write, and return what they have counted."""
    n, guard = 0, asyncio.Lock() if lock else contextlib.nullcontext()

    async def count() -> None:
        nonlocal n
        async with guard:
            seen = n
            await asyncio.sleep(0)  # where a query would be sent
            n = seen + 1

    await asyncio.gather(*(count() for _ in range(tasks)))
    return n


# Every order


Steps = Callable[[list[int]], Generator[None]]


def orders(steps: int) -> Iterator[tuple[int, ...]]:
    """Give every order in which two tasks of so many steps each can take their steps, a 0 or a 1 a step."""
    for first in itertools.combinations(range(2 * steps), steps):
        yield tuple(0 if place in first else 1 for place in range(2 * steps))


def interleavings(increment: Steps, steps: int) -> dict[int, int]:
    """Play every order of two increments, and count how often each total came out.

    Parameters
    ----------
    increment : Steps
        A generator of one increment of `shared[0]`, that yields after each step but the last.
    steps : int
        How many steps it has.
    """
    totals: dict[int, int] = {}
    for order in orders(steps):
        shared = [0]
        tasks = increment(shared), increment(shared)
        for number in order:
            next(tasks[number], None)
        totals[shared[0]] = totals.get(shared[0], 0) + 1
    return totals
