"""A home and its users: where all ways are equal it is the chapter's formula."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.hybrid import PRESETS
from companion.simulators.hybrid.homes import mean_wait, some_cities
from companion.simulators.hybrid.theory import coordinated_latency


@pytest.mark.parametrize("sites", [2, 3, 5, 8])
def test_with_equal_ways_the_wait_is_that_of_one_coordinator(sites: int) -> None:
    equal = [[40.0 * (one != other) for other in range(sites)] for one in range(sites)]
    formula = coordinated_latency(PRESETS["redblue"].settings(n_sites=sites, base_latency=0.0))
    assert mean_wait(equal, [7] * sites, 0) == pytest.approx(formula)


def test_a_home_waits_for_the_near_ones_only() -> None:
    times = [[0, 10, 500], [10, 0, 500], [500, 500, 0]]
    assert [mean_wait(times, [1, 0, 0], home) for home in range(3)] == [20, 40, 2000]


@given(st.integers(0, 2**32 - 1), st.integers(2, 8))
def test_everybody_waits_for_the_journey_and_for_a_majority(seed: int, number: int) -> None:
    times, asks = some_cities(random.Random(seed), number)
    for home in range(number):
        record = sorted(2 * way for way in times[home])[number // 2]
        waits = [users * (2 * times[city][home] + record) for city, users in enumerate(asks)]
        assert mean_wait(times, asks, home) == pytest.approx(sum(waits) / sum(asks))
