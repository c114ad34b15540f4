"""Prices as they were paid, apart from what hindsight makes of them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from companion.reasoning import daily_prices
from companion.reasoning.daily_prices import Adjusted, PricesError, Split, Traded, adjusted, splits, tickers, traded

RANGES = {
    "AAPL": (3270, date(2000, 3, 1)),
    "FB": (196, date(2012, 5, 18)),
    "GOOG": (2148, date(2004, 8, 19)),
    "IBM": (3270, date(2000, 3, 1)),
    "MSFT": (3270, date(2000, 3, 1)),
}
LAST = date(2013, 3, 1)


def test_there_are_five_shares() -> None:
    assert tickers() == tuple(RANGES)


@pytest.mark.parametrize("ticker", RANGES)
def test_days_rise_and_prices_agree(ticker: str) -> None:
    paid, level = traded(ticker), adjusted(ticker)
    assert (len(paid.days), paid.days[0], paid.days[-1]) == (*RANGES[ticker], LAST)
    assert paid.days == level.days == tuple(sorted(set(paid.days)))
    assert all(
        low - 0.011 <= close <= high + 0.011 for low, close, high in zip(paid.low, paid.close, paid.high, strict=True)
    )
    assert len(level.returns()) == len(level.days) - 1
    assert min(paid.volume) >= 0


@pytest.mark.parametrize(
    ("ticker", "found"),
    [
        ("AAPL", (Split(date(2000, 6, 21), 2), Split(date(2005, 2, 28), 2))),
        ("MSFT", (Split(date(2003, 2, 18), 2),)),
        ("IBM", ()),
        ("GOOG", ()),
        ("FB", ()),
    ],
)
def test_splits_are_found(ticker: str, found: tuple[Split, ...]) -> None:
    assert splits(traded(ticker), adjusted(ticker)) == found


def test_a_fall_is_no_split() -> None:
    paid, level = traded("AAPL"), adjusted("AAPL")
    n = paid.days.index(date(2000, 9, 29))
    falls = [series[n] / series[n - 1] - 1 for series in (paid.close, level.close)]
    assert [round(fall, 2) for fall in falls] == [-0.52, -0.52]


def test_the_level_is_hindsight() -> None:
    ratios = {ticker: adjusted(ticker).close[-1] / traded(ticker).close[-1] for ticker in RANGES}
    assert {ticker: round(ratio, 2) for ticker, ratio in ratios.items()} == {
        "AAPL": 0.13, "FB": 1.0, "GOOG": 0.5, "IBM": 0.86, "MSFT": 0.88,
    }  # fmt: skip


def test_a_step_of_one_series_alone_is_a_split_and_a_small_one_a_dividend() -> None:
    days = tuple(date(2001, 1, day) for day in range(1, 6))
    close = (90.0, 30.0, 29.0, 28.0, 14.0)
    paid = Traded("X", days, close, close, close, close, (1,) * 5)
    level = Adjusted("X", days, (29.0, 29.0, 28.1, 28.0, 14.0))
    assert splits(paid, level) == (Split(days[1], 3),)
    assert level.returns()[0] == 0 and level.returns()[-1] == -0.5


def test_an_unknown_share_is_refused_by_name() -> None:
    with pytest.raises(PricesError, match="ORCL: there are no prices of it; there are of AAPL, FB"):
        traded("ORCL")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_prices, "find_spec", lambda name: None)
    with pytest.raises(PricesError, match="bokeh_sampledata is not installed"):
        adjusted("AAPL")


def test_the_package_is_not_imported() -> None:
    assert importlib.util.find_spec("bokeh_sampledata")
    code = "import sys; from companion.reasoning.daily_prices import traded; traded('FB'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"bokeh_sampledata", "pandas", "shapely", "icalendar"} & {*loaded}
    assert Path(daily_prices._file()).is_file()
