"""Numbers are rows, not prose: figures read out of tables and sentences, with a type, and looked up.

    Fact(firm="Norvanel", period=Q2 2025, metric="Net sales", value=94.9, unit="USD million", source, start, end)

A table says by its heads which period a column is of, and in its corner whether it counts in thousands; a row says of
what. So each cell becomes a fact, and a cell with a dash becomes one without a value, which is knowledge too. A
sentence's amount belongs to the row of the same section that has it; one that no row or more than one has is left out.

A question is looked up by three keys. Firm and period are names, and have to be equal. Only the metric is compared by
meaning, with what the firm itself calls its rows, and only where one is near enough, and nearer than all others by
enough. What it calls them stands in the tables, and in the sentences that give the same figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from companion.models.amounts import Asked, asked
from companion.reasoning.filings.truth import Period
from companion.reasoning.rag.chunks import Answer, Citation, Document
from companion.reasoning.rag.names import Named, periods_in, read_cover

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

MILLIONS, PER_SHARE, PERCENT, HEADS = "USD million", "USD per share", "percent", "employees"
LEAST, MARGIN = 0.65, 0.05
"""How near a row must be to a question, and by how much nearer than the next: chosen on the questions of seed 1
that may be looked at (`companion.reasoning.rag.trials.answers.choose`), and then left alone."""

NOT_GIVEN = "no document gives"
MODEL = "facts"
"""What answers here is no model."""

_CORNER = re.compile(r"^\((?:dollars )?in (thousands|millions)[^)\n]*\)")
_GAP = re.compile(r" {2,}")
_CELL = re.compile(r"(\()?\$?(\d[\d,]*(?:\.\d+)?)(%)?\)?")
_PEOPLE = re.compile(r"employee|headcount|persons|staff", re.I)
_SHARE = re.compile(r"\bper (?:\w+ )?share\b", re.I)
_AMOUNT = re.compile(r"\$(\d[\d,]*\.\d+)( million)?|(\d+\.\d)%|(?<![\d.,$])(\d{1,3}(?:,\d{3})+)(?![\d.])")
_SENTENCE = re.compile(r"[^\s(][^\n]*?[.](?=\s|$)(?! \d)")
_NO_NAME = re.compile(
    r"\b(?:on|as of) \w+ \d+, \d{4},?|\b(?:in|for|at the (?:end|close) of) the (?:quarter|year)(?: just ended)?,?"
    r"|\bthe Company (?:recorded|reported|closed the (?:quarter|year) with)\b",
    re.I,
)
"""What stands before a figure and names nothing."""
_PART = re.compile(r"\b(?:margin|rate|ratio|share|part|portion|fraction)s?\b|\bof (?:each|every|a|one) dollar\b", re.I)
"""What asks for a percentage without the word; "gross profit" does not, though "gross margin" is near it."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Fact:
    """A figure that a document gives, or withholds.

    Attributes
    ----------
    firm, period : str and Period
        Whose it is, and of when.
    metric : str
        The name of the row, in the words of the firm's own tables.
    value, unit : float or None, and str
        In millions of dollars, dollars a share, percent, or heads; None where the row shows a dash.
    source, start, end : str, int and int
        The row or the sentence that gives it.
    text : str
        What stands there.
    form, filed : str and date
        Of the document.
    superseded : bool
        Whether the document itself says that the figure is no longer valid ("as reported", beside "as restated").
    """

    firm: str
    period: Period
    metric: str
    value: float | None
    unit: str
    source: str
    start: int
    end: int
    text: str
    form: str
    filed: date
    superseded: bool = False

    @property
    def in_table(self) -> bool:
        """Whether it stands in a row of a table, and not in a sentence."""
        return self.text.startswith(f"{self.metric}  ")

    @property
    def written(self) -> str:
        """The figure as a sentence has it."""
        if self.value is None:
            return "—"
        if self.unit == HEADS:
            return f"{self.value:,.0f}"
        if self.unit == PERCENT:
            return f"{self.value:.1f}%"
        return f"${self.value:,.1f} million" if self.unit == MILLIONS else f"${self.value:.2f}"


def read_facts(document: Document) -> list[Fact]:
    """Read all that a filing's tables and sentences give, those of the tables first."""
    rows = [fact for section in document.sections for fact in _tables(document, section.start, section.end)]
    told = [
        fact
        for section in document.sections
        for fact in _sentences(document, section.start, section.end, rows)
    ]  # fmt: skip
    return [*rows, *told]


def _tables(document: Document, start: int, end: int) -> Iterator[Fact]:
    """Read the tables of a section; a line that begins with what is counted in opens one, an empty line ends it."""
    cover = read_cover(document.text)
    columns: list[tuple[Period, bool] | None] = []
    thousands, at = False, start
    for line in document.text[start:end].splitlines(keepends=True):
        text, place, at = line.rstrip(), at, at + len(line)
        corner = _CORNER.match(text)
        if corner:
            thousands = corner[1] == "thousands"
            columns = _columns(_GAP.split(text[corner.end() :].strip()), annual=cover.form == "10-K")
        elif not text:
            columns = []
        elif columns:
            metric, *cells = _GAP.split(text)
            for column, cell in zip(columns, cells, strict=True):
                if column:
                    value, unit = _read_cell(metric, cell, thousands)
                    yield Fact(cover.firm, column[0], metric, value, unit, document.source, place, place + len(text),
                               text, cover.form, cover.filed, column[1])  # fmt: skip


def _columns(heads: Sequence[str], *, annual: bool) -> list[tuple[Period, bool] | None]:
    """Say of each column of which period it is, and whether it is superseded; None for a column of differences."""
    found: list[tuple[Period, bool] | None] = []
    last: Period | None = None
    for head in heads:
        named = periods_in(head)
        if named:
            (last,) = named
            if not annual and not last.quarter:  # December 31 at the head of a quarter's column
                last = Period(last.year, 4)
            found.append((last, "as reported" in head))
        else:
            found.append((last, False) if last and "restated" in head.lower() else None)
    return found


def _read_cell(metric: str, cell: str, thousands: bool) -> tuple[float | None, str]:
    """Read a cell: its value and unit, by its own sign and by the name of its row."""
    match = _CELL.fullmatch(cell)
    unit = PERCENT if "%" in cell else HEADS if _PEOPLE.search(metric) else MILLIONS
    if _SHARE.search(metric) and unit == MILLIONS:
        unit = PER_SHARE
    if not match:
        return None, unit
    value = float(match[2].replace(",", "")) * (-1 if match[1] else 1)
    return (value / 1000 if thousands and unit == MILLIONS else value), unit


def _sentences(document: Document, start: int, end: int, rows: Sequence[Fact]) -> Iterator[Fact]:
    """Give each amount of a sentence to the one row of the same section that has it."""
    inside = [row for row in rows if row.source == document.source and start <= row.start < end]
    for sentence in _SENTENCE.finditer(document.text, start, end):
        for amount in _AMOUNT.finditer(sentence[0]):
            value, unit = _read_amount(amount)
            same = {(row.metric, row.period): row for row in inside if row.unit == unit and row.value == value}
            if len(same) == 1:
                (row,) = same.values()
                yield replace(row, start=sentence.start(), end=sentence.end(), text=sentence[0])


def _read_amount(match: re.Match[str]) -> tuple[float, str]:
    dollars, million, percent, heads = match.groups()
    unit = (MILLIONS if million else PER_SHARE) if dollars else PERCENT if percent else HEADS
    return float((dollars or percent or heads).replace(",", "")), unit


def called(facts: Sequence[Fact]) -> dict[str, set[str]]:
    """List what a firm calls each of its rows: the row's name, and what its sentences say before the row's figure.

    "Liquid funds fell to $233.0 million" stands beside a row with 233.0, and so teaches what else that row is called.
    """
    names: dict[str, set[str]] = {}
    for fact in facts:
        about = names.setdefault(fact.metric, {fact.metric})
        amount = None if fact.in_table or fact.superseded else _AMOUNT.search(fact.text)
        if amount and _read_amount(amount) == (fact.value, fact.unit):
            about.add(" ".join(_NO_NAME.sub(" ", fact.text[: amount.start()]).split()).strip(" ,"))
    return names


# Looking up


@dataclass(frozen=True)
class Match:
    """The row whose name is nearest to a question.

    Attributes
    ----------
    metric : str
        Its name.
    score : float
        The cosine, or 1 where the name stands in the question.
    margin : float
        How much nearer it is than the next.
    literal : bool
        Whether the name stands in the question word by word.
    """

    metric: str
    score: float
    margin: float
    literal: bool = False


def nearest_metric(left: str, names: Mapping[str, Collection[str]], embed: Embed) -> Match:
    """Find the row that a question means, by what is left of it without its names.

    A row whose name stands in the question is taken, the longest of several; else meaning decides, and of all that a
    row is called the nearest counts.

    Parameters
    ----------
    left : str
        The question without firm and period.
    names : mapping of str to collection of str
        What `called` gives.
    embed : callable
        Gives unit vectors for texts.
    """
    inside = sorted((metric for metric in names if _words(metric) in _words(left)), key=len, reverse=True)
    if inside:
        return Match(inside[0], 1.0, 1.0, literal=True)
    (vector,) = embed([left])
    scores = {metric: float((embed(sorted(about)) @ vector).max()) for metric, about in sorted(names.items())}
    best, *rest = sorted(scores, key=lambda metric: -scores[metric])
    return Match(best, scores[best], scores[best] - scores[rest[0]] if rest else 1.0)


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.lower()))} "


def look_up(
    question: str, named: Named, facts: Sequence[Fact], embed: Embed, least: float = LEAST, margin: float = MARGIN
) -> Answer:
    """Answer with a figure and all places that give it, and with what else the documents say; or refuse.

    Parameters
    ----------
    question, named : str and Named
        What was asked, and whom and when it is about.
    facts : sequence of Fact
        Of all documents.
    embed : callable
        Gives unit vectors for texts.
    least, margin : float
        How near a row's name must be, and by how much nearer than the next.
    """
    if len(named.firms) != 1 or len(named.periods) != 1:
        return _refused(f"{len(named.firms)} firms and {len(named.periods)} periods are named, where one of each is")
    kind, _ = asked(question)
    (firm,), (period,) = named.firms, named.periods
    own = [fact for fact in facts if fact.firm == firm]
    match = nearest_metric(named.left, called(own), embed)
    if kind is Asked.WORDS and not match.literal:
        return _refused("no figure is asked for, and no row is named")
    if match.score < least:
        return _refused(f"no row is near enough: “{match.metric}” has {match.score:.2f}")
    if match.margin < margin:
        return _refused(f"two rows are about as near: “{match.metric}” by {match.margin:.2f}")
    found = [fact for fact in own if fact.metric == match.metric and fact.period == period]
    given = [fact for fact in found if fact.value is not None]
    if not given:
        dash = f", and {found[0].source} shows a dash" if found else ""
        return _refused(f"{NOT_GIVEN} “{match.metric}” of {firm} for {period.name}{dash}")
    if kind is Asked.PER_CENT and given[0].unit != PERCENT:
        return _refused(f"a percentage is asked for, and “{match.metric}” is none")
    if kind is Asked.NUMBER and given[0].unit == PERCENT and not (match.literal or _PART.search(question)):
        return _refused(f"an amount is asked for, and “{match.metric}” is a percentage")
    return _answered(given, match.score)


def known_missing(answer: Answer) -> bool:
    """Whether a refusal is knowledge: the row that is meant is known, and no document gives it for this period.

    Then nobody else need be asked, least of all somebody who would find the figure of another period.
    """
    return answer.refused and answer.why.startswith(NOT_GIVEN)


def holds(facts: Sequence[Fact]) -> Fact:
    """Choose among facts about one thing: a report before a press release, and then the one that was filed last."""
    return max(facts, key=lambda fact: (not fact.superseded, fact.form != "press release", fact.filed))


def _answered(given: Sequence[Fact], score: float) -> Answer:
    best = holds(given)
    others = [fact for fact in given if fact.value != best.value]
    text = f"{best.firm}, {best.metric}, {best.period.name}: {best.written}."
    for other in {fact.value: fact for fact in others}.values():
        text += f" {other.written} in {other.source}."
    places = dict.fromkeys([best, *(fact for fact in given if fact.value == best.value), *others])
    cited = tuple(Citation(fact.source, fact.start, fact.end, fact.text, score) for fact in places)
    return Answer(text, cited, refused=False, why="", model=MODEL)


def _refused(why: str) -> Answer:
    return Answer("The documents do not give this figure.", (), refused=True, why=why, model=MODEL)
