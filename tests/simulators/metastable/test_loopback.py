"""A real server collapses after a spike, stays down, and is cured by what cures the simulated one."""

from __future__ import annotations

import asyncio

from companion.simulators.metastable.loopback import PHASES, outage


def test_a_real_server_stays_down_until_its_queue_is_dropped_and_the_retries_are_off() -> None:
    shares = asyncio.run(outage(calm=2.0, spike=3.0, after=4.5))
    assert shares.keys() == PHASES.keys()
    assert shares["calm"] > 0.8
    assert shares["collapsed"] < 0.2
    assert shares["queue_dropped"] < 0.2
    assert shares["way_out"] > 0.8
