"""The stream of quotes at the broker, and a generator of prices in place of an exchange."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator

from nats.js import JetStreamContext
from nats.js.api import StorageType
from nats.js.errors import NotFoundError

from companion.calls.messaging.quotes.quote import Quote, QuotesError, from_broker, payload, subject_of

STREAM = "QUOTES"
LAST_QUOTES = 1000
"""Quotes that the stream keeps of each symbol: how far back somebody can go on from."""
SYMBOLS = ("ACME", "EMCA", "MACE")


async def open_stream(js: JetStreamContext, last_quotes: int = LAST_QUOTES) -> None:
    """Make the stream, in memory: one subject per symbol, of each the last quotes."""
    await js.add_stream(
        name=STREAM,
        subjects=[subject_of("*")],
        storage=StorageType.MEMORY,
        max_msgs_per_subject=last_quotes,
        allow_direct=True,
    )


def prices(seed: int, symbols: Iterable[str] = SYMBOLS) -> Iterator[tuple[str, int, float]]:
    """Give symbols, numbers and prices without end: each price moves by up to 50 cents, and stays above 1."""
    rng = random.Random(seed)
    cents = dict.fromkeys(symbols, 10_000)
    numbers = dict.fromkeys(cents, 0)
    names = list(cents)
    while True:
        symbol = rng.choice(names)
        cents[symbol] = max(100, cents[symbol] + rng.randint(-50, 50))
        numbers[symbol] += 1
        yield symbol, numbers[symbol], cents[symbol] / 100


async def publish(js: JetStreamContext, quotes: Iterable[tuple[str, int, float]], every: float = 0.0) -> int:
    """Publish one after the other; each has its place in the stream before the next one goes.

    Parameters
    ----------
    js : JetStreamContext
        Of a connected client.
    quotes : iterable
        Symbol, number and price.
    every : float
        Seconds from one to the next.

    Returns
    -------
    int
        The place of the last one in the stream.
    """
    seq = 0
    for symbol, number, price in quotes:
        seq = (await js.publish(subject_of(symbol), payload(number, price), timeout=10)).seq
        await asyncio.sleep(every)
    return seq


async def earlier(js: JetStreamContext, symbol: str, after: int, before: int, most: int) -> list[Quote]:
    """Fetch quotes of a symbol from the stream: those between two places, the oldest first, and at most so many."""
    found: list[Quote] = []
    while len(found) < most:
        try:
            message = await js.get_msg(STREAM, seq=after + 1, subject=subject_of(symbol), next=True, direct=True)
        except NotFoundError:
            break
        if message.seq is None or message.subject is None or message.seq >= before:
            break
        after = message.seq
        try:
            found.append(from_broker(message.subject, after, message.data or b""))
        except QuotesError:
            continue  # what is no quote is passed over here as it is in the feed
    return found


__all__ = ["LAST_QUOTES", "STREAM", "SYMBOLS", "earlier", "open_stream", "prices", "publish"]
