"""What a chain of hops takes, held against closed forms."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.network_tax.budget.chain import answers, in_time, mean, percentile, simulate
from companion.calls.network_tax.budget.hops import BudgetError, Hop, example, parse

NINE = parse(example())


def test_percentiles_do_not_add_and_means_do() -> None:
    found = simulate(NINE)
    assert found.p50_ms == pytest.approx(67.1, abs=0.4)
    assert found.p99_ms == pytest.approx(179.5, abs=3)
    assert (round(found.sum_p50_ms), round(found.sum_p99_ms)) == (45, 450)
    assert found.exact_mean_ms is not None
    assert round(found.exact_mean_ms, 1) == 73.4
    assert found.mean_ms == pytest.approx(found.exact_mean_ms, rel=0.005)


def test_nine_hops_multiply_their_availability_and_one_is_often_slow() -> None:
    found = simulate(NINE, samples=1000)
    assert found.availability == pytest.approx(0.999**9)
    assert round(100 * found.beyond, 2) == 8.65


def test_the_slowest_of_nine_has_the_ninth_root_as_its_percentile() -> None:
    at_once = simulate([replace(hop, parallel="all") for hop in NINE])
    assert at_once.p50_ms == pytest.approx(percentile(NINE[0], 0.5 ** (1 / 9)), rel=0.01)
    assert at_once.p99_ms == pytest.approx(percentile(NINE[0], 0.99 ** (1 / 9)), rel=0.02)
    assert (at_once.exact_mean_ms, len(at_once.steps), round(at_once.sum_p99_ms)) == (None, 1, 50)


def test_exponential_hops_add_up_to_an_erlang() -> None:
    hops = [Hop(str(number), mean_ms=50 / log(100)) for number in range(9)]
    erlang = np.random.default_rng(1).gamma(9, 50 / log(100), 200_000)
    assert simulate(hops).p99_ms == pytest.approx(np.quantile(erlang, 0.99), rel=0.01)


@settings(max_examples=15, deadline=None)
@given(st.floats(1, 100), st.floats(1, 20), st.floats(0.5, 1), st.floats(0.4, 5), st.integers(0, 4), st.booleans())
def test_the_closed_mean_and_availability_are_those_of_tries_made_one_by_one(
    p50: float, ratio: float, availability: float, patience: float, retries: int, exponential: bool
) -> None:
    shape = Hop("a", mean_ms=p50) if exponential else Hop("a", p50, p50 * ratio)
    hop = replace(shape, availability=availability, timeout_ms=p50 * patience, retries=retries)
    if in_time(hop) < 0.2:
        return
    found = simulate([hop], samples=20_000)
    assert found.mean_ms == pytest.approx(mean(hop), rel=0.05)
    assert found.worst_ms == pytest.approx((retries + 1) * p50 * patience)
    assert answers(hop) == pytest.approx(1 - (1 - availability * in_time(hop)) ** (retries + 1))


def test_tries_made_one_by_one_in_plain_python_take_as_long() -> None:
    hop = Hop("a", mean_ms=10, availability=0.7, timeout_ms=12, retries=2)
    random, times, asked = np.random.default_rng(3), [], 40_000
    for _ in range(asked):
        spent = 0.0
        for _ in range(3):
            took = random.exponential(10)
            spent += min(took, 12)
            if took <= 12 and random.random() < 0.7:
                times.append(spent)
                break
    found = simulate([hop], samples=40_000)
    assert found.mean_ms == pytest.approx(np.mean(times), rel=0.03)
    assert found.p99_ms == pytest.approx(np.quantile(times, 0.99), rel=0.03)
    assert found.availability == pytest.approx(len(times) / asked, abs=0.01)


def test_the_same_seed_repeats_and_the_steps_meet() -> None:
    one, two = simulate(NINE, samples=2000), simulate(NINE, samples=2000)
    assert one == two
    assert one != simulate(NINE, samples=2000, seed=8)
    for before, after in zip(one.steps, one.steps[1:], strict=False):
        assert after.start_ms == pytest.approx(before.start_ms + before.mean_ms)
        assert after.p99_ms > before.p99_ms


def test_a_hop_whose_percentiles_are_equal_always_takes_that_long() -> None:
    found = simulate([Hop("a", 5, 5, timeout_ms=6), Hop("b", 7, 7)], samples=1000)
    assert (found.p50_ms, found.p99_ms, found.mean_ms) == pytest.approx((12, 12, 12))


def test_a_timeout_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(BudgetError, match="a: a timeout of 4 ms lets nothing through"):
        simulate([Hop("a", 5, 5, timeout_ms=4)])
