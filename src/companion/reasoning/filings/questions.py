"""Questions about a corpus, each with its evidence and its answer, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Literal

from companion.reasoning.filings import wordings
from companion.reasoning.filings.corpus import Corpus
from companion.reasoning.filings.firms import Firm
from companion.reasoning.filings.ledger import QUARTERS, YEAR
from companion.reasoning.filings.metrics import METRICS, MILLIONS, Metric
from companion.reasoning.filings.topics import TOPICS
from companion.reasoning.filings.truth import CAUSE_OF, Conflict, Draw, Fact, Period, Span
from companion.reasoning.filings.wordings import Pair, Wording, polish, when

Kind = Literal["numeric", "reworded", "textual", "cross-document", "contradictory", "unanswerable"]

REASONS = {
    "missing": "no document of the firm gives this figure for this period",
    "period": "the corpus has no filing for this period",
    "firm": "the corpus has no filing of this firm",
    "metric": "no firm of the corpus reports this",
    "topic": "no filing of the firm speaks of this",
}
"""Why a question cannot be answered."""

COUNTS: dict[Kind, int] = {"numeric": 30, "reworded": 30, "textual": 36, "cross-document": 24, "contradictory": 12,
                           "unanswerable": 36}  # fmt: skip
"""How many questions of each kind a corpus has; half of them are held back."""

WORDINGS: tuple[Wording, Wording] = ("seen", "held back")
UNFILED = (Period(2025, 4), Period(2024, 2), Period(2023, 3), Period(2022))
"""Periods of which no document of the corpus gives a figure."""

_TOPICS = {topic.key: topic for topic in TOPICS}


@dataclass(frozen=True)
class Question:
    """A question and what a right answer must be.

    Attributes
    ----------
    text : str
        What is asked.
    subject : str
        The metric or the topic.
    firms, periods : tuple
        Whom and when it is about, as the truth has it.
    evidence : tuple of tuple of Span
        What must be read: of each inner tuple one span, which is a sentence or a row of a table.
    value, unit : float or None, and str
        The expected figure, where it is one.
    other : float or None
        Of a contradiction, the figure that is not right.
    answer : str
        The expected answer in words: a phrase of the evidence, a firm, a quarter, or the figure as prose writes it.
    reason : str
        A key of `REASONS`; "" where there is an answer.
    id : str
        Its name, such as "textual-07".
    kind : str
        "numeric" in the words of the table, "reworded" in other words, "textual", "cross-document", "contradictory" or
        "unanswerable".
    wording : str
        "seen" or "held back"; see `wordings`.
    """

    text: str
    subject: str
    firms: tuple[str, ...]
    periods: tuple[Period, ...]
    evidence: tuple[tuple[Span, ...], ...] = ()
    value: float | None = None
    unit: str = ""
    other: float | None = None
    answer: str = ""
    reason: str = ""
    id: str = ""
    kind: Kind = "numeric"
    wording: Wording = "seen"


_Maker = Callable[[int, Wording], Question]


def make_questions(corpus: Corpus) -> tuple[Question, ...]:
    """Ask 168 questions, half of them in wordings that are held back."""
    asker = _Asker(corpus)
    plans: dict[Kind, tuple[_Maker, ...]] = {
        "numeric": (asker.literal,),
        "reworded": (asker.reworded,),
        "textual": (asker.textual,),
        "cross-document": (asker.change, asker.total, asker.compare, asker.highest),
        "contradictory": (asker.contradictory,),
        "unanswerable": (asker.missing, asker.missing_reworded, asker.unfiled, asker.stranger, asker.never_reported,
                         asker.silent),
    }  # fmt: skip
    found: dict[str, Question] = {}
    for kind, makers in plans.items():
        for n in range(COUNTS[kind]):
            turn, place = divmod(n, len(makers))
            asked = makers[place](turn, WORDINGS[turn % 2])
            while asked.text in found:
                asked = makers[place](turn, WORDINGS[turn % 2])
            found[asked.text] = replace(asked, id=f"{kind}-{n + 1:02d}", kind=kind, wording=WORDINGS[turn % 2])
    return tuple(found.values())


def contexts(fact: Fact) -> tuple[Span, ...]:
    """Give the sentences and rows of which each tells a fact."""
    return tuple(dict.fromkeys(place.context for place in fact.places))


class _Asker:
    """Asks about one corpus. Each method asks one question; `turn` counts how often it has been called."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.draw = draw = Draw(corpus.seed, "questions")
        self.firms = {firm.name: firm for firm in corpus.firms}
        disputed = {(each.firm, each.metric, each.period) for each in corpus.conflicts}
        known = [fact for fact in corpus.facts if fact.period in (YEAR, *QUARTERS)]
        self.facts = {(fact.firm, fact.metric, fact.period): fact for fact in known
                      if (fact.firm, fact.metric, fact.period) not in disputed}  # fmt: skip
        by_metric = {key: iter(draw.shuffled([fact for fact in known if fact.metric == key and self._undisputed(fact)]))
                     for key in METRICS}  # fmt: skip
        self.single = (next(by_metric[key]) for key in cycle(METRICS))
        self.statements = iter(draw.shuffled([
            told for told in corpus.statements if told.topic in _TOPICS or told.topic.startswith(f"{CAUSE_OF}segment")
        ]))  # fmt: skip
        self.conflicts = self._six_conflicts()
        spoken = {(told.firm, told.topic) for told in corpus.statements}
        self.unspoken = iter(draw.shuffled([
            (firm, topic) for firm in corpus.firms for topic in TOPICS if (firm.name, topic.key) not in spoken
        ]))  # fmt: skip

    # Questions with an answer

    def literal(self, turn: int, wording: Wording) -> Question:
        """Ask for a figure in the words of its table."""
        return self._about(next(self.single), wordings.LITERAL, wording)

    def reworded(self, turn: int, wording: Wording) -> Question:
        """Ask for a figure in other words."""
        fact = next(self.single)
        return self._about(fact, wordings.REWORDED[fact.metric], wording)

    def textual(self, turn: int, wording: Wording) -> Question:
        """Ask for what a filing says in words."""
        told = next(self.statements)
        firm, topic = self.firms[told.firm], _TOPICS.get(told.topic)
        texts = (topic.seen if wording == "seen" else topic.held_back) if topic else wordings.CAUSES[wording]
        segment = "" if topic else firm.segment(told.topic.removeprefix(CAUSE_OF)).lower()
        text = self._fill(self.draw.pick(texts), firm, wording, period=told.period.name, segment=segment)
        return Question(text, told.topic, (told.firm,), (told.period,), ((told.place.context,),), answer=told.detail)

    def change(self, turn: int, wording: Wording) -> Question:
        """Ask by how much a figure has changed."""
        firm, (earlier, later), metric = self._series(2)
        amounts = [self._amount(fact) for fact in (earlier, later)]
        text = self._cross(wordings.CHANGE, wording, firm, metric, earlier=earlier.period.name, later=later.period.name)
        return self._computed(text, metric, (earlier, later), amounts[1] - amounts[0])

    def total(self, turn: int, wording: Wording) -> Question:
        """Ask for the sum of three quarters."""
        firm, facts, metric = self._series(3, summable=True)
        text = self._cross(wordings.TOTAL, wording, firm, metric)
        return self._computed(text, metric, facts, sum(map(self._amount, facts)))

    def compare(self, turn: int, wording: Wording) -> Question:
        """Ask which of two firms has more."""
        while True:
            firm, other = self.draw.shuffled(self.corpus.firms)[:2]
            metric, period = self.draw.pick([*METRICS.values()]), self.draw.pick(QUARTERS)
            found = [self.facts.get((each.name, metric.key, period)) for each in (firm, other)]
            facts = tuple(fact for fact in found if fact)
            if len(facts) == 2 and facts[0].value != facts[1].value and not firm.segment(metric.key):
                break
        text = self._cross(wordings.COMPARE, wording, firm, metric, later=period.name, other=other.name)
        best = max(facts, key=lambda fact: fact.value)
        return self._over(text, metric, facts, best.firm)

    def highest(self, turn: int, wording: Wording) -> Question:
        """Ask for the quarter with the highest figure."""
        while True:
            firm, facts, metric = self._series(3)
            values = [fact.value for fact in facts]
            if values.count(max(values)) == 1:
                break
        text = self._cross(wordings.HIGHEST, wording, firm, metric)
        return self._over(text, metric, facts, facts[values.index(max(values))].period.name)

    def contradictory(self, turn: int, wording: Wording) -> Question:
        """Ask for a figure about which documents differ; each such figure is asked for in both kinds of wording."""
        told = self.conflicts[turn // 2]
        both = [fact for value in (told.right, told.wrong) for fact in self.corpus.facts
                if (fact.firm, fact.metric, fact.period, fact.value)
                == (told.firm, told.metric, told.period, value)]  # fmt: skip
        asked = self._about(both[0], wordings.CONTRADICTION, wording)
        return replace(asked, evidence=tuple(map(contexts, both)), other=told.wrong)

    # Questions without one

    def missing(self, turn: int, wording: Wording) -> Question:
        """Ask for a figure that is given nowhere, in the words of its table."""
        gap = self.corpus.missing[turn]
        return self._without("missing", gap.firm, gap.metric, gap.period, wordings.LITERAL, wording)

    def missing_reworded(self, turn: int, wording: Wording) -> Question:
        """Ask for the figure after it in other words, so that each is asked for in both kinds of wording."""
        gap = self.corpus.missing[(turn + 1) % len(self.corpus.missing)]
        return self._without("missing", gap.firm, gap.metric, gap.period, wordings.REWORDED[gap.metric], wording)

    def unfiled(self, turn: int, wording: Wording) -> Question:
        """Ask about a period without a filing."""
        firm, metric = self.draw.pick([*self.firms]), self.draw.pick([*METRICS])
        texts = wordings.REWORDED[metric] if turn % 4 > 1 else wordings.LITERAL
        return self._without("period", firm, metric, self.draw.pick(UNFILED), texts, wording)

    def stranger(self, turn: int, wording: Wording) -> Question:
        """Ask about a firm without a filing."""
        metric, period = self.draw.pick([*METRICS.values()][2:]), self.draw.pick(QUARTERS)
        name = self.draw.pick(self.corpus.strangers)
        texts = wordings.REWORDED[metric.key] if turn % 4 > 1 else wordings.LITERAL
        text = self._ask(texts, wording, name, metric, period, metric.labels[0])
        return Question(text, metric.key, (name,), (period,), reason="firm")

    def never_reported(self, turn: int, wording: Wording) -> Question:
        """Ask for what no firm reports."""
        firm, period = self.draw.pick([*self.firms]), self.draw.pick((YEAR, *QUARTERS))
        text = self._ask(wordings.NEVER_REPORTED, wording, firm, METRICS["revenue"], period, "")
        return Question(text, "", (firm,), (period,), reason="metric")

    def silent(self, turn: int, wording: Wording) -> Question:
        """Ask about what a firm never mentions."""
        firm, topic = next(self.unspoken)
        texts, period = (topic.seen if wording == "seen" else topic.held_back), self.draw.pick((YEAR, *QUARTERS))
        text = self._fill(self.draw.pick(texts), firm, wording, period=period.name)
        return Question(text, topic.key, (firm.name,), (period,), reason="topic")

    # What they share

    def _about(self, fact: Fact, texts: Pair, wording: Wording) -> Question:
        firm, metric = self.firms[fact.firm], METRICS[fact.metric]
        text = self._ask(texts, wording, self._called(firm, wording), metric, fact.period, firm.labels[fact.metric],
                         firm.segment(fact.metric))  # fmt: skip
        shown = metric.in_prose(self._amount(fact))
        return Question(text, fact.metric, (fact.firm,), (fact.period,), (contexts(fact),), fact.value, fact.unit,
                        answer=shown)  # fmt: skip

    def _without(self, reason: str, name: str, key: str, period: Period, texts: Pair, wording: Wording) -> Question:
        firm = self.firms[name]
        text = self._ask(texts, wording, self._called(firm, wording), METRICS[key], period, firm.labels[key],
                         firm.segment(key))  # fmt: skip
        return Question(text, key, (name,), (period,), reason=reason)

    def _ask(
        self, texts: Pair, wording: Wording, name: str, metric: Metric, period: Period, label: str, segment: str = ""
    ) -> str:
        """Fill in a wording."""
        plain = label if label[1:2].isupper() else label[:1].lower() + label[1:]
        return polish(self.draw.pick(texts[wording]).format(
            firm=name, label=plain, segment=segment.lower(), when=when(self.draw, metric, period, wording),
            name=metric.names[0].format(segment=segment.lower()),
        ))  # fmt: skip

    def _fill(self, text: str, firm: Firm, wording: Wording, **fields: str) -> str:
        return polish(text.format(firm=self._called(firm, wording), **fields))

    def _cross(self, texts: Pair, wording: Wording, firm: Firm, metric: Metric, **fields: str) -> str:
        name = metric.names[0].format(segment=firm.segment(metric.key).lower())
        return polish(self.draw.pick(texts[wording]).format(firm=firm.name, name=name, **fields))

    def _called(self, firm: Firm, wording: Wording) -> str:
        """Call a firm by its name, in full, or by its ticker."""
        return self.draw.pick((firm.name, firm.name, firm.full_name if wording == "seen" else firm.ticker))

    def _computed(self, text: str, metric: Metric, facts: tuple[Fact, ...], amount: int) -> Question:
        sign = "-" if amount < 0 else ""
        asked = self._over(text, metric, facts, sign + metric.in_prose(abs(amount)))
        return replace(asked, value=metric.value(amount), unit=metric.unit)

    def _over(self, text: str, metric: Metric, facts: tuple[Fact, ...], answer: str) -> Question:
        firms, periods = (
            tuple(dict.fromkeys(each)) for each in zip(*((fact.firm, fact.period) for fact in facts), strict=True)
        )
        return Question(text, metric.key, firms, periods, tuple(map(contexts, facts)), answer=answer)

    def _series(self, length: int, summable: bool = False) -> tuple[Firm, tuple[Fact, ...], Metric]:
        """Draw a figure of which so many quarters are known and undisputed."""
        while True:
            firm, metric = self.draw.pick(self.corpus.firms), self.draw.pick([*METRICS.values()])
            periods = sorted(self.draw.shuffled(QUARTERS)[:length])
            found = [self.facts.get((firm.name, metric.key, period)) for period in periods]
            facts = tuple(fact for fact in found if fact)
            if len(facts) == length and not (summable and (metric.stock or metric.unit != MILLIONS)):
                return firm, facts, metric

    def _amount(self, fact: Fact) -> int:
        """Give a fact's amount as a whole number."""
        (ledger,) = [ledger for ledger in self.corpus.ledgers if ledger.firm.name == fact.firm]
        return ledger.final[fact.period][fact.metric]

    def _undisputed(self, fact: Fact) -> bool:
        return (fact.firm, fact.metric, fact.period) in self.facts

    def _six_conflicts(self) -> list[Conflict]:
        """Draw three restated figures, of both restatements, and take the three of press releases."""
        restated = self.draw.shuffled([told for told in self.corpus.conflicts if told.kind == "restated"])
        firsts = {told.firm: told for told in restated}
        more = [told for told in restated if told not in firsts.values()]
        return [*firsts.values(), more[0], *(told for told in self.corpus.conflicts if told.kind != "restated")]
