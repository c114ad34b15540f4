"""Products of retries, and the walk of a budget."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.network_tax.retries.closed_forms import database_calls, from_retries, throttled_calls

ATTEMPTS = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def test_the_articles_settings_have_four_readings() -> None:
    assert database_calls((3, 2, 2)) == 12
    assert from_retries((3, 2, 2)) == 36
    assert database_calls((4, 2, 1)) == 8
    assert database_calls((4, 2, 3)) == 24


def test_three_tries_or_three_retries_at_three_layers() -> None:
    assert (database_calls((3, 3, 3)), from_retries((3, 3, 3))) == (27, 64)


@settings(max_examples=50, deadline=None)
@given(ATTEMPTS, st.integers(1, 20), st.integers(2, 12))
def test_a_budget_bounds_the_retries_of_each_layer_whatever_comes(
    attempts: list[int], requests: int, tokens: int
) -> None:
    calls = throttled_calls(attempts, requests, tokens)
    assert requests <= calls <= requests + len(attempts) * ((tokens - 1) // 2)


@settings(max_examples=20, deadline=None)
@given(ATTEMPTS)
def test_a_budget_too_large_to_be_felt_leaves_the_product(attempts: list[int]) -> None:
    assert throttled_calls(attempts, 1, 10_000) == database_calls(attempts)
