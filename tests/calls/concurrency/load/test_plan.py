"""Plans are made beforehand; percentiles are values that occurred; a correction adds what was left out."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.concurrency.load.plan import MOST_REQUESTS, LoadError, corrected, percentile, plan


def test_a_constant_plan_has_equal_distances_from_the_beginning_on() -> None:
    assert plan(4, 1) == [0.0, 0.25, 0.5, 0.75]


def test_poisson_arrivals_have_the_rate_and_repeat_with_their_seed() -> None:
    moments = plan(100, 50, "poisson", seed=1)
    assert abs(len(moments) - 5000) < 5 * math.sqrt(5000)
    assert moments == plan(100, 50, "poisson", seed=1) != plan(100, 50, "poisson", seed=2)
    assert moments == sorted(moments) and moments[0] > 0 and moments[-1] < 50
    gaps = [later - one for one, later in itertools.pairwise(moments)]
    above = sum(gap > 0.01 for gap in gaps) / len(gaps)
    assert abs(above - math.exp(-1)) < 0.03  # of an exponential, 37 % are longer than the mean


@pytest.mark.parametrize(
    ("rate", "seconds"), [(0, 1), (-1, 1), (math.nan, 1), (math.inf, 1), (1, 0), (1e-9, 1), (MOST_REQUESTS + 1, 1)]
)
def test_a_plan_that_makes_no_sense_is_refused(rate: float, seconds: float) -> None:
    with pytest.raises(LoadError):
        plan(rate, seconds)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.sampled_from([0, 1, 50, 90, 99, 99.9, 100]))
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values: list[int], percent: float) -> None:
    found = percentile(values, percent)
    enough = [value for value in values if 100 * sum(one <= value for one in values) >= percent * len(values)]
    assert found == min(enough)


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


@settings(max_examples=50)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=20), st.integers(1, 30))
def test_a_correction_adds_one_latency_for_each_interval_that_a_client_waited(values: list[int], gap: int) -> None:
    whole = corrected(values, gap)
    assert len(whole) == sum(-(-value // gap) for value in values)
    assert max(whole) == max(values) and min(whole) > 0


def test_a_correction_without_an_interval_or_without_end_is_refused() -> None:
    for interval in (0.0, -1.0, math.nan, 1e-12):
        with pytest.raises(LoadError, match="interval"):
            corrected([1.0], interval)
