"""A page that remembers where it has written what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from companion.reasoning.filings.firms import Firm
from companion.reasoning.filings.metrics import METRICS
from companion.reasoning.filings.truth import Document, Period, Place, Section, Span, Statement

DASH = "—"
"""What a table shows where a figure is not given."""

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Figure:
    """An amount to be written: of which metric, for which period."""

    metric: str
    period: Period
    amount: int


@dataclass(frozen=True)
class Written:
    """A figure and a place where it has been written."""

    firm: str
    figure: Figure
    place: Place


class Page:
    """A document while it is being written, section by section."""

    def __init__(self, firm: Firm, identity: str) -> None:
        self.firm = firm
        self.id = identity
        self.written: list[Written] = []
        self.statements: list[Statement] = []
        self._text = ""
        self._starts: list[tuple[str, int]] = []

    def section(self, name: str, heading: bool = True) -> None:
        """Begin a section."""
        self._text = self._text.rstrip() + "\n\n" if self._text else ""
        self._starts.append((name, len(self._text)))
        if heading:
            self.line(name)
            self.end_paragraph()

    def line(self, text: str) -> None:
        """Write a line of its own."""
        self._text += f"{text}\n"

    def end_paragraph(self) -> None:
        """Leave a line free."""
        self._text = self._text.rstrip() + "\n\n"

    def say(self, template: str, **figures: Figure) -> None:
        """Write a sentence; fields such as ``{now}`` are figures."""
        start = len(self._text)
        spans: list[tuple[Figure, int, int]] = []
        for n, part in enumerate(_FIELD.split(template)):
            if n % 2:
                figure = figures[part]
                part = METRICS[figure.metric].in_prose(figure.amount)
                spans.append((figure, len(self._text), len(self._text) + len(part)))
            self._text += part
        self._remember(spans, start, table=False)
        self._text += " "

    def state(self, template: str, topic: str, detail: str, period: Period, **figures: Figure) -> None:
        """Write a sentence that holds the detail by which a question about a topic is answered."""
        start = len(self._text)
        self.say(template.replace("{detail}", detail).replace("{cause}", detail), **figures)
        end = len(self._text) - 1
        at = self._text.index(detail, start)
        place = Place(self._span(at, at + len(detail)), self._span(start, end), self._starts[-1][0], False)
        self.statements.append(Statement(self.firm.name, period, topic, detail, place))

    def table(self, columns: list[str], rows: list[tuple[str, list[Figure | str]]], corner: str) -> None:
        """Write a table of figures, aligned; a text in a cell stands as it is; ``{scale}`` in the corner is told."""
        corner = corner.format(scale="thousands" if self.firm.thousands else "millions")
        first = max(len(corner), *(len(label) for label, _ in rows)) + 1
        widths = [max(len(column), 9) + 2 for column in columns]
        heads = "".join(column.rjust(width) for column, width in zip(columns, widths, strict=True))
        self.line(corner.ljust(first) + heads)
        for label, cells in rows:
            start, spans = len(self._text), []
            self._text += label.ljust(first)
            for cell, width in zip(cells, widths, strict=True):
                text = cell if isinstance(cell, str) else self._cell(cell)
                self._text += text.rjust(width)
                if isinstance(cell, Figure):
                    spans.append((cell, len(self._text) - len(text), len(self._text)))
            self._remember(spans, start, table=True)
            self._text += "\n"
        self.end_paragraph()

    def amount(self, metric: str, amount: int) -> str:
        """Write an amount as this firm's tables have it; one below zero in brackets."""
        text = METRICS[metric].in_table(abs(amount), thousands=self.firm.thousands)
        return f"({text})" if amount < 0 else text

    def finish(self, form: str, period: Period, filed: date) -> Document:
        """Give the document."""
        text = self._text.rstrip() + "\n"
        ends = [start for _, start in self._starts[1:]] + [len(text)]
        sections = tuple(Section(name, start, end) for (name, start), end in zip(self._starts, ends, strict=True))
        return Document(self.id, self.firm.name, self.firm.ticker, form, period, filed, text, sections)

    def _cell(self, figure: Figure) -> str:
        return self.amount(figure.metric, figure.amount)

    def _span(self, start: int, end: int) -> Span:
        return Span(self.id, start, end)

    def _remember(self, spans: list[tuple[Figure, int, int]], start: int, *, table: bool) -> None:
        context = self._span(start, len(self._text))
        for figure, at, end in spans:
            place = Place(self._span(at, end), context, self._starts[-1][0], table)
            self.written.append(Written(self.firm.name, figure, place))
