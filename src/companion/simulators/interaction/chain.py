"""The management plane: A calls B, B calls its backend, and each has its own idea of how long to wait and how often.

Unless a deadline travels with the request, nobody tells B that A has given up, so what B began goes on: work that no
one waits for, and effects that A believes did not happen. There is no queue and no limit; what a queue makes of this is
the subject of `metastable`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from companion.simulators.interaction.latency import drawn
from companion.simulators.interaction.result import Tally
from companion.simulators.interaction.settings import Settings


def calls(settings: Settings, rng: random.Random, tally: Tally) -> Iterator[float]:
    """Make calls until the duration is over; yields the time of each (s)."""
    now = 0.0
    while (now := now + rng.expovariate(settings.request_rate)) < settings.duration:
        call(settings, rng, tally, now)
        yield now


def call(settings: Settings, rng: random.Random, tally: Tally, begun: float) -> None:
    """Follow one call of A to its end: what B executes, what of it A still waits for, and what A is told.

    A repetition that B knows by its key joins the execution under way instead of beginning another.
    """
    own = drawn(rng, settings) if settings.keeps_latency else None
    asked, effects, executions = begun, 0, 0
    running: tuple[float, bool] | None = None
    left = begun
    answered: float | None = None
    for _ in range(settings.upstream_retries + 1):
        leaves = asked + settings.upstream_timeout
        if running is None or settings.delivery == "at_least_once" or (running[0] <= asked and not running[1]):
            tally.late += max(0.0, running[0] - left) if running else 0.0
            took, worked = execute(settings, rng, own)
            if settings.deadlines and asked + took > leaves:
                took, worked = settings.upstream_timeout, False  # B stops, and has done nothing
            running = (asked + took, worked)
            executions, effects, tally.busy = executions + 1, effects + worked, tally.busy + took
        ends, worked = running
        left = leaves
        if worked and ends <= leaves:
            answered = max(ends, asked)
            break
        asked = min(ends, leaves)  # at B's error, or when A's own patience ends
    if running is not None and answered is None:
        tally.late += max(0.0, running[0] - left)
    _settle(tally, begun, answered, effects)
    tally.counts["executions"] += executions
    tally.counts["wasted"] += executions - (answered is not None)


def _settle(tally: Tally, begun: float, answered: float | None, effects: int) -> None:
    tally.counts["duplicates"] += max(0, effects - 1)
    tally.counts["ghosts"] += answered is None and effects > 0
    if answered is None:
        tally.settle("refused", begun)
        return
    tally.latencies.append(answered - begun)
    tally.settle("delivered" if effects == 1 else "changed", begun)


def execute(settings: Settings, rng: random.Random, own: float | None = None) -> tuple[float, bool]:
    """Let B ask its backend until it answers in time or the retries are used up: how long it took (s), and whether.

    `own` is how long the backend needs for this request, whenever it is asked (s); without it each try draws anew.
    """
    took = 0.0
    for _ in range(settings.downstream_retries + 1):
        needed = drawn(rng, settings) if own is None else own
        if needed <= settings.downstream_timeout:
            return took + needed, True
        took += settings.downstream_timeout
    return took, False
