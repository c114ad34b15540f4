"""What a chain of hops takes: drawn many times with one seed, and by closed forms where there are any.

Times are those of requests that were answered. A hop's failed tries count in them: they took time before the next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import NormalDist
from typing import Any

import numpy as np

from companion.calls.network_tax.budget.hops import BudgetError, Hop

NORMAL = NormalDist()
Z99 = NORMAL.inv_cdf(0.99)
SAMPLES = 200_000
Times = Any
"""An array of milliseconds, one for each request."""


@dataclass(frozen=True)
class Step:
    """Hops that are called at once, mostly one, and when the request is through with them.

    Attributes
    ----------
    names : tuple of str
        The hops.
    start_ms, mean_ms : float
        When it begins and how long it takes, on average; averages add.
    p50_ms, p99_ms : float
        Of the time from the request's begin to this step's end.
    """

    names: tuple[str, ...]
    start_ms: float
    mean_ms: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Budget:
    """What a chain takes.

    Attributes
    ----------
    availability : float
        The probability that every hop answers, in one of its tries.
    beyond : float
        The probability that a try of each hop has at least one beyond its own 99th percentile.
    p50_ms, p99_ms : float
        Of the whole, from the simulation.
    mean_ms : float
        Of the whole, from the simulation.
    exact_mean_ms : float or None
        By the closed form; there is none with parallel hops.
    sum_p50_ms, sum_p99_ms : float
        What one gets who adds percentiles, of one try of each hop; of parallel hops the largest counts.
    worst_ms : float or None
        The longest that a request can take, if every hop has a timeout.
    steps : tuple of Step
        In order.
    """

    availability: float
    beyond: float
    p50_ms: float
    p99_ms: float
    mean_ms: float
    exact_mean_ms: float | None
    sum_p50_ms: float
    sum_p99_ms: float
    worst_ms: float | None
    steps: tuple[Step, ...]


def shape(p50: float, p99: float) -> tuple[float, float]:
    """Give mu and sigma of the lognormal distribution that has this median and this 99th percentile."""
    return math.log(p50), math.log(p99 / p50) / Z99


def percentile(hop: Hop, part: float) -> float:
    """Give a percentile of one try, in milliseconds."""
    if hop.mean_ms is not None:
        return -hop.mean_ms * math.log(1 - part)
    mu, sigma = _shape_of(hop)
    return math.exp(mu + sigma * NORMAL.inv_cdf(part))


def in_time(hop: Hop) -> float:
    """Give the probability that a try that is answered is so before the hop's timeout."""
    if hop.timeout_ms is None:
        return 1.0
    if hop.mean_ms is not None:
        return -math.expm1(-hop.timeout_ms / hop.mean_ms)
    mu, sigma = _shape_of(hop)
    return NORMAL.cdf(_ratio(math.log(hop.timeout_ms) - mu, sigma))


def answers(hop: Hop) -> float:
    """Give the probability that one of a hop's tries is answered in time."""
    return -math.expm1((hop.retries + 1) * math.log1p(-_success(hop))) if _success(hop) < 1 else 1.0


def mean(hop: Hop) -> float:
    """Give the mean time of a hop that answers, failed tries and all, by the closed form."""
    success, within = _success(hop), in_time(hop)
    last = _mean_in_time(hop)
    if success == 1 or not hop.retries:
        return last
    failed = (within * (1 - hop.availability) * last + (1 - within) * (hop.timeout_ms or 0.0)) / (1 - success)
    chances = [success * (1 - success) ** before for before in range(hop.retries + 1)]
    return last + failed * sum(before * chance for before, chance in enumerate(chances)) / sum(chances)


def simulate(hops: Sequence[Hop], *, seed: int = 7, samples: int = SAMPLES) -> Budget:
    """Send requests through the hops, each with its own times.

    Parameters
    ----------
    hops
        In order; those that share a word in `parallel` are one step.
    seed
        Of the random numbers; the same seed gives the same answer.
    samples
        How many requests.
    """
    for hop in hops:
        if _success(hop) < 1e-9:
            raise BudgetError(f"{hop.name}: a timeout of {hop.timeout_ms:g} ms lets nothing through; make it longer")
    random = np.random.default_rng(seed)
    elapsed: Times = np.zeros(samples)
    steps, worst, naive = [], 0.0, [0.0, 0.0]
    for members in _steps(hops):
        took = np.max([_draw(hop, random, samples) for hop in members], axis=0)
        start, elapsed = float(elapsed.mean()), elapsed + took
        p50, p99 = (float(value) for value in np.quantile(elapsed, (0.5, 0.99)))
        steps.append(Step(tuple(hop.name for hop in members), start, float(took.mean()), p50, p99))
        worst += max(math.inf if hop.timeout_ms is None else hop.timeout_ms * (hop.retries + 1) for hop in members)
        naive = [
            one + max(percentile(hop, part) for hop in members) for one, part in zip(naive, (0.5, 0.99), strict=True)
        ]
    return Budget(
        availability=math.prod(answers(hop) for hop in hops),
        beyond=1 - 0.99 ** len(hops),
        p50_ms=steps[-1].p50_ms,
        p99_ms=steps[-1].p99_ms,
        mean_ms=float(elapsed.mean()),
        exact_mean_ms=sum(mean(hop) for hop in hops) if len(steps) == len(hops) else None,
        sum_p50_ms=naive[0],
        sum_p99_ms=naive[1],
        worst_ms=worst if math.isfinite(worst) else None,
        steps=tuple(steps),
    )


def _steps(hops: Sequence[Hop]) -> list[list[Hop]]:
    """Put hops that are called at once together."""
    numbered = groupby(enumerate(hops), key=lambda one: one[1].parallel or one[0])
    return [[hop for _, hop in members] for _, members in numbered]


def _shape_of(hop: Hop) -> tuple[float, float]:
    assert hop.p50_ms is not None and hop.p99_ms is not None
    return shape(hop.p50_ms, hop.p99_ms)


def _ratio(distance: float, sigma: float) -> float:
    """How many sigma a distance is; with none, it is at one side or the other."""
    return distance / sigma if sigma else math.copysign(40.0, distance)


def _success(hop: Hop) -> float:
    return hop.availability * in_time(hop)


def _mean_in_time(hop: Hop) -> float:
    """The mean of one try, of those that are done before the timeout."""
    within = in_time(hop)
    if hop.mean_ms is not None:
        late = 0.0 if hop.timeout_ms is None else hop.timeout_ms * (1 - within) / within
        return hop.mean_ms - late
    mu, sigma = _shape_of(hop)
    whole = math.exp(mu + sigma**2 / 2)
    if hop.timeout_ms is None:
        return whole
    return whole * NORMAL.cdf(_ratio(math.log(hop.timeout_ms) - mu - sigma**2, sigma)) / within


def _draw(hop: Hop, random: np.random.Generator, samples: int) -> Times:
    """Draw how long a hop takes that answers: of its tries, the failed ones and the last."""
    took = _draw_try(hop, random, samples)
    success, within = _success(hop), in_time(hop)
    if success == 1 or not hop.retries:
        return took
    chances = np.array([success * (1 - success) ** before for before in range(hop.retries + 1)])
    failed = random.choice(len(chances), samples, p=chances / chances.sum())
    for number in range(hop.retries):
        late = random.random(samples) < (1 - within) / (1 - success)
        lost = np.where(late, hop.timeout_ms or 0.0, _draw_try(hop, random, samples))
        took = took + np.where(failed > number, lost, 0.0)
    return took


def _draw_try(hop: Hop, random: np.random.Generator, samples: int) -> Times:
    """Draw how long a try takes that is done before the timeout."""
    within = in_time(hop)
    if hop.mean_ms is not None:
        return -hop.mean_ms * np.log1p(-random.random(samples) * within)
    mu, sigma = _shape_of(hop)
    if hop.timeout_ms is None:
        return np.exp(mu + sigma * random.standard_normal(samples))
    last = min(8.0, _ratio(math.log(hop.timeout_ms) - mu, sigma))
    places = np.linspace(-8.0, last, 4001)
    below = [NORMAL.cdf(place) for place in places]
    return np.exp(mu + sigma * np.interp(random.random(samples) * within, below, places))
