"""What chapter 5 tries on the real service. Each has a broker of its own, and nothing in it waits for a clock."""

from __future__ import annotations

import asyncio
import random
import socket
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from nats.js import JetStreamContext
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from companion.calls.messaging.broker import connected, running
from companion.calls.messaging.quotes.instance import serving
from companion.calls.messaging.quotes.quote import QuotesError, read_message, subject_of
from companion.calls.messaging.quotes.service import open_files
from companion.calls.messaging.quotes.source import open_stream, prices, publish
from companion.calls.messaging.quotes.subscriber import Subscriber

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds after which an experiment is given up; the right path does not wait."""
MOST_UNREAD = 20_000
"""Quotes after which a follower that does not read should be gone."""


class Cuts(NamedTuple):
    """What a follower got that was cut again and again."""

    cuts: int
    quotes: int
    missed: int
    again: int


class Stalled(NamedTuple):
    """What became of one follower that stopped reading, and of the others."""

    others_missed: int
    code: int
    reason: str
    missed_before: int
    missed_after: int


@asynccontextmanager
async def _stream(url: str) -> AsyncIterator[JetStreamContext]:
    async with connected(url) as client:
        js = client.jetstream()
        await open_stream(js)
        yield js


def _run(experiment: Callable[[str], Coroutine[Any, Any, T]]) -> T:
    """Run with a broker, in a thread: a notebook's own has an event loop already."""
    with running() as broker, ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(asyncio.wait_for(experiment(broker.url), PATIENCE))).result()


Join = Callable[[JetStreamContext, str, int], Awaitable[list[int]]]


def real_joins(join: Join, joins: int = 100, quotes: int = 200, seed: int = 0) -> list[list[int]]:
    """Publish quotes 1, 2, 3 and so on of one symbol, and let followers join at random moments meanwhile.

    Parameters
    ----------
    join : coroutine function
        Gets a JetStream context, the subject and the number of the last quote; it follows up to that one, and returns
        the numbers that it was given.
    joins, quotes, seed : int
        How many followers and quotes, and of the moments.

    Returns
    -------
    list of list of int
        What each follower was given.
    """
    rng = random.Random(seed)
    moments = sorted(rng.randrange(1, quotes) for _ in range(joins))

    async def experiment(url: str) -> list[list[int]]:
        tasks = []
        async with _stream(url) as js:
            for number in range(1, quotes + 1):
                await publish(js, [("ACME", number, 100.0)])
                tasks += [asyncio.ensure_future(join(js, subject_of("ACME"), quotes))
                          for moment in moments if moment == number]  # fmt: skip
            return list(await asyncio.gather(*tasks))

    return _run(experiment)


def cut_again_and_again(cuts: int = 50, seed: int = 0) -> Cuts:
    """Follow one of three symbols over two instances while quotes are published; cut after every other quote."""
    walk = prices(seed)
    before, after = list(islice(walk, 30)), list(islice(walk, 9 * cuts))
    last = max(number for symbol, number, _ in after if symbol == "ACME")

    async def experiment(url: str) -> Cuts:
        async with _stream(url) as js, serving(url) as one, serving(url) as two:
            await publish(js, before)
            for instance in (one, two):
                await instance.caught_up(len(before))
            follower = Subscriber([f"127.0.0.1:{each.port}" for each in (one, two)], "ACME")
            source = asyncio.create_task(publish(js, after))
            numbers: list[int] = []
            made = 0
            async with aclosing(follower.quotes()) as quotes:
                async for quote in quotes:
                    numbers.append(quote.number)
                    if quote.number == last:
                        break
                    if len(numbers) % 2 == 0 and made < cuts:
                        follower.cut()
                        made += 1
            await source
        different = len(set(numbers))
        return Cuts(made, len(numbers), numbers[-1] - numbers[0] + 1 - different, len(numbers) - different)

    return _run(experiment)


def one_stops_reading(others: int = 10, bound: int = 8192) -> Stalled:
    """Let one of several followers stop reading, until it is sent away; then it reads, and goes on elsewhere."""

    async def experiment(url: str) -> Stalled:
        async with _stream(url) as js, serving(url, bound=bound) as one, serving(url) as two:
            readers = [Subscriber([f"127.0.0.1:{one.port}"], "ACME") for _ in range(others)]
            tasks = [asyncio.create_task(reader.until(MOST_UNREAD)) for reader in readers]
            async with _narrow(one.port) as stalled:
                await _until(lambda: one.board.followers == others + 1)
                seq = 0
                while not one.sent_away:
                    seq = await publish(js, [("ACME", number, 100.0) for number in range(seq + 1, seq + 21)])
                    # so that nobody falls behind who reads
                    while not (one.sent_away or _have(readers, seq)):
                        await asyncio.sleep(0.001)
                numbers: list[int] = []
                try:
                    while True:
                        numbers += [quote.number for quote in read_message(await stalled.recv()).quotes]
                except ConnectionClosed as error:
                    told = error.rcvd
            later = Subscriber([f"127.0.0.1:{two.port}"], "ACME")
            later.last = numbers[-1]
            more = await later.until(seq)
            await _until(partial(_have, readers, seq))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return Stalled(
            others_missed=sum(reader.missed for reader in readers),
            code=told.code if told else CloseCode.ABNORMAL_CLOSURE,
            reason=told.reason if told else "",
            missed_before=numbers[-1] - numbers[0] + 1 - len(numbers),
            missed_after=seq - numbers[-1] - len(more),
        )

    return _run(experiment)


@asynccontextmanager
async def _narrow(port: int) -> AsyncIterator[ClientConnection]:
    """Open a WebSocket for which little is buffered on this side."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", port))
    url = f"ws://127.0.0.1:{port}/stream/ACME"
    async with connect(url, sock=narrow, compression=None, ping_interval=None, max_queue=1) as connection:
        yield connection


def _have(subscribers: Sequence[Subscriber], seq: int) -> bool:
    return all(each.last >= seq for each in subscribers)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def all_at_once(followers: int = 1000, quotes: int = 20) -> Mapping[str, float]:
    """Let many follow one symbol; give the median time from a quote's publishing until all of them have it, in ms.

    Instance and followers share one process here, so a good part of the time is the followers'.

    Raises
    ------
    QuotesError
        A follower missed something.
    """

    async def experiment(url: str) -> Mapping[str, float]:
        async with _stream(url) as js, serving(url) as one:
            subscribers = [Subscriber([f"127.0.0.1:{one.port}"], "ACME") for _ in range(followers)]
            tasks = [asyncio.create_task(each.until(quotes)) for each in subscribers]
            await _until(lambda: one.board.followers == followers)
            times = []
            for number in range(1, quotes + 1):
                begin = time.perf_counter()
                await publish(js, [("ACME", number, 100.0)])
                await _until(partial(_have, subscribers, number))
                times.append(1000 * (time.perf_counter() - begin))
            found = await asyncio.gather(*tasks)
            if any(len(each) != quotes for each in found):
                raise QuotesError("a follower missed something")
            return {"followers": len(found), "quotes": sum(map(len, found)), "ms": statistics.median(times)}

    open_files()
    return _run(experiment)


__all__ = [
    "Cuts",
    "Stalled",
    "all_at_once",
    "cut_again_and_again",
    "one_stops_reading",
    "real_joins",
]
