"""A cache's hit rate: the formula and the simulation agree."""

from __future__ import annotations

from math import ceil, isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.rag.trials.caching import hit_rate, hits_for, most_faster, simulate, zipf


@pytest.mark.parametrize("wordings", [1, 5])
@pytest.mark.parametrize("kept", [10, 100, 1000])
def test_the_formula_is_what_questions_one_after_the_other_give(kept: float, wordings: int) -> None:
    shares = zipf(200, wordings)
    assert simulate(shares, kept, 12 * ceil(kept) + 4000, seed=3) == pytest.approx(hit_rate(shares, kept), abs=0.03)


@settings(max_examples=30)
@given(st.integers(1, 60), st.integers(1, 6), st.floats(0.1, 1e4))
def test_shares_add_up_and_more_wordings_hit_less(intents: int, wordings: int, kept: float) -> None:
    shares = zipf(intents, wordings)
    assert isclose(sum(shares), 1) and len(shares) == intents * wordings
    assert hit_rate(zipf(intents, wordings + 1), kept) < hit_rate(shares, kept) < 1


def test_one_question_hits_as_an_alternating_renewal_has_it() -> None:
    assert hit_rate([1.0], 3) == pytest.approx(3 / 4)
    assert simulate([1.0], 3, 40_000, seed=1) == pytest.approx(3 / 4, abs=0.01)


@settings(max_examples=30)
@given(st.floats(0, 0.99))
def test_the_bound_and_its_inverse_are_each_others(hits: float) -> None:
    assert hits_for(most_faster(hits)) == pytest.approx(hits, abs=1e-9)


def test_seven_in_ten_cannot_be_five_times_as_fast() -> None:
    assert most_faster(0.7) == pytest.approx(10 / 3)
    assert hits_for(5) == pytest.approx(0.8)
