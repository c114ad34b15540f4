"""The whole pipeline asked 168 questions, and each answer judged by where it comes from.

    question -> names -> a row that means it? -> its figure
                      -> else: filter, nearest chunks -> reader -> checked quotation, or refusal

An answer is right when all that it cites says what was asked. Whether its words sound right nobody has to judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from companion.models.evidence import ALL
from companion.reasoning.filings.questions import Question
from companion.reasoning.filings.truth import Span
from companion.reasoning.rag.answering import ask
from companion.reasoning.rag.chunks import Answer, Citation
from companion.reasoning.rag.facts import LEAST, MARGIN, called, known_missing, look_up, nearest_metric
from companion.reasoning.rag.trials.experiments import K, Shelf, Way, chance_of_order

Outcome = Literal["right", "wrong", "refused"]
Pipeline = Callable[[Question], Answer]

NUMBERS = ("numeric", "reworded", "contradictory")
"""The kinds of questions whose answer is one figure of the filings."""


def reading(shelf: Shelf, way: Way | None = None, share: float = ALL, model: str = "offline", k: int = K) -> Pipeline:
    """Give a pipeline that has a model read the nearest chunks."""

    def answered(question: Question) -> Answer:
        evidence = shelf.evidence(question.text, way or Way(), k)
        return ask(shelf.named(question.text).plain, evidence, model, share=share)

    return answered


def by_facts(shelf: Shelf, least: float = LEAST, margin: float = MARGIN) -> Pipeline:
    """Give a pipeline that looks figures up, and does nothing else."""

    def answered(question: Question) -> Answer:
        return look_up(question.text, shelf.named(question.text), shelf.facts, shelf.embed, least, margin)

    return answered


def first_that_answers(*pipelines: Pipeline) -> Pipeline:
    """Give a pipeline that asks several, one after the other, until one answers or knows that there is no answer."""

    def answered(question: Question) -> Answer:
        for pipeline in pipelines:
            answer = pipeline(question)
            if not answer.refused or known_missing(answer):
                break
        return answer

    return answered


def judge(question: Question, answer: Answer) -> Outcome:
    """Say whether an answer is right: whether each place that it cites gives what was asked.

    Of a figure about which documents differ, the first place must give the right one. A question over several figures
    is answered by a computed figure, a firm or a quarter, which must be the answer's whole text up to its full stop.
    """
    if answer.refused:
        return "refused"
    if not question.evidence or not answer.citations:
        return "wrong"
    if question.kind == "cross-document":
        return "right" if answer.text.partition(" [")[0].rstrip(".") == question.answer else "wrong"
    first, *_ = question.evidence
    anywhere = [span for spans in question.evidence for span in spans]
    right = _gives(answer.citations[0], first) and all(_gives(each, anywhere) for each in answer.citations)
    return "right" if right else "wrong"


def _gives(citation: Citation, spans: Iterable[Span]) -> bool:
    """Whether a citation lies within one of the spans."""
    return any(
        citation.source == span.document and span.start <= citation.start and citation.end <= span.end
        for span in spans
    )  # fmt: skip


def both_sides(question: Question, answer: Answer) -> bool:
    """Whether an answer cites each of the figures that differ."""
    return all(any(_gives(each, spans) for each in answer.citations) for spans in question.evidence)


@dataclass(frozen=True)
class Tally:
    """What became of some questions: how many were answered rightly, wrongly, and not at all.

    Attributes
    ----------
    right, wrong, refused : int
        Of those that have an answer.
    caught, fooled : int
        Of those that have none: refused as they should be, and answered all the same.
    """

    right: int
    wrong: int
    refused: int
    caught: int
    fooled: int

    @property
    def answerable(self) -> int:
        """How many have an answer."""
        return self.right + self.wrong + self.refused

    @property
    def price(self) -> float:
        """The share of the questions with an answer that were refused."""
        return self.refused / self.answerable


def tally(questions: Sequence[Question], pipeline: Pipeline) -> Tally:
    """Ask questions, and count."""
    counts = Counter((bool(question.evidence), judge(question, pipeline(question))) for question in questions)
    return Tally(
        right=counts[True, "right"],
        wrong=counts[True, "wrong"],
        refused=counts[True, "refused"],
        caught=counts[False, "refused"],
        fooled=counts[False, "wrong"],
    )


def seen(questions: Iterable[Question]) -> list[Question]:
    """Keep the questions in wordings that may be looked at while one builds."""
    return [question for question in questions if question.wording == "seen"]


def held_back(questions: Iterable[Question]) -> list[Question]:
    """Keep the questions in wordings for judging."""
    return [question for question in questions if question.wording == "held back"]


def choose(shelf: Shelf, step: float = 0.05) -> tuple[float, float]:
    """Choose the two limits of a look-up on the seen questions of a shelf: no wrong answer, and most right ones.

    Among pairs that answer equally many the larger ones are taken, which are the safer ones, on a grid of such steps.
    """
    questions = seen(shelf.questions)
    grid = [round(step * n, 2) for n in range(20)]
    best, found = (0, 0.0, 0.0), (1.0, 1.0)
    outcomes = [(judge(question, by_facts(shelf, -1, -1)(question)), _match(shelf, question)) for question in questions]
    for least in grid:
        for margin in grid[:7]:
            kept = [outcome for outcome, (score, by) in outcomes if score >= least and by >= margin]
            if "wrong" not in kept:
                key = (kept.count("right"), least, margin)
                if key > best:
                    best, found = key, (least, margin)
    return found


def _match(shelf: Shelf, question: Question) -> tuple[float, float]:
    named = shelf.named(question.text)
    own = [fact for fact in shelf.facts if fact.firm in named.firms]
    if not own:
        return 0.0, 0.0
    match = nearest_metric(named.left, called(own), shelf.embed)
    return match.score, match.margin


# Can the score of the nearest chunk say "I do not know"?


@dataclass(frozen=True)
class Threshold:
    """A limit on the score of the nearest chunk, chosen on some questions and judged on others.

    Attributes
    ----------
    limit, accuracy, always, order : float
        The limit; the share of the other questions on which "there is an answer" is right with it, and without any by
        always answering; and the chance that of two of them, one with an answer and one without, the score is higher
        for the first.
    """

    limit: float
    accuracy: float
    always: float
    order: float


def undecided(shelf: Shelf, questions: Iterable[Question]) -> list[Question]:
    """Keep the questions that name a firm that has filed, and of which there are filings for the period.

    Of the others the names alone say that there is no answer.
    """
    named = ((question, shelf.named(question.text)) for question in questions)
    return [question for question, each in named if each.firms and shelf.allowed(each) != []]


def threshold(shelf: Shelf, judged: Shelf | None = None, way: Way | None = None) -> Threshold:
    """Choose a limit on a shelf's seen questions and judge it on those that another, or the same, holds back."""
    judged = judged or shelf
    tried, others = undecided(shelf, seen(shelf.questions)), undecided(judged, held_back(judged.questions))
    scores, other_scores = (
        [next(iter(where.search(one.text, way or Way(), 1).values())) for one in questions]
        for where, questions in ((shelf, tried), (judged, others))
    )
    good, other_good = ([bool(one.evidence) for one in questions] for questions in (tried, others))

    def accuracy(limit: float, given: Sequence[float], answerable: Sequence[bool]) -> float:
        return float(np.mean([(score >= limit) == is_so for score, is_so in zip(given, answerable, strict=True)]))

    ordered = sorted(scores)
    limits = [(one + other) / 2 for one, other in pairwise([ordered[0] - 1, *ordered, ordered[-1] + 1])]
    limit = max(limits, key=lambda one: accuracy(one, scores, good))
    return Threshold(
        limit,
        accuracy(limit, other_scores, other_good),
        sum(other_good) / len(other_good),
        chance_of_order(other_scores, other_good),
    )
