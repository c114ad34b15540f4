"""The six firms on the stock exchange: daily prices, fundamentals and news, in keeping with their filings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from companion.reasoning.filings.corpus import Corpus
from companion.reasoning.filings.firms import Firm
from companion.reasoning.filings.ledger import QUARTERS, Ledger
from companion.reasoning.filings.truth import Draw, Period

FIRST_DAY, LAST_DAY = date(2024, 12, 2), date(2025, 12, 1)
TRAILING = (Period(2024, 4), *QUARTERS)
"""The four quarters before the last day."""

Tone = Literal["good", "bad", "neutral"]


@dataclass(frozen=True)
class Price:
    """A day's trade.

    Attributes
    ----------
    ticker, day : str and date
        Of which firm, when.
    close : float
        In dollars, as paid on that day.
    adjusted : float
        In dollars of today: divided by the ratios of later splits, which nobody knew then.
    volume : int
        Shares that changed hands.
    """

    ticker: str
    day: date
    close: float
    adjusted: float
    volume: int


@dataclass(frozen=True)
class Split:
    """One old share becomes `ratio` new ones when the exchange opens on that day."""

    ticker: str
    day: date
    ratio: int


@dataclass(frozen=True)
class Fundamentals:
    """What a data service says of a firm on the last day; None is not known, which is not zero.

    Attributes
    ----------
    ticker, day : str and date
        Of which firm, when.
    price, shares, market_cap : float
        In dollars, in millions, and in millions of dollars.
    eps, pe : float
        Earnings per share of the last four quarters, in today's shares, and the price as a multiple of them.
    revenue, revenue_growth : float
        Of the last four quarters in millions of dollars; the last quarter against that of the year before, in percent.
    high, low : float
        Of the adjusted closes of a year.
    beta : float or None
        Known for four of the six.
    """

    ticker: str
    day: date
    price: float
    shares: float
    market_cap: float
    eps: float
    pe: float
    revenue: float
    revenue_growth: float
    high: float
    low: float
    beta: float | None


@dataclass(frozen=True)
class News:
    """A report in the press, with the tone that it was written in."""

    ticker: str
    day: date
    headline: str
    body: str
    tone: Tone


@dataclass(frozen=True)
class Market:
    """All of it."""

    prices: tuple[Price, ...]
    splits: tuple[Split, ...]
    fundamentals: tuple[Fundamentals, ...]
    news: tuple[News, ...]


def make_market(corpus: Corpus) -> Market:
    """Draw a year on the exchange for the firms of a corpus; one of them splits its shares."""
    draw = Draw(corpus.seed, "market")
    splitting = draw.pick(corpus.firms)
    splits = (Split(splitting.ticker, _weekday(date(2025, 10, draw.between(6, 31))), draw.between(2, 4)),)
    prices: list[Price] = []
    fundamentals = []
    unknown = draw.shuffled(corpus.firms)[:2]
    for ledger in corpus.ledgers:
        split = next((each for each in splits if each.ticker == ledger.firm.ticker), None)
        walked = _walk(Draw(corpus.seed, "prices", ledger.firm.name), ledger, split)
        beta = None if ledger.firm in unknown else draw.between(60, 160) / 100
        prices += walked
        fundamentals.append(_fundamentals(ledger, walked, split, beta))
    news = tuple(item for firm in corpus.firms for item in _news(Draw(corpus.seed, "news", firm.name), firm))
    return Market(tuple(prices), splits, tuple(fundamentals), news)


def _weekday(day: date) -> date:
    """Give the day, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def _walk(draw: Draw, ledger: Ledger, split: Split | None) -> list[Price]:
    """Let the price grow and shrink by a normal share of itself each day, from a sensible multiple of earnings."""
    price = _earnings(ledger) * draw.between(12, 26)
    drift, swing = draw.between(-3, 8) / 10_000, draw.between(9, 24) / 1_000
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    found = []
    for day in days:
        if day.weekday() > 4:
            continue
        price *= 1 + drift + swing * draw.normal()
        ratio = split.ratio if split and day < split.day else 1
        paid = price if not split or day < split.day else price / split.ratio
        close = round(paid, 2)
        volume = ledger.shares * 100_000 // draw.between(150, 900) * (split.ratio if split and day >= split.day else 1)
        found.append(Price(ledger.firm.ticker, day, close, round(close / ratio, 4), volume))
    return found


def _earnings(ledger: Ledger) -> float:
    """Give the earnings per share of four quarters, in the shares of the filings."""
    return sum(ledger.final[period]["net_income"] for period in TRAILING) / ledger.shares


def _fundamentals(ledger: Ledger, prices: list[Price], split: Split | None, beta: float | None) -> Fundamentals:
    last, ratio = prices[-1], split.ratio if split else 1
    shares = ledger.shares * ratio / 10
    eps = round(_earnings(ledger) / ratio, 2)
    now, then = (ledger.final[Period(year, 3)]["revenue"] for year in (2025, 2024))
    return Fundamentals(
        ticker=last.ticker,
        day=last.day,
        price=last.close,
        shares=shares,
        market_cap=round(last.close * shares, 1),
        eps=eps,
        pe=round(last.close / eps, 1),
        revenue=sum(ledger.final[period]["revenue"] for period in TRAILING) / 10,
        revenue_growth=round(100 * (now - then) / then, 1),
        high=max(price.adjusted for price in prices),
        low=min(price.adjusted for price in prices),
        beta=beta,
    )


STORIES: dict[Tone, tuple[tuple[str, str], ...]] = {
    "good": (
        (
            "{firm} wins an order for {segment}",
            "The order is among the largest of the year. Deliveries begin in spring.",
        ),
        ("{firm} gains from {up}", "Analysts raised their estimates, and the shares were in demand."),
        ("Customers praise {firm}", "In a survey of buyers the firm came first in service, ahead of older rivals."),
    ),
    "bad": (
        ("{firm} suffers from {down}", "Analysts lowered their estimates. The shares fell in heavy trading."),
        ("{firm} loses a dispute over {segment}", "The court found for the plaintiff. An appeal is being considered."),
        ("A rival undercuts {firm}", "Prices for {segment} are under pressure, say buyers who asked not to be named."),
    ),
    "neutral": (
        ("{firm} moves its office within {town}", "The new rooms are nearer to the station. Nothing else changes."),
        ("{firm} to speak at a conference", "The talk about {segment} will be held in the second week of the month."),
        ("{firm} renews its web site", "The pages for investors have kept their addresses."),
    ),
}


def _news(draw: Draw, firm: Firm) -> list[News]:
    """Report four times on a firm; each tone occurs."""
    tones: list[Tone] = ["good", "bad", "neutral", draw.pick(("good", "bad"))]
    found: list[News] = []
    stories = {tone: iter(draw.shuffled(told)) for tone, told in STORIES.items()}
    for tone in tones:
        fields = {"firm": firm.name, "town": firm.town, "segment": draw.pick(firm.trade.segments).lower(),
                  "up": draw.pick(firm.trade.up), "down": draw.pick(firm.trade.down)}  # fmt: skip
        headline, body = (text.format(**fields) for text in next(stories[tone]))
        day = _weekday(FIRST_DAY + timedelta(days=draw.below((LAST_DAY - FIRST_DAY).days - 2)))
        found.append(News(firm.ticker, day, headline, body, tone))
    return sorted(found, key=lambda item: (item.day, item.headline))
