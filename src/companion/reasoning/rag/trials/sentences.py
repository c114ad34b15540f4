"""Sentences and questions that differ in what matters most, and what an embedding makes of the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from companion.reasoning.filings.corpus import Corpus, make_corpus
from companion.reasoning.filings.firms import Firm
from companion.reasoning.filings.ledger import QUARTERS
from companion.reasoning.filings.metrics import METRICS
from companion.reasoning.filings.truth import MONTHS, Period
from companion.reasoning.filings.wordings import REWORDED, polish
from companion.reasoning.rag.facts import Embed

TOLD = ("revenue", "net_income")
"""The metrics of which a paraphrase was written by hand."""

PARAPHRASES = {
    "revenue": "{months}, customers paid {firm} {dollars} for what it sold, which is more than before.",
    "net_income": "After everything was paid, {dollars} were left to the owners of {firm} {months}, an improvement.",
}

SHOWN = ("revenue", "cost", "operating_income", "net_income", "operating_cash", "investment")
"""Six metrics, of six firms, in three quarters: 108 facts of one sentence."""

ASKED = tuple(key for key in METRICS if not key.startswith("segment_") and METRICS[key].unit == "USD million")


@dataclass(frozen=True)
class Case:
    """A true sentence, a paraphrase of it, and lies that keep its words."""

    true: str
    paraphrase: str
    lies: dict[str, str]
    stranger: str


def cases(corpus: Corpus) -> list[Case]:
    """Write a case for each firm, metric of `TOLD` and quarter."""
    found = []
    for firm, key, period in product(corpus.firms, TOLD, QUARTERS):
        amount = corpus.fact(firm.name, key, period).value
        after = Period(2025, period.quarter % 3 + 1)

        def say(who: str, value: str, when: Period, verb: str = "rose", key: str = key) -> str:
            return f"{who}'s {METRICS[key].names[0]} {verb} to ${value} million in {when.name}."

        value = f"{amount:,.1f}"
        other = next(each for each in corpus.firms if each != firm)
        months = f"from {MONTHS[3 * period.quarter - 3]} to {MONTHS[3 * period.quarter - 1]} {period.year}"
        told = PARAPHRASES[key].format(months=months, firm=firm.name, dollars=f"{value} million dollars")
        lies = {
            "ten times as much": say(firm.name, f"{10 * amount:,.1f}", period),
            "two digits swapped": say(firm.name, swapped(value), period),
            "fell for rose": say(firm.name, value, period, "fell"),
            "another quarter": say(firm.name, value, after),
        }
        found.append(Case(say(firm.name, value, period), polish(told), lies, say(other.name, value, period)))
    return found


def swapped(value: str) -> str:
    """Swap the first two neighbouring digits that differ; where there are none, the first digit is another."""
    for place in range(len(value) - 1):
        one, other = value[place], value[place + 1]
        if one.isdigit() and other.isdigit() and one != other:
            return value[:place] + other + one + value[place + 2 :]
    return str((int(value[0]) + 1) % 9 + 1) + value[1:]


def cosines(pairs: Sequence[tuple[str, str]], embed: Embed) -> list[float]:
    """Give the cosine of each pair of texts."""
    one, other = embed([pair[0] for pair in pairs]), embed([pair[1] for pair in pairs])
    found: list[float] = (one * other).sum(axis=1).tolist()
    return found


def cosines_of(found: Sequence[Case], embed: Embed) -> dict[str, list[float]]:
    """Give, for each kind of change, its cosine with the true sentence in each case."""
    told = {kind: cosines([(case.true, case.lies[kind]) for case in found], embed) for kind in found[0].lies}
    told["an honest paraphrase"] = cosines([(case.true, case.paraphrase) for case in found], embed)
    told["another firm"] = cosines([(case.true, case.stranger) for case in found], embed)
    return told


# Ranking: can it tell the quarter?


def _fact(firm: Firm, key: str, when: str) -> str:
    return f"{firm.name}: {METRICS[key].names[0]} in {when}."


def first_right(corpus: Corpus, embed: Embed, *, in_words: bool) -> float:
    """Ask for each of 108 one-sentence facts, and give the share of questions whose own fact comes first.

    Parameters
    ----------
    corpus, embed
        Whose firms, and by which vectors.
    in_words : bool
        Whether the question says "the second quarter of 2025" where the facts say "Q2 2025".
    """
    keys = [*product(corpus.firms, SHOWN, QUARTERS)]
    facts = embed([_fact(firm, key, period.name) for firm, key, period in keys])
    asked = embed([_question(firm, key, period, in_words) for firm, key, period in keys])
    return float((np.argmax(asked @ facts.T, axis=1) == np.arange(len(keys))).mean())


def _question(firm: Firm, key: str, period: Period, in_words: bool) -> str:
    when = f"the {period.words}" if in_words else period.name
    return f"What was {METRICS[key].names[0]} of {firm.name} in {when}?"


# A cache that takes a near question for the same


def asked_again(corpus: Corpus) -> list[tuple[str, str, str]]:
    """Give questions, each with the same one in other words, and with one in the same words about another quarter."""
    found = []
    for firm, key in product(corpus.firms, ASKED):
        period, other = QUARTERS[0], QUARTERS[1]
        again = f"{'at the end of' if METRICS[key].stock else 'in'} {period.name}"
        reworded = REWORDED[key]["seen"][0].format(firm=firm.name, when=again)
        found.append((_question(firm, key, period, False), polish(reworded), _question(firm, key, other, False)))
    return found


def texts(seed: int = 1) -> Iterator[str]:
    """Give all that is embedded here."""
    corpus = make_corpus(seed)
    for case in cases(corpus):
        yield from (case.true, case.paraphrase, case.stranger, *case.lies.values())
    for firm, key, period in product(corpus.firms, SHOWN, QUARTERS):
        yield _fact(firm, key, period.name)
        yield from (_question(firm, key, period, in_words) for in_words in (False, True))
    for asked in asked_again(corpus):
        yield from asked
