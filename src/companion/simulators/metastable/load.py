"""The load that callers bring: pieces of constant rate, and the random arrivals that they make."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from math import log

from companion.simulators.metastable.settings import Settings

Piece = tuple[float, float, float]  # start (s), end (s), rate (requests/s)


def pieces(settings: Settings) -> list[Piece]:
    """Split the run into pieces of constant load.

    Returns
    -------
    list of (float, float, float)
        Start and end in seconds and the rate in requests/s; without gaps, from 0 to the duration.
    """
    end = settings.duration
    if settings.pattern == "spike":
        up, down = settings.spike_start, settings.spike_start + settings.spike_seconds
        marks = [(0.0, settings.load), (up, settings.spike_load), (down, settings.load)]
    elif settings.pattern == "ramp":
        marks = [(step * settings.ramp_step_seconds, rate) for step, rate in enumerate(ramp_rates(settings))]
    else:
        marks = [(0.0, settings.load)]
    ends = [start for start, _ in marks[1:]] + [end]
    cut = [(start, min(stop, end), rate) for (start, rate), stop in zip(marks, ends, strict=True)]
    return [piece for piece in cut if piece[0] < piece[1]]


def ramp_rates(settings: Settings) -> list[float]:
    """List the loads of the ramp's steps, up to the top and down again, in requests/s."""
    steps = int((settings.ramp_top - settings.load) / settings.ramp_step + 1e-9)
    up = [settings.load + step * settings.ramp_step for step in range(steps + 1)]
    return up + up[-2::-1]


def arrivals(settings: Settings, rng: random.Random) -> Iterator[float]:
    """Draw the times at which an open crowd's requests begin: Poisson within each piece."""
    uniform = rng.random
    for start, end, rate in pieces(settings):
        if rate <= 0:
            continue
        # A Poisson process has no memory, so each piece may begin its draws anew. The draw is `rng.expovariate`,
        # written out, since every request makes one.
        now = start
        while (now := now - log(1.0 - uniform()) / rate) < end:
            yield now


def door(settings: Settings, rng: random.Random) -> Callable[[float], bool] | None:
    """Choose whom to let in once the load is cut.

    Returns
    -------
    callable or None
        A function from the time (s) at which a request begins to whether it may; None when the load is never cut.
    """
    since, let_in = settings.cut_load_at, settings.cut_load_to
    if since is None:
        return None
    steps = pieces(settings)

    def admits(now: float) -> bool:
        if now < since:
            return True
        rate = next(rate for _, end, rate in steps if now < end)
        return rng.random() * rate < let_in

    return admits


def outage(settings: Settings) -> tuple[float, float]:
    """Give the start and end of the outage in seconds; infinitely late when there is none."""
    if settings.pattern != "outage":
        return float("inf"), float("inf")
    return settings.spike_start, settings.spike_start + settings.spike_seconds


def stream(settings: Settings, purpose: str) -> random.Random:
    """Make the generator of random numbers for one purpose.

    Each purpose has its own, so that two policies under one seed meet the same arrivals. The seed is a text, which
    `random` hashes by itself (SHA-512): the draws do not depend on PYTHONHASHSEED.
    """
    return random.Random(f"{settings.seed}/{purpose}")
