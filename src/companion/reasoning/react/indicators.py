"""The relative strength index and the moving average, of prices that know of splits.

The index is Wilder's, as talipp computes it. Two things are easily got wrong. Averaging gains and losses by a plain
mean instead of Wilder's smoothing gives another index of the same name, which moves faster. And a price that halves
because one share became two is no loss: feed an indicator with `comparable` prices.
"""

from __future__ import annotations

from collections.abc import Sequence

from talipp.indicators import RSI, SMA


def comparable(paid: Sequence[float], adjusted: Sequence[float], last: int) -> list[float]:
    """Give the prices up to a day in that day's shares and dollars.

    Parameters
    ----------
    paid, adjusted : sequence of float
        What was paid each day, and the same adjusted for all splits that came later.
    last : int
        The day, by its place. What came after it plays no part: adjusted prices are right up to a factor, and the
        factor is chosen so that on this day both agree.
    """
    factor = paid[last] / adjusted[last]
    return [factor * price for price in adjusted[: last + 1]]


def rsi(prices: Sequence[float], period: int = 14) -> float | None:
    """Give Wilder's relative strength index, from 0 to 100, on the last day.

    None where there is none: for too few prices, and for prices that never moved, where it is 0 divided by 0 (talipp
    says 100, and other libraries 0).
    """
    if len(prices) <= period or len({*prices}) == 1:
        return None
    value = RSI(period=period, input_values=list(prices))[-1]
    return None if value is None else float(value)


def moving_average(prices: Sequence[float], period: int = 50) -> float | None:
    """Give the mean of the last prices; None where there are too few."""
    value = SMA(period=period, input_values=list(prices[-period:]))[-1] if len(prices) >= period else None
    return None if value is None else float(value)
