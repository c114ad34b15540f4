"""Many runs, one question each: the basin of attraction, the hysteresis, the map, the tipping point."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from companion.simulators.metastable import PRESETS, scans

SEEDS = range(1, 6)


# The basin of attraction: how many of 60 runs survive a spike of two seconds. The expected counts are themselves of 60
# runs, so they scatter by about 3.4; twice that is allowed.


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 45),
        ({"policy": "full_jitter", "backoff_base": 0.1}, 48),
        ({"policy": "full_jitter", "backoff_base": 1.0}, 52),
    ],
    ids=["immediate", "jitter-0.1", "jitter-1"],
)
def test_a_short_spike_is_survived_by_most_runs_and_jitter_hardly_helps(changes: dict[str, Any], expected: int) -> None:
    assert abs(scans.basin(PRESETS["collapse"].settings(spike_seconds=2.0, **changes), 60) - expected) <= 7


def test_jitter_far_above_the_timeout_survives_a_short_spike_nearly_always() -> None:
    settings = PRESETS["full_jitter"].settings(spike_seconds=2.0, backoff_base=10.0)
    assert scans.basin(settings, 20) >= 19


# Hysteresis


@cache
def ramps() -> tuple[list[scans.Step], ...]:
    return tuple(scans.hysteresis(seed=seed) for seed in SEEDS)


def on_the_way(direction: str, load: float) -> list[scans.Step]:
    return [step for steps in ramps() for step in steps if (step.direction, step.load) == (direction, load)]


def test_on_the_way_up_the_goodput_follows_the_load_to_ninety() -> None:
    at_ninety = [step.goodput_per_s for step in on_the_way("up", 90.0)]
    assert sum(at_ninety) / len(at_ninety) == pytest.approx(91, abs=2)
    for load in (10.0, 40.0, 70.0):
        assert all(step.goodput_per_s == pytest.approx(load, abs=4) for step in on_the_way("up", load))


def test_at_its_capacity_the_service_ends_anywhere() -> None:
    at_hundred = [step.goodput_per_s for step in on_the_way("up", 100.0)]
    assert max(at_hundred) - min(at_hundred) > 20
    assert all(12 <= goodput <= 100 for goodput in at_hundred)


def test_above_its_capacity_the_goodput_is_nothing() -> None:
    for load in (110.0, 120.0, 150.0):
        assert all(step.goodput_at_end == 0 for step in on_the_way("up", load))


def test_on_the_way_down_the_goodput_stays_nothing_until_twenty_and_is_whole_at_ten() -> None:
    for load in (140.0, 90.0, 70.0, 50.0, 30.0):
        assert all(step.goodput_per_s < 0.1 for step in on_the_way("down", load))
    assert all(step.goodput_per_s < 10 for step in on_the_way("down", 20.0))
    assert all(step.goodput_per_s == pytest.approx(10, abs=2) for step in on_the_way("down", 10.0))


# Sweeps


def test_it_tips_before_the_capacity_falls_to_the_load() -> None:
    calm, critical, gone = scans.tipping_point([0.0, 0.004, 0.01], seeds=SEEDS)
    assert calm["retries_per_s"] < 1
    assert critical["capacity_per_s"] > 70 and critical["goodput_per_s"] < 35
    assert gone["goodput_per_s"] == 0
    assert gone["attempts_per_s"] == pytest.approx(280, rel=0.05)


def test_more_retries_make_more_loads_vulnerable() -> None:
    table = scans.scan_map(("max_retries", [0, 1, 3]), ("load", [20.0, 40.0, 80.0]), seeds=[1], duration=600.0)
    assert [[round(share) for share in row] for row in table] == [[1, 1, 1], [1, 1, 0], [1, 0, 0]]


def test_a_scan_of_loads_shows_the_region() -> None:
    scan = scans.scan_loads([20.0, 50.0], ("collapse", "recovers"), seeds=[1], duration=900.0)
    assert scan["collapse"] == [pytest.approx(20, abs=2), 0]
    assert scan["recovers"] == [pytest.approx(20, abs=2), pytest.approx(50, abs=3)]
