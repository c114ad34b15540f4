"""Sixty languages: when each was born, and in which era one engineer says that he used it.

`languages.csv` holds a row a name. The year is that of its first release, paper or specification, whichever a source
of the book's bibliography dates; `kind` says which. Two rows have no primary source that we could find, and say so.
The eras are the headings of Bhatti's list. The year at which a name is taken to be used is ours, one for each era.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from companion.errors import CompanionError

UNSOURCED = "no primary source found"


class HistoryError(CompanionError):
    """The table of languages cannot be read as one."""


@dataclass(frozen=True)
class Era:
    """A heading of the list.

    Attributes
    ----------
    heading : str
        As the article has it.
    taken : int or None
        The year at which we take its languages to be used; None for the one that is still to be learned.
    last : int or None
        The last year that the heading allows, by our reading.
    """

    heading: str
    taken: int | None
    last: int | None


ERAS = {
    "first": Era("Late 1980s – Early 1990s", 1990, 1994),
    "web": Era("Web Era Mid/Late 1990s", 1997, 1999),
    "mobile": Era("Mobile/Services Era 2000s", 2005, 2009),
    "new": Era("New Languages Era Mid 2010s", 2015, 2016),
    "next": Era("What’s Next?", None, None),
}


@dataclass(frozen=True)
class Language:
    """A row of the table.

    Attributes
    ----------
    name : str
        The language, or what the article lists among them.
    year : int
        When it was born.
    kind : str
        What happened in that year: a release, a paper, a draft.
    paradigm : str
        What its programs are made of.
    era : str
        A key of `ERAS`.
    source : str
        A key of book/references.bib; empty where no primary source was found.
    """

    name: str
    year: int
    kind: str
    paradigm: str
    era: str
    source: str


@lru_cache
def languages() -> tuple[Language, ...]:
    """Read the sixty rows, in the order of eras and years."""
    return read(Path(__file__).with_name("languages.csv").read_text("utf-8"))


def read(text: str) -> tuple[Language, ...]:
    """Read a table of languages.

    Raises
    ------
    HistoryError
        If a row has no year, an era that is none, or a name that was there before; with the row's number.
    """
    rows: list[Language] = []
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        try:
            year = int(row.pop("year"))
            one = Language(year=year, **row)
        except (KeyError, TypeError, ValueError) as error:
            raise HistoryError(f"line {number}: {error}") from None
        if one.era not in ERAS:
            raise HistoryError(f"line {number}: {one.era!r} is no era; there are {', '.join(ERAS)}")
        if one.name in {row.name for row in rows}:
            raise HistoryError(f"line {number}: {one.name} was there before")
        rows.append(one)
    return tuple(rows)


def ages(rows: Sequence[Language], era: str) -> list[int]:
    """Give how many years old an era's languages were when used, the oldest first; below 0 for the unborn."""
    taken = ERAS[era].taken
    return [] if taken is None else sorted((taken - row.year for row in rows if row.era == era), reverse=True)


def median_birth(rows: Sequence[Language], era: str) -> float:
    """Give the year before which half of an era's languages were born; no year of ours goes into it."""
    return statistics.median(row.year for row in rows if row.era == era)


def too_young(rows: Sequence[Language]) -> list[Language]:
    """List the languages that were born after the last year of their heading."""
    return [row for row in rows if (last := ERAS[row.era].last) is not None and row.year > last]


def table(rows: Sequence[Language], era: str) -> str:
    """Write an era's rows as a table in Markdown, with a citation for each date."""
    lines = ["| name | born | by | paradigm | source |", "|---|---|---|---|---|"]
    for row in (row for row in rows if row.era == era):
        source = f"{{cite:p}}`{row.source}`" if row.source else UNSOURCED
        lines.append(f"| {row.name} | {row.year} | {row.kind} | {row.paradigm} | {source} |")
    return "\n".join(lines)
