"""What depends on the machine, for `measure`: the four ways in real time, and the deaf client."""

from __future__ import annotations

import os
import statistics
import threading
import time
from contextlib import ExitStack, closing

from companion.calls.messaging.feeds.deaf import feed
from companion.calls.messaging.feeds.quotes import arrivals, missed_share, quotes
from companion.calls.messaging.feeds.readers import WAYS, Cut, Reader
from companion.calls.messaging.feeds.server import Running, serving
from companion.proxy import Faults, proxy

DELAY = 0.02
"""Seconds, each way."""


def real_time() -> dict[str, float]:
    """Read one feed in all four ways, through a delay.

    Returns
    -------
    dict of str to float
        For each way its mean latency, in delays; for 20 and 100 events a second the share that the article's long poll
        missed, what the closed form says of the cycle that was measured, and that cycle in milliseconds.
    """
    found: dict[str, float] = {}
    for rate, count in ((20, 400), (100, 1000)) if _recording() else ((20, 15), (100, 60)):
        latencies, missed, cycle = _four_ways(rate, count)
        found |= {f"missed {rate}": missed, f"law {rate}": missed_share(rate * cycle), f"cycle {rate}": 1000 * cycle}
        found |= {f"latency {way} {rate}": mean / DELAY for way, mean in latencies.items()}
    return found


def _four_ways(rate: float, count: int) -> tuple[dict[str, float], float, float]:
    published: dict[int, float] = {}
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        readers = {}
        for way, reader_of in WAYS.items():
            between = stack.enter_context(proxy(server.address, Faults(delay=DELAY)))
            readers[way] = stack.enter_context(closing(reader_of(between.address)))
        threads = [
            threading.Thread(target=_follow, args=(reader, published, took[way]), daemon=True)
            for way, reader in readers.items()
        ]
        for thread in threads:
            thread.start()
        server.wait_for_readers(len(readers))
        _publish(server, arrivals(7, rate, count), published)
        cycles = list(server.feed.cycles)
        time.sleep(5 * DELAY)  # what is on its way arrives
        server.end()
        for thread in threads:
            thread.join()
        missed = 1 - len(set(readers["long poll"].seen)) / count
    return {way: statistics.fmean(times) for way, times in took.items()}, missed, statistics.fmean(cycles)


def _publish(server: Running, times: list[float], published: dict[int, float]) -> None:
    began = time.monotonic()
    for quote, due in zip(quotes(7, len(times)), times, strict=True):
        time.sleep(max(began + due - time.monotonic(), 0))
        published[quote[0]] = time.monotonic()
        server.publish(quote)


def _follow(reader: Reader, published: dict[int, float], took: list[float]) -> None:
    """Read until the feed ends: a stream is cut off then, and a poll gets an empty answer."""
    try:
        while True:
            reader.ask()
            if not (found := reader.take()):
                return
            now = time.monotonic()
            took += [now - published[number] for number in found]
    except Cut:
        return


def deaf() -> dict[str, float]:
    """Count what the kernel's own buffers hold before the obvious loop stops, and what `broadcast` keeps then."""
    stopped = feed("await send, one by one", messages=500, readers=3, small=False)
    kept = feed("broadcast", messages=500, readers=3, small=False)
    return {"messages": stopped.sent, "buffered": kept.buffered}


def _recording() -> bool:
    """Whether a record is made, for which there is time."""
    return os.environ.get("COMPANION_MEASURE") == "record"
