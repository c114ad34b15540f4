"""The data plane: records that A writes and B reads, one after the other, and what became of each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from companion.simulators.interaction.records import CONVERSIONS, Conversion, Item, UpstreamRefusal
from companion.simulators.interaction.result import Tally
from companion.simulators.interaction.settings import Settings


def convert(settings: Settings, conversion: Conversion, item: Item) -> str:
    """Send one value, and say what became of it.

    Returns
    -------
    str
        ``delivered``, ``changed`` (B stores something else), ``refused`` (B raises) or ``refused by A`` (A does).
    """
    try:
        return "delivered" if conversion.read(settings, conversion.write(settings, item)) == item.meant else "changed"
    except UpstreamRefusal:
        return "refused by A"
    except (ValueError, ArithmeticError):
        return "refused"


def stream(settings: Settings, rng: random.Random, tally: Tally) -> Iterator[float]:
    """Send records until the duration is over; yields the time of each (s)."""
    conversion, now = CONVERSIONS[settings.failure_scenario], 0.0
    while (now := now + rng.expovariate(settings.request_rate)) < settings.duration:
        outcome = convert(settings, conversion, conversion.draw(rng, rng.random() < settings.odd_share))
        if outcome == "refused by A":
            tally.counts["refused_by_a"] += 1
        tally.settle(outcome.removesuffix(" by A"), now)
        yield now


def rehearse(settings: Settings, records: int = 1000) -> Counter[str]:
    """Write and read so many odd records before any traffic does, and count what became of them: a write-read test."""
    conversion, rng = CONVERSIONS[settings.failure_scenario], random.Random(settings.seed)
    return Counter(convert(settings, conversion, conversion.draw(rng, True)) for _ in range(records))
