"""Closed forms that the simulation must agree with.

Let p be the chance that one attempt of A outlasts its patience and k the retries of A. If each attempt draws a new
latency, 1 - p of the calls are answered at the first, p^(k+1) never, and B executes (1 - p^(k+1)) / (1 - p) of them on
average, since it finishes what it began whether or not A has left; in both cases a share p of the executions is for
nobody. If a request keeps its latency, p of the calls are never answered, however often A asks, and B executes each
of these k + 1 times.

For lost updates: an account is written by a Poisson stream of rate r, each write w after its read. Going back from a
write that is in the balance, the one that it had read is the latest that ended before its read began: w, and then an
exponential time of mean 1/r, earlier. So one write in 1 + r w is kept, by the elementary renewal theorem (Feller,
An Introduction to Probability Theory, volume II, chapter XI).
"""

from __future__ import annotations

from math import log
from statistics import NormalDist

from companion.simulators.interaction.settings import Settings


def premature_share(settings: Settings) -> float:
    """Give the chance that one attempt outlasts A's patience while B still works on it.

    Raises
    ------
    ValueError
        If A waits longer than B's own timeout, for then B's retries count as well.
    """
    if settings.upstream_timeout > settings.downstream_timeout:
        raise ValueError(
            f"upstream_timeout = {settings.upstream_timeout:g} is longer than downstream_timeout = "
            f"{settings.downstream_timeout:g}"
        )
    if settings.latency_spread == 0:
        return float(settings.latency > settings.upstream_timeout)
    return 1 - NormalDist(log(settings.latency), settings.latency_spread).cdf(log(settings.upstream_timeout))


def refused_share(settings: Settings) -> float:
    """Give the share of calls that A is told have failed, because every attempt was given up; without keys."""
    share = premature_share(settings)
    return share if settings.keeps_latency else share ** (settings.upstream_retries + 1)


def executions_per_request(settings: Settings) -> float:
    """Give how often B executes a call on average, without idempotency keys."""
    share = premature_share(settings)
    tries = settings.upstream_retries + 1
    if settings.keeps_latency:
        return 1 - share + share * tries
    return float(tries) if share == 1 else (1 - share**tries) / (1 - share)


def worst_case(timeout: float, retries: int, backoffs: float = 0.0) -> float:
    """Give the longest that a service can take (s): its timeout for every try, and the pauses between them."""
    return timeout * (retries + 1) + backoffs


def lost_share(settings: Settings) -> float:
    """Give the share of unsynchronised writes that are overwritten unseen, with no losses of messages."""
    load = settings.request_rate / settings.accounts * settings.apply_time / 1000
    return load / (1 + load)


def done_once_share(settings: Settings) -> float:
    """Give the share of requests that B, without keys, did once and A knows of.

    Some requests are lost first, then one arrives and so does its acknowledgement: the sum over up to `retries` lost
    ones. What takes longer than A waits is left out: choose `upstream_timeout` far above `latency`.
    """
    return (1 - settings.loss) * (1 - settings.loss ** (settings.upstream_retries + 1))


def unacknowledged_share(settings: Settings) -> float:
    """Give the share of requests of which no acknowledgement ever came, whatever B did."""
    return float((1 - (1 - settings.loss) ** 2) ** (settings.upstream_retries + 1))
