"""What is true of a corpus of filings: its documents, and each figure and statement with where it stands.

A *fact* is one value of one metric, for one firm and one period, with all places that give this value. When two
documents differ, there are two facts, of which one is right. Positions are characters of `Document.text`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Draws by `Random.random` alone, which gives the same on each version of Python; what is drawn has a name."""

    def __init__(self, seed: int, *names: object) -> None:
        self._random = random.Random("/".join(map(str, (seed, *names))))

    def below(self, bound: int) -> int:
        """Draw one of 0, 1, ... bound - 1."""
        return int(self._random.random() * bound)

    def between(self, low: int, high: int) -> int:
        """Draw a whole number; both ends are possible."""
        return low + self.below(high - low + 1)

    def pick(self, things: Sequence[T]) -> T:
        """Draw one of several."""
        return things[self.below(len(things))]

    def chance(self, percent: int) -> bool:
        """Be true that often."""
        return self.below(100) < percent

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Give all of them in an order that is drawn."""
        left = list(things)
        return [left.pop(self.below(len(left))) for _ in things]

    def normal(self) -> float:
        """Draw from the standard normal distribution, nearly: twelve uniform draws add up to variance 1."""
        return (
            sum(self.below(1 << 20) for _ in range(12)) / (1 << 20) - 6
        )  # whole numbers: Python 3.12 sums floats anew


_ORDINALS = ("first", "second", "third", "fourth")
_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


@dataclass(frozen=True, order=True)
class Period:
    """A quarter, or a whole year where `quarter` is 0."""

    year: int
    quarter: int = 0

    @property
    def name(self) -> str:
        """Such as Q2 2025 or FY2024."""
        return f"Q{self.quarter} {self.year}" if self.quarter else f"FY{self.year}"

    @property
    def words(self) -> str:
        """Such as second quarter of 2025."""
        return f"{_ORDINALS[self.quarter - 1]} quarter of {self.year}" if self.quarter else f"fiscal year {self.year}"

    @property
    def last_day(self) -> date:
        """The day on which it ends."""
        return date(self.year, *_ENDS[self.quarter - 1])

    @property
    def before(self) -> Period:
        """The quarter or the year before."""
        if not self.quarter:
            return Period(self.year - 1)
        return Period(self.year, self.quarter - 1) if self.quarter > 1 else Period(self.year - 1, 4)


MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def in_words(day: date) -> str:
    """Write a day as American filings do, in any locale."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of a document."""

    document: str
    start: int
    end: int


@dataclass(frozen=True)
class Place:
    """Where a figure or a phrase stands.

    Attributes
    ----------
    span : Span
        The figure itself, with its currency and unit where they are written beside it.
    context : Span
        The sentence, or the row of the table, without which it means nothing.
    section : str
        The section's name.
    table : bool
        Whether it is a cell of a table.
    """

    span: Span
    context: Span
    section: str
    table: bool


@dataclass(frozen=True)
class Fact:
    """A value that some document gives for a metric.

    Attributes
    ----------
    firm, metric : str
        The firm's short name, and a key of `metrics.METRICS`.
    period : Period
        What it is a figure of; of cash and the like, at its end.
    value, unit : float and str
        Such as 94.9 and "USD million".
    right : bool
        False when another document of the firm is right; `Conflict` says which and why.
    places : tuple of Place
        Each place in the corpus where this value of it is written.
    """

    firm: str
    metric: str
    period: Period
    value: float
    unit: str
    right: bool
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Conflict:
    """Two documents that give different values: a restatement, or a press release that differs from the 10-Q.

    Attributes
    ----------
    kind : str
        "restated" or "press release".
    firm, metric, period : str, str and Period
        What they differ about.
    wrong, right : float
        The two values.
    document : str
        The document that is right.
    why : str
        What happened.
    """

    kind: str
    firm: str
    metric: str
    period: Period
    wrong: float
    right: float
    document: str
    why: str


@dataclass(frozen=True)
class Missing:
    """A figure that one would expect and no document gives; `said` when the filing says that it is withheld."""

    firm: str
    metric: str
    period: Period
    said: bool


CAUSE_OF = "cause of "
"""What the topic of a statement begins with that gives the cause of a figure; the metric follows."""


@dataclass(frozen=True)
class Statement:
    """Something that a filing says in words: on a topic, with the detail that answers a question about it."""

    firm: str
    period: Period
    topic: str
    detail: str
    place: Place


@dataclass(frozen=True)
class Section:
    """A section of a document, from its heading to the next."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """A filing or a press release; only its cover names the firm."""

    id: str
    firm: str
    ticker: str
    form: str
    period: Period
    filed: date
    text: str
    sections: tuple[Section, ...]

    @property
    def cover(self) -> str:
        """What stands above the first section but the cover's own."""
        return self.text[: self.sections[0].end]

    @property
    def body(self) -> str:
        """All that stands below the cover."""
        return self.text[self.sections[0].end :]
