"""When the requests of a load are to be sent: planned before the first, whatever becomes of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum

from companion.errors import CompanionError

MOST_REQUESTS = 1_000_000
"""Of one plan."""


class LoadError(CompanionError, ValueError):
    """A load that cannot be made; the message says why."""


class Arrivals(StrEnum):
    """How requests follow each other."""

    constant = "constant"
    poisson = "poisson"


def plan(rate: float, seconds: float, arrivals: str = "constant", seed: int = 0) -> list[float]:
    """Give the moments of all requests, in seconds from the beginning.

    Parameters
    ----------
    rate
        Requests a second.
    seconds
        How long to send.
    arrivals
        ``constant``: at equal distances. ``poisson``: as by many callers who do not know of each other.
    seed
        Of the Poisson arrivals.

    Raises
    ------
    LoadError
        If a number makes no sense, or there would be no request, or more than `MOST_REQUESTS`.
    """
    if not (0 < rate < float("inf") and 0 < seconds < float("inf")):
        raise LoadError(f"{rate} requests a second for {seconds} seconds: both must be more than 0")
    if rate * seconds > MOST_REQUESTS:
        raise LoadError(f"{rate:g}/s for {seconds:g} s is more than {MOST_REQUESTS:,} requests; take less of either")
    if Arrivals(arrivals) is Arrivals.constant:
        moments = [number / rate for number in range(round(rate * seconds))]
    else:
        draw, at, moments = random.Random(seed), 0.0, []
        while (at := at + draw.expovariate(rate)) < seconds and len(moments) < MOST_REQUESTS:
            moments.append(at)
    if not moments:
        raise LoadError(f"{rate:g}/s for {seconds:g} s is not one request; take more of either")
    return moments


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the smallest value that at least `percent` of 100 values do not exceed: one that occurred (nearest rank).

    Raises
    ------
    ValueError
        If there are no values.
    """
    if not values:
        raise ValueError("no values have no percentile")
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(0, min(len(ordered), int(rank)) - 1)]


def corrected(latencies: Sequence[float], interval: float) -> list[float]:
    """Add the requests that a waiting client did not send: one each `interval` seconds, until the answer came.

    A client that means to send each `interval` seconds and waits longer for an answer has left out requests, which
    would have waited for the rest of that time.

    Raises
    ------
    LoadError
        If the interval is not positive, or so small that more than `MOST_REQUESTS` would be added.
    """
    if not interval > 0:
        raise LoadError(f"an interval of {interval} s: it must be more than 0")
    if sum(latencies) / interval > MOST_REQUESTS:
        raise LoadError(f"an interval of {interval} s adds more than {MOST_REQUESTS:,} requests")
    whole: list[float] = []
    for latency in latencies:
        whole.append(latency)
        whole += [latency - k * interval for k in range(1, int(latency / interval) + 1) if latency > k * interval]
    return whole
