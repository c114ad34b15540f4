"""Is an acknowledged message on the disk? A broker is killed, loses its power, and is watched while it writes.

JetStream acknowledges a message when the operating system has it. A process that is killed loses nothing of that; a
machine without power loses what was not yet written to the disk. `cut_power` plays the latter: it ends the server and
leaves of its file of messages what the disk would have had.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from companion.calls.messaging.broker import Broker, BrokerError, connected, running

STREAM, SUBJECT = "ORDERS", "orders.new"
Value = TypeVar("Value")


async def publish(url: str, messages: int, *, in_flight: int = 1) -> int:
    """Publish numbered orders into the stream, which is made if need be, and count the acknowledgements.

    Parameters
    ----------
    url : str
        The broker's address.
    messages : int
        How many.
    in_flight : int
        How many of them wait for their acknowledgement at a time.
    """
    async with connected(url) as client:
        stream = client.jetstream()
        await stream.add_stream(name=STREAM, subjects=["orders.>"])
        numbers = iter(range(messages))

        async def worker() -> int:
            done = 0
            for number in numbers:
                await stream.publish(SUBJECT, b"%05d" % number, timeout=30)
                done += 1
            return done

        return sum(await asyncio.gather(*(worker() for _ in range(in_flight))))


async def state(url: str) -> tuple[int, int]:
    """How many messages the stream holds, and which sequence number the last one has."""
    async with connected(url) as client:
        found = (await client.jetstream().stream_info(STREAM)).state
        return found.messages, found.last_seq


def cut_power(broker: Broker, kept: float) -> None:
    """End the server, and leave of each file of messages only the first part: this share of its bytes.

    Raises
    ------
    BrokerError
        There is no file of messages, so that nothing would be played.
    """
    broker.kill()
    blocks = sorted(broker.store.rglob("*.blk"))
    if not blocks:
        raise BrokerError(f"no file of messages in {broker.store.name}")
    for block in blocks:
        os.truncate(block, int(block.stat().st_size * kept))
    broker.restart()


def can_trace() -> bool:
    """Whether the system calls of a program can be watched here: strace is a program for Linux."""
    return shutil.which("strace") is not None


def syncs(messages: int, sync: str | None = None) -> int:
    """Count the server's calls of fsync and its like, from start to stop, around so many acknowledged messages.

    Raises
    ------
    BrokerError
        There is no strace.
    """
    if not can_trace():
        raise BrokerError("strace is not here: it is a program for Linux, in the package of the same name")
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        calls = "trace=fsync,fdatasync,sync_file_range,syncfs,sync,msync"
        watch = ("strace", "-D", "-f", "-qq", "-e", calls, "-e", "signal=none", "-o", str(trace))
        with running(sync=sync, prefix=watch) as broker:
            apart(lambda: publish(broker.url, messages))
        return sum("sync" in line and "resumed>" not in line for line in trace.read_text().splitlines())


def count_syncs() -> dict[str, float]:
    """Calls of fsync for 500 acknowledged messages beside those for none, by default and with `always`."""
    return {str(sync or "default"): syncs(500, sync) - syncs(0, sync) for sync in (None, "always")}


def cost() -> dict[str, float]:
    """What `always` costs: the time of a message as a multiple of the default's, one and 100 in flight."""
    seconds = {}
    for sync in (None, "always"):
        with running(sync=sync) as broker:
            for in_flight, messages in ((1, 300), (100, 2000)):
                start = time.perf_counter()
                apart(lambda: publish(broker.url, messages, in_flight=in_flight))  # noqa: B023
                seconds[sync, in_flight] = time.perf_counter() - start
    return {f"times_{in_flight}": seconds["always", in_flight] / seconds[None, in_flight] for in_flight in (1, 100)}


def apart(work: Callable[[], Coroutine[Any, Any, Value] | Awaitable[Value]]) -> Value:
    """Run a coroutine in a thread of its own, and wait for it: a notebook's own thread has a loop already."""
    results: list[Value] = []
    errors: list[BaseException] = []

    async def whole() -> Value:
        return await work()

    def run() -> None:
        try:
            results.append(asyncio.run(whole()))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


__all__ = ["STREAM", "SUBJECT", "apart", "can_trace", "cost", "count_syncs", "cut_power", "publish", "state", "syncs"]
