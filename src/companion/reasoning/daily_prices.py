"""Daily prices of five real shares, 2000 to 2013, from the file inside the package bokeh-sampledata.

    from companion.reasoning.daily_prices import adjusted, traded

    paid = traded("AAPL")       # what was paid on each day
    level = adjusted("AAPL")    # as if every later split and dividend had been known

The two are kept apart, since they answer different questions. The day's price is what a trader saw, and falls by half
where one share became two. The adjusted close has no such steps, but its level is hindsight: it was computed years
later, and by actions after the last day of the file too. Take returns from it, never a price.

The file is read and the package is not imported, which would ask for a map library. By the package's own account the
prices are those of Quandl WIKI, whose publisher declared them public domain, without a guarantee that they are right.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from companion.errors import CompanionError

PACKAGE = "bokeh_sampledata"
FILE = "_data/stocks.csv.gz"

SPLIT = 1.4
"""From which factor a step between the two series is a split rather than a dividend."""


class PricesError(CompanionError, LookupError):
    """Prices that are not to be had; the message says why."""


@dataclass(frozen=True)
class Traded:
    """What was paid, day by day: no price here knows of a later split.

    Attributes
    ----------
    ticker : str
        Of which share.
    days : tuple of date
        The days of trade, in their order.
    open, high, low, close : tuple of float
        In dollars.
    volume : tuple of int
        Shares that changed hands.
    """

    ticker: str
    days: tuple[date, ...]
    open: tuple[float, ...]
    high: tuple[float, ...]
    low: tuple[float, ...]
    close: tuple[float, ...]
    volume: tuple[int, ...]


@dataclass(frozen=True)
class Adjusted:
    """Closes after splits and dividends: levels are hindsight, returns are fine."""

    ticker: str
    days: tuple[date, ...]
    close: tuple[float, ...]

    def returns(self) -> tuple[float, ...]:
        """Give each day's gain as a share of the day before; one fewer than days."""
        return tuple(after / before - 1 for before, after in pairwise(self.close))


@dataclass(frozen=True)
class Split:
    """On that day the first trade was in new shares, of which `ratio` came for one old one."""

    day: date
    ratio: int


def tickers() -> tuple[str, ...]:
    """Name the shares of which there are prices."""
    return tuple(sorted(_rows(_file())))


def traded(ticker: str) -> Traded:
    """Give what was paid for a share.

    Raises
    ------
    PricesError
        If there are no prices of it, or the package is not installed.
    """
    rows = _of(ticker)

    def column(name: str) -> tuple[float, ...]:
        return tuple(float(row[name]) for row in rows)

    volume = tuple(int(traded_shares) for traded_shares in column("Volume"))
    return Traded(ticker, _days(rows), column("Open"), column("High"), column("Low"), column("Close"), volume)


def adjusted(ticker: str) -> Adjusted:
    """Give the adjusted closes of a share; see `Adjusted` for what they are good for.

    Raises
    ------
    PricesError
        If there are no prices of it, or the package is not installed.
    """
    rows = _of(ticker)
    return Adjusted(ticker, _days(rows), tuple(float(row["Adj Close"]) for row in rows))


def splits(paid: Traded, level: Adjusted) -> tuple[Split, ...]:
    """Find the days on which a share was split, where one series has a step and the other has none.

    A fall that both have is a fall. A step below `SPLIT` is a dividend.
    """
    steps = [
        (day, (level.close[n + 1] / paid.close[n + 1]) / (level.close[n] / paid.close[n]))
        for n, day in enumerate(paid.days[1:])
    ]
    return tuple(Split(day, round(step)) for day, step in steps if step >= SPLIT)


def _file() -> Path:
    found = find_spec(PACKAGE)
    places = found.submodule_search_locations if found else None
    if not places:
        raise PricesError(f"{PACKAGE} is not installed, and has the prices: pip install 'companion[reasoning]'")
    return Path(next(iter(places))) / FILE


@cache
def _rows(file: Path) -> dict[str, list[dict[str, str]]]:
    """Read the file, by ticker and in the order of days."""
    found: dict[str, list[dict[str, str]]] = {}
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["Ticker"], []).append(row)
    return {ticker: sorted(rows, key=lambda row: row["Date"]) for ticker, rows in found.items()}


def _of(ticker: str) -> list[dict[str, str]]:
    rows = _rows(_file())
    if ticker not in rows:
        raise PricesError(f"{ticker}: there are no prices of it; there are of {', '.join(sorted(rows))}")
    return rows[ticker]


def _days(rows: list[dict[str, str]]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(row["Date"]) for row in rows)
