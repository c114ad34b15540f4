"""The whole service on one machine: a broker, a source of quotes, and several instances."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import takewhile

from companion.calls.messaging.broker import connected, running
from companion.calls.messaging.quotes.instance import serving
from companion.calls.messaging.quotes.quote import QuotesError
from companion.calls.messaging.quotes.source import open_stream, prices, publish


def serve_quotes(
    ready: Callable[[list[int]], None],
    done: threading.Event,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    instances: int = 1,
    heartbeat: float = 30.0,
    seed: int = 0,
    every: float = 0.2,
) -> None:
    """Serve until `done` is set; `ready` is called once, with the instances' ports.

    Raises
    ------
    QuotesError
        The broker has ended, or an instance cannot listen where it should.
    BrokerError
        The broker did not start.
    """

    async def serve(url: str) -> None:
        async with connected(url) as client, AsyncExitStack() as stack:
            js = client.jetstream()
            await open_stream(js)
            walk = prices(seed)
            await publish(js, (next(walk) for _ in range(30)))  # so that there is something to begin with
            served = [
                await stack.enter_async_context(serving(url, host, port + number if port else 0, heartbeat=heartbeat))
                for number in range(instances)
            ]
            # The client waits by asyncio.wait_for, which in Python 3.11 may swallow the cancellation (CPython's issue
            # 86296): a source that was cancelled also ends by itself, before its next quote.
            until_done = takewhile(lambda _: not done.is_set(), walk)
            source = asyncio.create_task(publish(js, until_done, every))
            told = asyncio.create_task(asyncio.to_thread(done.wait))
            lost = asyncio.create_task(served[0].ended())
            ready([instance.port for instance in served])
            try:
                await asyncio.wait({told, lost, source}, return_when=asyncio.FIRST_COMPLETED)
                if not done.is_set():
                    raise QuotesError("the broker has ended")
            finally:
                done.set()
                source.cancel()
                await asyncio.gather(source, told, return_exceptions=True)
                lost.cancel()

    open_files()
    with running() as broker:
        asyncio.run(serve(broker.url))


def open_files(wanted: int = 10_000) -> None:
    """Let this process have so many connections, or as many as it may."""
    if sys.platform != "win32":
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        if now < limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))


__all__ = ["open_files", "serve_quotes"]
