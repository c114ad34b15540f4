"""Wilder's index, written out, is the library's; splits are no losses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.daily_prices import traded
from companion.reasoning.react.indicators import comparable, moving_average, rsi
from companion.reasoning.react.tools import history_of


def wilder(prices: Sequence[float], period: int = 14) -> float:
    changes = [after - before for before, after in pairwise(prices)]
    gain = sum(max(change, 0) for change in changes[:period]) / period
    loss = sum(max(-change, 0) for change in changes[:period]) / period
    for change in changes[period:]:
        gain = (gain * (period - 1) + max(change, 0)) / period
        loss = (loss * (period - 1) + max(-change, 0)) / period
    return 100 * gain / (gain + loss)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(1, 1000), min_size=16, max_size=80, unique=True))
def test_the_librarys_index_is_wilders(prices: list[float]) -> None:
    assert rsi(prices) == pytest.approx(wilder(prices), abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 1000), min_size=16, max_size=40, unique=True), st.floats(0.1, 10))
def test_the_index_does_not_depend_on_the_currency(prices: list[float], rate: float) -> None:
    assert rsi([rate * price for price in prices]) == pytest.approx(rsi(prices), abs=1e-6)


def test_prices_that_only_rise_have_100_and_those_that_only_fall_0() -> None:
    assert rsi([1.0 * n for n in range(1, 30)]) == 100
    assert rsi([30.0 - n for n in range(1, 30)]) == pytest.approx(0)


def test_there_is_no_index_of_too_few_prices_and_none_of_prices_that_stand_still() -> None:
    assert rsi([1.0, 2.0] * 7) is None
    assert rsi([5.0] * 40) is None
    assert moving_average([5.0] * 49) is None
    assert moving_average([5.0] * 20 + [float(n) for n in range(50)]) == 24.5


def test_a_split_is_no_loss() -> None:
    paid = traded("AAPL")
    at = [str(day) for day in paid.days].index("2005-02-28")
    raw, clean = rsi(paid.close[: at + 1]), rsi(comparable(paid.close, history_of("AAPL", 1).adjusted, at))
    assert raw is not None
    assert clean is not None
    assert (round(raw, 1), round(clean, 1)) == (22.1, 71.8)


def test_comparable_prices_are_in_the_last_days_dollars_and_know_nothing_later() -> None:
    paid, adjusted = [100.0, 102.0, 51.0, 52.0], [25.0, 25.5, 25.5, 26.0]  # two for one, and later again two for one
    assert comparable(paid, adjusted, 2) == [50.0, 51.0, 51.0]
    assert comparable(paid, adjusted, 1) == [100.0, 102.0]
