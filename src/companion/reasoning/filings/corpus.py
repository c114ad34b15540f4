"""The corpus: 42 documents of six firms, with all that is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from companion.reasoning.filings.documents import Author, assign_topics
from companion.reasoning.filings.firms import Firm, draw_firms
from companion.reasoning.filings.ledger import Ledger, draw_ledgers
from companion.reasoning.filings.metrics import METRICS
from companion.reasoning.filings.phrases import Phrases
from companion.reasoning.filings.truth import Conflict, Document, Draw, Fact, Missing, Period, Place, Span, Statement
from companion.reasoning.filings.writing import Written


@dataclass(frozen=True)
class Corpus:
    """Filings and their truth.

    Attributes
    ----------
    seed : int
        Of which all follows.
    firms : tuple of Firm
        The six.
    strangers : tuple of str
        Names of firms that are not among them.
    documents, facts, statements, conflicts, missing : tuple
        See `truth`.
    ledgers : tuple of Ledger
        The figures behind them, those of earlier quarters too, which no document gives.
    """

    seed: int
    firms: tuple[Firm, ...]
    strangers: tuple[str, ...]
    documents: tuple[Document, ...]
    facts: tuple[Fact, ...]
    statements: tuple[Statement, ...]
    conflicts: tuple[Conflict, ...]
    missing: tuple[Missing, ...]
    ledgers: tuple[Ledger, ...]

    @cached_property
    def by_id(self) -> dict[str, Document]:
        """The documents by their names."""
        return {document.id: document for document in self.documents}

    def text(self, span: Span) -> str:
        """Give the characters of a span."""
        return self.by_id[span.document].text[span.start : span.end]

    def fact(self, firm: str, metric: str, period: Period) -> Fact:
        """Give the fact that is right; a figure that no document gives is a KeyError."""
        for fact in self.facts:
            if fact.right and (fact.firm, fact.metric, fact.period) == (firm, metric, period):
                return fact
        raise KeyError(f"no document gives {metric} of {firm} for {period.name}")


@lru_cache(maxsize=8)
def make_corpus(seed: int) -> Corpus:
    """Write the corpus of a seed; the same seed gives the same characters on each Python."""
    firms, strangers = draw_firms(seed)
    ledgers = draw_ledgers(seed, firms)
    draw = Draw(seed, "documents")
    phrases = Phrases(draw)
    assigned = assign_topics(draw, firms)
    documents: list[Document] = []
    written: list[Written] = []
    statements: list[Statement] = []
    for ledger in ledgers:
        author = Author(draw, phrases, ledger, assigned)
        documents += author.documents()
        written += [each for page in author.pages for each in page.written]
        statements += [each for page in author.pages for each in page.statements]
    missing = tuple(Missing(gap.firm, gap.metric, gap.period, gap.said) for ledger in ledgers for gap in ledger.gaps)
    return Corpus(
        seed, firms, strangers, tuple(documents), _facts(ledgers, written), tuple(statements),
        tuple(conflict for ledger in ledgers for conflict in _conflicts(ledger)), missing, ledgers,
    )  # fmt: skip


def _facts(ledgers: tuple[Ledger, ...], written: list[Written]) -> tuple[Fact, ...]:
    """Gather the places in which the same value is given."""
    by_firm = {ledger.firm.name: ledger for ledger in ledgers}
    places: dict[tuple[str, str, Period, int], list[Place]] = {}
    for each in written:
        figure = each.figure
        places.setdefault((each.firm, figure.metric, figure.period, figure.amount), []).append(each.place)
    return tuple(
        Fact(
            firm, metric, period, METRICS[metric].value(amount), METRICS[metric].unit,
            by_firm[firm].final[period][metric] == amount, tuple(found),
        )
        for (firm, metric, period, amount), found in places.items()
    )  # fmt: skip


def _conflicts(ledger: Ledger) -> list[Conflict]:
    """List what documents of a firm differ about."""
    name = ledger.firm.name

    def report(period: Period) -> str:
        return f"{name.lower()}-q{period.quarter}-{period.year}-10-q"

    found = []
    for told in ledger.restatements:
        after = report(Period(told.period.year, told.period.quarter + 1))
        for metric, amount in told.before.items():
            value = METRICS[metric].value
            found.append(Conflict("restated", name, metric, told.period, value(amount), value(told.after[metric]),
                                  after, told.why))  # fmt: skip
    for each in ledger.differences:
        value = METRICS[each.metric].value
        found.append(Conflict("press release", name, each.metric, each.period, value(each.said), value(each.right),
                              report(each.period), each.why))  # fmt: skip
    return found
