"""The simulation: the seed's random numbers, the stream of the scenario, and what is counted of it."""

from __future__ import annotations

import random
from collections.abc import Callable

from companion.simulators.interaction.chain import calls
from companion.simulators.interaction.delivery import deliveries
from companion.simulators.interaction.records import stream
from companion.simulators.interaction.result import Result, Tally, conclude
from companion.simulators.interaction.settings import Settings

FLOWS = {"metadata": stream, "schema": stream, "types": stream, "configuration": calls, "api": deliveries}
"""What is simulated, by `failure_scenario`."""


def run(settings: Settings, progress: Callable[[int], object] | None = None) -> Result:
    """Simulate; `companion.simulators.interaction.simulate` is the front door."""
    tally, second = Tally(settings), 0
    for now in FLOWS[settings.failure_scenario](settings, random.Random(settings.seed), tally):
        while progress is not None and second < min(int(now), int(settings.duration)):
            second += 1
            progress(second)
    while progress is not None and second < int(settings.duration):
        second += 1
        progress(second)
    return conclude(tally)
