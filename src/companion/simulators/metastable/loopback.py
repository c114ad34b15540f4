"""The same failure in a real server: asyncio, TCP on loopback, callers who hang up and a server that does not look.

Nothing is simulated but the work itself, which is `asyncio.sleep`. A server takes connections into one queue, which a
few workers serve in order; each caller connects, asks, waits so long and no longer, hangs up and tries again. Requests
begin when it is their time, whatever became of the others. An operator shares two things with them: how often callers
try again, and the queue, which can be thrown away.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

WORKERS, MEAN_SERVICE = 5, 0.05  # a capacity of 100 requests/s
PATIENCE, RETRIES = 0.5, 3
LOAD, SPIKE = 60.0, 200.0  # requests/s

PHASES = {
    "calm": "before the spike",
    "collapsed": "after the spike",
    "queue_dropped": "the queue dropped",
    "way_out": "the queue dropped and the retries off",
}
"""What `outage` tells the share of answered requests of, in words."""

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Room:
    """What the operator can reach, and the notes that are taken.

    Attributes
    ----------
    queue : asyncio.Queue
        Connections that wait for a worker.
    retries : int
        How often a caller tries again, now.
    requests : list of (float, bool)
        When each request began (s), and whether it was answered in time.
    """

    queue: asyncio.Queue[Connection] = field(default_factory=asyncio.Queue)
    retries: int = RETRIES
    requests: list[tuple[float, bool]] = field(default_factory=list)

    def drop_queue(self) -> None:
        """Close every connection that waits."""
        while not self.queue.empty():
            self.queue.get_nowait()[1].close()


async def work(room: Room, rng: random.Random) -> None:
    """Serve one connection after the other; whether its caller is still there, nobody asks."""
    while True:
        _, writer = await room.queue.get()
        await asyncio.sleep(rng.expovariate(1 / MEAN_SERVICE))
        with suppress(ConnectionError):
            writer.write(b"done\n")
            await writer.drain()
        writer.close()


async def ask(port: int) -> bool:
    """Connect, wait for the answer, and hang up; True if there was one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await reader.readline() == b"done\n"
    finally:
        writer.close()


async def call(room: Room, port: int, now: Callable[[], float]) -> None:
    """Follow one caller from the first attempt to an answer in time, or to giving up."""
    began, tries, answered = now(), 0, False
    while not answered and tries <= room.retries:
        tries += 1
        with suppress(TimeoutError, OSError):
            answered = await asyncio.wait_for(ask(port), PATIENCE)
    room.requests.append((began, answered))


async def crowd(room: Room, port: int, now: Callable[[], float], rate: Callable[[float], float], seed: int) -> None:
    """Begin requests at their times: behind by a moment, the next comes the sooner."""
    rng, due, calls = random.Random(f"{seed}/arrivals"), 0.0, set[asyncio.Task[None]]()
    try:
        while True:
            due += rng.expovariate(rate(due))
            await asyncio.sleep(max(0.0, due - now()))
            one = asyncio.create_task(call(room, port, now))
            calls.add(one)
            one.add_done_callback(calls.discard)
    finally:
        for one in calls:
            one.cancel()


@asynccontextmanager
async def running(room: Room, seed: int) -> AsyncIterator[int]:
    """Run the server and its workers, and give the port."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        room.queue.put_nowait((reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=1024)
    workers = [asyncio.create_task(work(room, random.Random(f"{seed}/{place}"))) for place in range(WORKERS)]
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for worker in workers:
            worker.cancel()
        server.close()
        room.drop_queue()


async def outage(calm: float = 4.0, spike: float = 3.0, after: float = 6.0, seed: int = 11) -> dict[str, float]:
    """Let it collapse, drop the queue, and then drop the queue and switch the retries off.

    Parameters
    ----------
    calm, spike : float
        How long the load is ordinary, and how long it is a spike, in s.
    after : float
        How long each of the three phases behind the spike lasts, in s.
    seed : int
        Where arrivals and service times come from; the machine adds its own luck.

    Returns
    -------
    dict
        The share of the requests answered in time: ``calm``, ``collapsed`` (behind the spike), ``queue_dropped`` (from
        one second behind it on) and ``way_out``.
    """
    room, clock = Room(), asyncio.get_running_loop().time
    start = clock()

    def now() -> float:
        return clock() - start

    def rate(at: float) -> float:
        return SPIKE if calm <= at < calm + spike else LOAD

    async with running(room, seed) as port:
        callers = asyncio.create_task(crowd(room, port, now, rate, seed))
        marks = [calm + spike + after * phase for phase in range(4)]
        await asyncio.sleep(marks[1] - now())
        room.drop_queue()
        await asyncio.sleep(marks[2] - now())
        room.retries = 0
        room.drop_queue()
        await asyncio.sleep(marks[3] - now())
        callers.cancel()
        with suppress(asyncio.CancelledError):
            await callers
    longest = (RETRIES + 1) * PATIENCE  # whoever begins so near to the next phase may end in it
    return {
        "calm": _answered(room, 0.0, calm - longest / 2),
        "collapsed": _answered(room, marks[0] + 1, marks[1] - longest),
        "queue_dropped": _answered(room, marks[1] + 1, marks[2] - longest),
        "way_out": _answered(room, marks[2] + PATIENCE, marks[3] - 2 * PATIENCE),
    }


def _answered(room: Room, start: float, end: float) -> float:
    ends = [answered for began, answered in room.requests if start <= began < end]
    return sum(ends) / len(ends) if ends else 0.0


def real_outage() -> dict[str, float]:
    """Run `outage` once, in an event loop and a thread of its own, since a notebook has a loop already; 25 s."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, outage()).result()
