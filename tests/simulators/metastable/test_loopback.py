"""A real server collapses after a spike, stays down, and is cured by what cures the simulated one."""

from __future__ import annotations

import asyncio

from companion.simulators.metastable.loopback import PHASES, outage


def told(shares: dict[str, float]) -> bool:
    """Say whether it went up, down, down and up again."""
    up, down = (shares["calm"], shares["way_out"]), (shares["collapsed"], shares["queue_dropped"])
    return min(up) > 0.8 and max(down) < 0.2


def test_a_real_server_stays_down_until_its_queue_is_dropped_and_the_retries_are_off() -> None:
    # Real seconds pass here: where the machine is too busy to serve a calm service, it is tried again.
    tries: list[dict[str, float]] = []
    while not tries or (len(tries) < 6 and not told(tries[-1])):
        tries.append(asyncio.run(outage(calm=2.0, spike=3.0, after=4.5, seed=len(tries))))
    assert tries[-1].keys() == PHASES.keys()
    assert told(tries[-1]), tries
