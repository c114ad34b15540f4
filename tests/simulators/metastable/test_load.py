"""The load: pieces of constant rate that cover the run, and arrivals at those rates."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.metastable import PRESETS, Settings
from companion.simulators.metastable.load import arrivals, door, pieces, ramp_rates


def test_a_spike_has_three_pieces() -> None:
    assert pieces(Settings()) == [(0.0, 60.0, 70.0), (60.0, 70.0, 140.0), (70.0, 360.0, 70.0)]
    assert pieces(Settings(duration=65.0)) == [(0.0, 60.0, 70.0), (60.0, 65.0, 140.0)]


def test_a_ramp_goes_up_and_down_the_same_steps() -> None:
    settings = PRESETS["hysteresis"].settings()
    rates = ramp_rates(settings)
    assert rates == rates[::-1] and max(rates) == 150 and len(rates) == 29
    assert settings.duration == len(rates) * settings.ramp_step_seconds


@given(st.sampled_from(["constant", "spike", "ramp", "outage"]), st.floats(1, 400))
def test_the_pieces_cover_the_run_without_gaps(pattern: str, duration: float) -> None:
    parts = pieces(Settings(pattern=pattern, duration=duration))
    assert parts[0][0] == 0 and parts[-1][1] == duration
    assert all(before[1] == after[0] for before, after in pairwise(parts))


def test_arrivals_come_at_the_rate_of_their_piece() -> None:
    times = list(arrivals(Settings(spike_load=280.0), random.Random(1)))
    assert times == sorted(times)
    assert sum(60 <= time < 70 for time in times) == pytest.approx(2800, rel=0.06)
    assert sum(time < 60 for time in times) == pytest.approx(4200, rel=0.06)


def test_a_door_that_nobody_cuts_is_none() -> None:
    assert door(Settings(), random.Random(1)) is None


def test_a_door_lets_in_as_many_as_it_is_told_whatever_comes() -> None:
    settings = Settings(cut_load_at=50.0, cut_load_to=20.0, spike_load=280.0)
    admits = door(settings, random.Random(1))
    assert admits is not None
    assert all(admits(now) for now in (0.0, 25.0, 49.9))
    for now, load in ((55.0, 70.0), (65.0, 280.0)):
        assert sum(admits(now) for _ in range(20_000)) / 20_000 * load == pytest.approx(20, rel=0.06)
