"""The reference scenario of chapter 18 in happysim: ten servers, one queue, callers with a patience and three retries.

A program for `test_metastable_against_happysim`. happysim's own client takes the moment at which its request is queued
for the answer, so that nobody there ever times out; the client here waits for what the server sends on.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

from happysimulator import Entity, Event, ExponentialLatency, Instant, Server, Simulation, Source, SpikeProfile
from happysimulator.core.temporal import Duration

TIMEOUT, RETRIES = Duration.from_seconds(1.0), 3


class Caller(Entity):  # type: ignore[misc]  # happysim, not installed here, has no types
    """Asks, waits a second for the answer, and asks again at once, three times at most."""

    def __init__(self) -> None:
        super().__init__("caller")
        self.server: Server | None = None
        self.waiting: set[int] = set()
        self.attempts = self.answered = self.late = 0

    def handle_event(self, event: Event) -> list[Event] | None:
        if event.event_type == "arrival":
            return self.ask(RETRIES)
        number = event.context["number"]
        if event.event_type == "patience over":
            if number not in self.waiting:
                return None
            self.waiting.discard(number)
            return self.ask(event.context["left"] - 1) if event.context["left"] else None
        if number in self.waiting:
            self.waiting.discard(number)
            self.answered += 1
        else:
            self.late += 1
        return None

    def ask(self, left: int) -> list[Event]:
        self.attempts += 1
        number = self.attempts
        self.waiting.add(number)
        return [
            Event(time=self.now, event_type="attempt", target=self.server, context={"number": number}),
            Event(time=self.now + TIMEOUT, event_type="patience over", target=self,
                  context={"number": number, "left": left}),
        ]  # fmt: skip


def run(duration: float) -> dict[str, Any]:
    """Simulate, and time it; seconds of the wall clock."""
    random.seed(1)
    caller = Caller()
    caller.server = Server("server", concurrency=10, service_time=ExponentialLatency(0.1), downstream=caller)
    spike = SpikeProfile(baseline_rate=70, spike_rate=140, warmup_s=60, spike_duration_s=10)
    source = Source.with_profile(spike, caller, "arrival", stop_after=duration)
    simulation = Simulation(sources=[source], entities=[caller, caller.server], end_time=Instant.from_seconds(duration))
    began = time.perf_counter()
    simulation.run()
    seconds = time.perf_counter() - began
    return {"attempts": caller.attempts, "answered": caller.answered, "late": caller.late, "seconds": seconds}


if __name__ == "__main__":
    print(json.dumps(run(float(sys.argv[1]))))
