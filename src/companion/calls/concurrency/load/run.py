"""Send a load: in an open loop at the moments of the plan, or in a closed one when the last answer is there.

In an open loop request *i* belongs to connection *i* mod N, and is timed from the moment at which it was planned. A
connection carries one request at a time: what waits for it waits on its own bill. A request whose time is over before
its connection is free has failed without having been sent. All connections stay open until the last request is done,
so that a server which serves nobody else meanwhile is seen to starve them.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Sequence

from companion.calls.concurrency.load.client import Connection, Target
from companion.calls.concurrency.load.plan import LoadError, plan
from companion.calls.concurrency.load.report import Report, Sample

MOST_CONNECTIONS = 10_000


def load(
    url: str,
    *,
    rate: float,
    seconds: float,
    connections: int = 1,
    arrivals: str = "constant",
    seed: int = 0,
    timeout: float = 5.0,
    closed: bool = False,
    close: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Ask a server at a rate, and report what became of every request. Runs in a notebook, too.

    Parameters
    ----------
    url
        ``http://HOST:PORT/PATH``; it gets GET requests.
    rate, seconds
        Requests a second, over all connections, and for how long.
    connections
        How many, all opened before the first request.
    arrivals, seed
        ``constant`` or ``poisson``, see `plan`; a closed loop knows constant ones only.
    timeout
        Seconds from its intended moment after which a request has failed.
    closed
        Let each connection wait for its answer before it goes on, and time requests from their sending: the usual way,
        here to compare with.
    close
        Open a connection for each request.
    progress
        Told the number of finished requests.

    Raises
    ------
    LoadError
        If the load makes no sense.
    """
    target = Target.of(url)
    if not 1 <= connections <= MOST_CONNECTIONS:
        raise LoadError(f"{connections} connections: 1 to {MOST_CONNECTIONS} can be had")
    if not 0 < timeout <= 3600:
        raise LoadError(f"a time-out of {timeout} s: more than 0 and at most 3600 was expected")
    if closed and arrivals != "constant":
        raise LoadError("a closed loop sends when the last answer is there: it has no Poisson arrivals")
    planned = plan(rate, seconds, arrivals, seed)
    try:
        socket.getaddrinfo(target.host, target.port)
    except (OSError, UnicodeError):
        raise LoadError(f"{url}: there is no host of this name") from None
    lines = [Connection(target, close=close) for _ in range(connections)]
    work = _closed_loop if closed else _open_loop
    samples, busy = _in_a_thread(work(lines, planned, timeout, close, progress or (lambda done: None)))
    return Report(url, rate, seconds, connections, closed, samples, busy)


async def _open_loop(
    lines: Sequence[Connection], planned: Sequence[float], timeout: float, close: bool, progress: Callable[[int], None]
) -> list[Sample]:
    clock = asyncio.get_running_loop().time
    samples: list[Sample] = []

    async def go(number: int) -> None:
        line, free = lines[number], 0.0
        for at in planned[number :: len(lines)]:
            await asyncio.sleep(start + at - clock())
            sent = clock() - start
            left = at + timeout - sent
            error = await line.ask(left) if left > 0 else "timeout"
            done = clock() - start
            samples.append(Sample(number, at, sent if left > 0 else None, done, sent - max(at, free), error))
            free = done
            progress(len(samples))

    await _open(lines, timeout, close)
    start = clock()
    await _all(lines, [go(number) for number in range(len(lines))])
    return sorted(samples, key=lambda sample: sample.planned)


async def _closed_loop(
    lines: Sequence[Connection], planned: Sequence[float], timeout: float, close: bool, progress: Callable[[int], None]
) -> list[Sample]:
    clock = asyncio.get_running_loop().time
    samples: list[Sample] = []
    interval = len(lines) * (planned[1] - planned[0] if len(planned) > 1 else 0.0)
    last = planned[-1]

    async def go(number: int) -> None:
        at, free = planned[number] if number < len(planned) else last + 1, 0.0
        while at <= last:
            await asyncio.sleep(start + at - clock())
            sent = clock() - start
            error = await lines[number].ask(timeout)
            done = clock() - start
            samples.append(Sample(number, at, sent, done, sent - max(at, free), error))
            at, free = max(at + interval, done), done  # which is where the plan bends to the server
            progress(len(samples))
            if not interval:
                return

    await _open(lines, timeout, close)
    start = clock()
    await _all(lines, [go(number) for number in range(len(lines))])
    return sorted(samples, key=lambda sample: sample.planned)


async def _open(lines: Sequence[Connection], timeout: float, close: bool) -> None:
    """Open all connections; one that fails will say so at its first request."""
    if not close:
        await asyncio.gather(*(line.open(timeout) for line in lines))


async def _all(lines: Sequence[Connection], work: Sequence[Coroutine[None, None, None]]) -> None:
    try:
        await asyncio.gather(*work)
    finally:
        for line in lines:
            line.close()


def _in_a_thread(work: Coroutine[None, None, list[Sample]]) -> tuple[list[Sample], float]:
    """Run in a thread of its own, since a notebook's has a loop that runs; also tell how busy it was."""
    found: list[tuple[list[Sample], float]] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            begun, used = time.monotonic(), time.thread_time()
            samples = asyncio.run(work)
            found.append((samples, (time.thread_time() - used) / max(time.monotonic() - begun, 1e-9)))
        except BaseException as error:  # noqa: BLE001 - it is raised again, where it can be seen
            failed.append(error)

    thread = threading.Thread(target=run, name="load", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]
