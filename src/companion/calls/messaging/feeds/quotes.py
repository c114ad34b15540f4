"""The quotes, and when they come: both drawn from a seed."""

from __future__ import annotations

import json
import random

from companion.errors import CompanionError

Quote = tuple[int, str]
"""The number of an event, and its text."""


class FeedError(CompanionError):
    """A feed, or its reader, did not get what it was to get; the message says what."""


def quotes(seed: int, count: int) -> list[Quote]:
    """Let a price walk, in whole cents of five digits; the numbers begin with 1."""
    draws, cents, found = random.Random(seed), 50_000, []
    for number in range(1, count + 1):
        cents = min(max(cents + draws.randint(-5, 5), 10_000), 99_000)
        fields = {"id": number, "symbol": "ACME", "bid": cents, "ask": cents + 2, "size": 100 * draws.randint(1, 9)}
        found.append((number, json.dumps(fields, separators=(",", ":"))))
    return found


def arrivals(seed: int, rate: float, count: int) -> list[float]:
    """Draw the times of a Poisson process, in seconds.

    Parameters
    ----------
    seed : int
        Of the random numbers.
    rate : float
        Events a second, on average.
    count : int
        How many.
    """
    draws, now, found = random.Random(seed), 0.0, []
    for _ in range(count):
        now += draws.expovariate(rate)
        found.append(now)
    return found


def missed_share(load: float) -> float:
    """Share of a Poisson feed that whoever waits only part of the time does not see.

    Parameters
    ----------
    load : float
        The mean number of events while the reader is away: rate times the time between an answer and its next poll.

    Notes
    -----
    Between two answers there is a stretch away, with `load` events on average, all missed, and then one that is seen.
    """
    return load / (1 + load)
