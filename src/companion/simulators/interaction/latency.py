"""How long a service takes: log-normal, as measured latencies mostly are."""

from __future__ import annotations

import random
from math import log

from companion.simulators.interaction.settings import Settings


def drawn(rng: random.Random, settings: Settings) -> float:
    """Draw a time (s); without a spread it is the latency itself, not one that came back through a logarithm."""
    if settings.latency_spread == 0:
        return settings.latency
    return rng.lognormvariate(log(settings.latency), settings.latency_spread)
