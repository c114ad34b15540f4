"""Layers with holes: the closed form, the simulation, and a second model that agrees on every pair of layers."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.operations.postmortems.swiss_cheese import (
    CheeseError,
    bought,
    correlation,
    layers_needed,
    passing,
    simulate,
    through,
    through_by_difficulty,
)
from tests.operations.postmortems.draws import few, tried

SHARES = st.floats(0.01, 0.9)
STACKS = st.lists(SHARES, min_size=1, max_size=5)
PARTS = st.floats(0, 1)


@few
@given(STACKS)
def test_layers_that_share_nothing_multiply(holes: list[float]) -> None:
    assert through(holes, 0) == pytest.approx(math.prod(holes))


@few
@given(STACKS)
def test_layers_that_share_all_are_as_good_as_the_best_of_them(holes: list[float]) -> None:
    assert through(holes, 1) == pytest.approx(min(holes))


@few
@given(STACKS, PARTS, PARTS)
def test_the_more_is_shared_the_more_passes(holes: list[float], one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert through(holes, less) <= through(holes, more) + 1e-12


@few
@given(STACKS, PARTS, SHARES)
def test_a_further_layer_never_lets_more_through(holes: list[float], shared: float, further: float) -> None:
    assert through([*holes, further], shared) <= through(holes, shared) + 1e-12


@few
@given(STACKS, PARTS)
def test_what_is_shared_is_a_floor_and_the_best_layer_a_ceiling(holes: list[float], shared: float) -> None:
    assert shared * min(holes) - 1e-12 <= through(holes, shared) <= min(holes) + 1e-12


@few
@given(STACKS, PARTS)
def test_the_order_of_the_layers_does_not_matter_to_who_passes_all(holes: list[float], shared: float) -> None:
    assert through(holes, shared) == pytest.approx(through(holes[::-1], shared))


@settings(max_examples=12)  # in a soak too: of thousands, one would be beyond five standard deviations and one
@given(st.lists(st.floats(0.1, 0.6), min_size=1, max_size=4), PARTS, st.integers(0, 10**6))
def test_the_simulation_agrees_with_the_closed_form(holes: list[float], shared: float, seed: int) -> None:
    problems = 4000
    passed = simulate(holes, shared, problems, seed).passed
    for seen, share in zip(passed, passing(holes, shared), strict=True):
        assert abs(seen - problems * share) <= 5 * math.sqrt(problems * share * (1 - share)) + 1


def test_a_large_simulation_agrees_closely() -> None:
    result = simulate([0.3, 0.2, 0.5], 0.25, 200_000, seed=11)
    low, high = result.interval
    assert low < through([0.3, 0.2, 0.5], 0.25) < high
    assert high - low < 0.003


def test_every_problem_is_stopped_once_or_an_incident() -> None:
    result = simulate([0.5, 0.5], 0.5, 1000, seed=3)
    assert sum(result.stopped) + result.incidents == result.problems == 1000
    assert result.passed == (1000 - result.stopped[0], result.incidents)


def test_a_seed_repeats_and_another_does_not() -> None:
    assert simulate([0.3] * 3, 0.2, 500, seed=5) == simulate([0.3] * 3, 0.2, 500, seed=5)
    assert simulate([0.3] * 3, 0.2, 500, seed=5).stopped != simulate([0.3] * 3, 0.2, 500, seed=6).stopped


def test_layers_that_share_all_leave_nothing_for_the_second_to_stop() -> None:
    assert simulate([0.3] * 4, 1, 2000, seed=1).stopped[1:] == (0, 0, 0)


# What a layer buys


@few
@given(STACKS, PARTS)
def test_what_the_layers_buy_multiplies_to_what_passes(holes: list[float], shared: float) -> None:
    assert 1 / math.prod(bought(holes, shared)) == pytest.approx(through(holes, shared))


def test_independent_layers_all_buy_the_same_and_layers_with_common_holes_less_and_less() -> None:
    assert bought([0.1] * 4, 0) == pytest.approx([10.0] * 4)
    factors = bought([0.1] * 8, 0.05)
    assert list(factors) == sorted(factors, reverse=True)
    assert factors[0] == pytest.approx(10) and factors[-1] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("shared", "target", "layers"),
    [(0, 0.1, 1), (0, 0.02, 2), (0, 2e-6, 6), (0.05, 0.006, 3), (0.05, 0.005, None), (0.05, 0.001, None),
     (1, 0.09, None), (1, 0.1, 1)],
)  # fmt: skip
def test_no_number_of_layers_comes_below_what_they_share(shared: float, target: float, layers: int | None) -> None:
    assert layers_needed(0.1, shared, target) == layers


@few
@given(st.floats(0.05, 0.6), st.floats(0, 0.9), st.floats(1e-6, 0.5))
def test_the_layers_needed_suffice_and_one_less_does_not(hole: float, shared: float, target: float) -> None:
    layers = layers_needed(hole, shared, target)
    if layers is None:
        assert through([hole] * 200, shared) > target or target == shared * hole
    else:
        assert through([hole] * layers, shared) <= target * (1 + 1e-9)
        assert layers == 1 or through([hole] * (layers - 1), shared) > target * (1 - 1e-9)


# How alike two layers fail


@few
@given(SHARES, PARTS)
def test_the_correlation_of_equal_layers_has_a_closed_form(hole: float, shared: float) -> None:
    expected = shared * (1 - hole) / (1 - shared * hole)
    assert correlation((hole, hole), shared) == pytest.approx(expected, abs=1e-12)


@few
@given(SHARES, SHARES)
def test_layers_without_common_holes_are_not_correlated(one: float, other: float) -> None:
    assert correlation((one, other), 0) == pytest.approx(0, abs=1e-12)


# The second model


@tried(6)
@given(st.floats(0.02, 0.5), st.floats(0.01, 0.95))
def test_the_second_model_agrees_on_one_layer_and_on_two(hole: float, shared: float) -> None:
    assert through_by_difficulty(hole, 1, shared) == hole
    assert through_by_difficulty(hole, 2, shared) == pytest.approx(through([hole] * 2, shared), rel=1e-9)


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_both_models_agree_where_nothing_and_where_all_is_shared(layers: int) -> None:
    assert through_by_difficulty(0.1, layers, 0) == pytest.approx(0.1**layers)
    assert through_by_difficulty(0.1, layers, 1) == 0.1


def test_in_the_second_model_too_each_layer_buys_less_but_there_is_no_floor() -> None:
    shares = [through_by_difficulty(0.1, layers, 0.05) for layers in range(1, 9)]
    factors = [before / after for before, after in pairwise(shares)]
    assert factors == sorted(factors, reverse=True) and 1 < factors[-1] < factors[0] < 10
    assert shares[-1] < 0.05 * 0.1 / 100 < through([0.1] * 8, 0.05)


def test_the_second_model_gives_the_known_probability_for_three_layers_that_half_agree() -> None:
    # With a loading of 1/2 and p = 1/2, three are passed with 1/8 + 3 asin(1/2) / 4 pi = 1/4, and two correlate by 1/3.
    shared = next(part / 1000 for part in range(1000) if correlation((0.5, 0.5), part / 1000) >= 1 / 3)
    assert through_by_difficulty(0.5, 3, shared) == pytest.approx(1 / 4, abs=1e-3)


# What is refused


@pytest.mark.parametrize(
    ("holes", "shared", "words"),
    [([], 0, "at least one"), ([0.0], 0, "more than 0"), ([1.0], 0, "less than 1"), ([0.1], 1.5, "0 to 1"),
     ([0.1], -0.1, "0 to 1"), ([math.nan], 0, "more than 0")],
)  # fmt: skip
def test_layers_that_cannot_be_are_refused(holes: list[float], shared: float, words: str) -> None:
    with pytest.raises(CheeseError, match=words):
        through(holes, shared)


def test_no_problems_no_layers_and_targets_out_of_reach_are_refused() -> None:
    with pytest.raises(CheeseError, match="at least one"):
        simulate([0.1], 0, 0, seed=1)
    with pytest.raises(CheeseError, match="at least one"):
        through_by_difficulty(0.1, 0, 0.5)
    with pytest.raises(CheeseError, match="cannot be reached"):
        layers_needed(0.1, 0, 0.0)
