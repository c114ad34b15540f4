"""The tools of an analyst's agent: prices of real and of fictional shares, options, arithmetic, and filings.

    from companion.reasoning.react.tools import finance_tools

    calculator, stock_data, option_price, search_filings = finance_tools(seed=1)
    print(stock_data.call('{"ticker": "AAPL", "metrics": ["price", "pe_ratio"]}'))

Every answer is made of sentences with the figure, its unit and its day, since a bare number is soon about something
else. What is not known is said in a sentence too: a missing P/E that comes as 0 is a figure to whoever reads it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from math import prod
from typing import Literal, get_args

from pydantic import Field

from companion.reasoning import daily_prices
from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.filings.market import Market, make_market
from companion.reasoning.react.black_scholes import OptionError, black_scholes
from companion.reasoning.react.calculator import CalculatorError, calculate
from companion.reasoning.react.indicators import comparable, moving_average, rsi
from companion.reasoning.react.tool import Arguments, Tool, ToolError, make_tool
from companion.services.hybrid_search.rankings import BM25

Metric = Literal["price", "volume", "market_cap", "pe_ratio", "dividend_yield", "beta", "rsi", "moving_avg_50",
                 "52_week_high", "52_week_low"]  # fmt: skip

UNITS = {
    "price": "dollars", "volume": "shares", "market_cap": "million dollars", "pe_ratio": "times earnings",
    "dividend_yield": "percent", "beta": "", "rsi": "", "moving_avg_50": "dollars", "52_week_high": "dollars",
    "52_week_low": "dollars",
}  # fmt: skip

LONGEST_PASSAGE = 600
"""Characters of a passage that `search_filings` quotes."""

Figure = float | str
"""A value, or the reason why there is none."""


@dataclass(frozen=True)
class History:
    """What is known of a share: closes as paid, the same adjusted for later splits, and the rest.

    Attributes
    ----------
    ticker : str
        Which share.
    days, paid, adjusted, volume : sequence
        Day by day.
    known : mapping of str to float or str
        What is known of the last day alone, by metric, or why it is not.
    """

    ticker: str
    days: Sequence[date]
    paid: Sequence[float]
    adjusted: Sequence[float]
    volume: Sequence[int]
    known: Mapping[str, Figure] = field(default_factory=dict, hash=False)

    def at(self, day: date | None) -> int:
        """Give the place of a day of trade; the last one by default."""
        if day is None:
            return len(self.days) - 1
        place = bisect_left(self.days, day)
        if place == len(self.days) or self.days[place] != day:
            raise ToolError(f"{day} was no day of trade for {self.ticker}; there are prices from {self.days[0]} to "
                            f"{self.days[-1]}, on weekdays")  # fmt: skip
        return place

    def figure(self, metric: str, place: int) -> Figure:
        """Give a metric on a day, in that day's dollars and shares, or why it is not known."""
        prices = comparable(self.paid, self.adjusted, place)
        year = prices[bisect_right(self.days, self.days[place] - timedelta(days=365), hi=place + 1) :]
        if metric.startswith("52_week") and self.days[0] > self.days[place] - timedelta(weeks=52):
            return f"its prices begin on {self.days[0]}"
        match metric:
            case "price":
                return self.paid[place]
            case "volume":
                return self.volume[place]
            case "rsi":
                return _or(rsi(prices[-500:]), "it takes 15 prices of which one differs")
            case "moving_avg_50":
                return _or(moving_average(prices), "it takes 50 prices")
            case "52_week_high":
                return max(year)
            case "52_week_low":
                return min(year)
        if metric not in self.known:
            return "this source has prices alone"
        return self.known[metric] if place == len(self.days) - 1 else f"it is told for {self.days[-1]} alone"


def _or(value: float | None, reason: str) -> Figure:
    return reason if value is None else value


class Expression(Arguments):
    """What `calculator` takes."""

    expression: str = Field(
        max_length=400, description="An arithmetical expression, such as (94.9 - 88.1) / 88.1 * 100."
    )


class Shares(Arguments):
    """What `stock_data` takes."""

    ticker: str = Field(min_length=1, max_length=8, description="The ticker symbol of a share, such as AAPL.")
    metrics: tuple[Metric, ...] = Field(("price", "volume"), min_length=1, description="What is asked for.")
    day: date | None = Field(None, description="A day, as 2012-09-19; without it the last day that is known.")


class Terms(Arguments):
    """What `option_price` takes."""

    kind: Literal["call", "put"] = Field(description="Which option.")
    spot: float = Field(description="The share's price in dollars.")
    strike: float = Field(description="The agreed price in dollars.")
    years: float = Field(description="Years until it ends: 0.5 for six months.")
    rate: float = Field(description="Interest a year: 0.05 for 5 %.")
    volatility: float = Field(description="Volatility a year: 0.2 for 20 %.")


class Wanted(Arguments):
    """What `search_filings` takes."""

    query: str = Field(min_length=1, max_length=300, description="Words that the passage should have.")
    ticker: str | None = Field(None, max_length=8, description="The ticker symbol of one firm; without it all.")


def finance_tools(seed: int = 1) -> list[Tool]:
    """Give the four tools.

    Parameters
    ----------
    seed : int
        Of the fictional firms (`companion.reasoning.filings`).
    """
    return [calculator(), stock_data(seed), option_price(), search_filings(seed)]


def calculator() -> Tool:
    """Make the tool that computes."""

    def compute(given: Expression) -> str:
        try:
            return calculate(given.expression)
        except CalculatorError as error:
            raise ToolError(str(error)) from None

    return make_tool("calculator", "Compute an arithmetical expression.", Expression, compute)


def stock_data(seed: int) -> Tool:
    """Make the tool that knows prices and what else is told of a share."""

    def look_up(given: Shares) -> str:
        history = history_of(given.ticker.strip().upper(), seed)
        place = history.at(given.day)
        day = history.days[place]
        return "\n".join(_told(metric, history.ticker, day, history.figure(metric, place))
                         for metric in dict.fromkeys(given.metrics))  # fmt: skip

    return make_tool(
        "stock_data", "Look up a share's price and other metrics, on the last day or an earlier one.", Shares, look_up
    )


def _told(metric: str, ticker: str, day: date, figure: Figure) -> str:
    if isinstance(figure, str):
        return f"The {metric} of {ticker} on {day} is not known: {figure}."
    value = f"{figure:.0f}" if metric == "volume" else f"{figure:.2f}"
    return f"The {metric} of {ticker} on {day} was {value} {UNITS[metric]}".rstrip() + "."


@lru_cache(maxsize=64)
def history_of(ticker: str, seed: int) -> History:
    """Give what is known of a share, real or of the fictional firms of a seed; an unknown one is a `ToolError`."""
    market = _market(seed)
    if ticker in daily_prices.tickers():
        paid = daily_prices.traded(ticker)
        return History(ticker, paid.days, paid.close, _without_splits(paid), paid.volume)
    prices = [price for price in market.prices if price.ticker == ticker]
    if not prices:
        known = [*daily_prices.tickers(), *(each.ticker for each in market.fundamentals)]
        raise ToolError(f"there is no share {ticker!r}; there are {', '.join(known)}")
    told = next(each for each in market.fundamentals if each.ticker == ticker)
    known_of: dict[str, Figure] = {
        "market_cap": told.market_cap, "pe_ratio": told.pe, "beta": _or(told.beta, "nobody has computed it"),
        "dividend_yield": "this source says nothing of dividends",
    }  # fmt: skip
    return History(ticker, [price.day for price in prices], [price.close for price in prices],
                   [price.adjusted for price in prices], [price.volume for price in prices], known_of)  # fmt: skip


def _without_splits(paid: daily_prices.Traded) -> list[float]:
    """Divide each close by the ratios of all splits after it; dividends stay in, as in any 52-week high."""
    found = daily_prices.splits(paid, daily_prices.adjusted(paid.ticker))
    return [close / prod(split.ratio for split in found if split.day > day)
            for day, close in zip(paid.days, paid.close, strict=True)]  # fmt: skip


@lru_cache(maxsize=4)
def _market(seed: int) -> Market:
    return make_market(make_corpus(seed))


def option_price() -> Tool:
    """Make the tool that prices options."""

    def price(given: Terms) -> str:
        try:
            option = black_scholes(given.kind, spot=given.spot, strike=given.strike, years=given.years,
                                   rate=given.rate, volatility=given.volatility)  # fmt: skip
        except OptionError as error:
            raise ToolError(str(error)) from None
        return (f"The {given.kind} is worth {option.price:.4f} dollars by Black-Scholes, without dividends. Its delta "
                f"is {option.delta:.4f}; a day costs {-option.theta / 365:.4f} dollars, and a percentage point of "
                f"volatility is worth {option.vega / 100:.4f} dollars.")  # fmt: skip

    described = "Price a European call or put by Black-Scholes, with delta, theta and vega."
    return make_tool("option_price", described, Terms, price)


def search_filings(seed: int) -> Tool:
    """Make the tool that finds passages by their words."""

    def search(given: Wanted) -> str:
        shelf = _shelf(seed, given.ticker.upper() if given.ticker else "")
        found = list(shelf.index.search(given.query, 3))
        if not found:
            raise ToolError("no passage has one of these words")
        return "\n".join(f"[{name}] {_cut(shelf.texts[name])}" for name in found)

    described = "Search the filings and press releases of the fictional firms for passages."
    return make_tool("search_filings", described, Wanted, search)


@dataclass(frozen=True)
class _Shelf:
    texts: Mapping[str, str]
    index: BM25


@lru_cache(maxsize=16)
def _shelf(seed: int, ticker: str) -> _Shelf:
    """Cut the filings of one firm, or of all, into paragraphs; each says in its index whose it is, and of when."""
    corpus = make_corpus(seed)
    documents = [document for document in corpus.documents if ticker in ("", document.ticker)]
    if not documents:
        raise ToolError(f"there is no firm {ticker!r}; there are {', '.join(firm.ticker for firm in corpus.firms)}")
    texts, headed = {}, {}
    for document in documents:
        paragraphs = [text.strip() for text in document.text.split("\n\n") if len(text.split()) > 4]
        for number, text in enumerate(paragraphs, start=1):
            name = f"{document.id}, paragraph {number}"
            texts[name] = text
            headed[name] = f"{document.firm} {document.form} {document.period.words} {text}"
    return _Shelf(texts, BM25(headed))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PASSAGE else f"{text[:LONGEST_PASSAGE]}…"


METRICS: tuple[str, ...] = get_args(Metric)
"""What `stock_data` can be asked for."""
