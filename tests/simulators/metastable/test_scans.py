"""Many runs, one question each: the basin of attraction, the hysteresis, the map, the tipping point."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from companion.simulators.metastable import PRESETS, scans, simulate

SEEDS = range(1, 4)


# The basin of attraction: how many of 60 runs survive a spike of two seconds. The expected counts are themselves of 60
# runs, so they scatter by about 3.4; twice that is allowed. When the spike comes decides nothing: within seconds the
# service has forgotten how it began.
EARLY: dict[str, Any] = {"spike_start": 20.0, "spike_seconds": 2.0, "duration": 100.0}


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
    assert abs(scans.basin(PRESETS["collapse"].settings(**EARLY, **changes), 60) - expected) <= 7


def test_jitter_far_above_the_timeout_survives_a_short_spike_nearly_always() -> None:
    settings = PRESETS["full_jitter"].settings(**EARLY, backoff_base=10.0)
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


def test_it_tips_by_chance_before_the_capacity_falls_to_the_load() -> None:
    tipped = scans.tipping_times([0.0, 0.003, 0.004, 0.01], seeds=range(1, 7), duration=300.0)
    gone = {slope: sum(moment is not None for moment in moments) for slope, moments in tipped.items()}
    assert PRESETS["coordination"].settings(concurrency_slope=0.004).capacity > 70
    assert (gone[0.0], gone[0.004], gone[0.01]) == (0, 6, 6)
    assert 0 < gone[0.003] < 6
    assert max(moment for moment in tipped[0.01] if moment is not None) < 30


def test_a_run_recovers_when_nine_of_ten_who_are_let_in_are_answered() -> None:
    way_out = simulate("way_out", spike_start=20.0, set_retries_at=50.0, drop_queue_at=50.0, duration=100.0)
    assert scans.seconds_to_recover(way_out, 50) in range(3)
    assert scans.seconds_to_recover(way_out, 0) == 0
    assert scans.seconds_to_recover(way_out, 30) in range(18, 23)
    assert scans.seconds_to_recover(simulate("collapse", spike_start=20.0, duration=100.0), 50) is None
    few = simulate("collapse", pattern="constant", cut_load_at=10.0, cut_load_to=5.0, duration=60.0)
    assert scans.seconds_to_recover(few, 20) == 0  # of those who are let in all are answered


def test_more_retries_make_more_loads_vulnerable() -> None:
    table = scans.scan_map(("max_retries", [0, 1, 3]), ("load", [20.0, 40.0, 80.0]), seeds=[1], duration=600.0)
    assert [[round(share) for share in row] for row in table] == [[1, 1, 1], [1, 1, 0], [1, 0, 0]]
