"""How good a ranking is, by questions whose answers somebody has judged; and whether a difference is one.

Every number here is a mean over questions. Two rankings are compared by their differences on the same questions, since
questions differ from each other much more than rankings do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from companion.services.hybrid_search.rankings import Ranking

Kind = Literal["identifier", "mixed", "paraphrase"]
KINDS: tuple[Kind, ...] = ("identifier", "mixed", "paraphrase")


@dataclass(frozen=True)
class Question:
    """A question with what was judged.

    Attributes
    ----------
    library : str
        Whose pages it is asked of.
    kind : str
        ``identifier`` asks by name, ``mixed`` in the words of the field, ``paraphrase`` in those of somebody who does
        not know them.
    text : str
        As it is asked.
    grades : mapping of str to int
        For each page that was judged, by title: 2 if it answers the question, 1 if it helps, 0 if neither.
    """

    library: str
    kind: Kind
    text: str
    grades: Mapping[str, int]

    @property
    def answers(self) -> set[str]:
        """The pages that answer it."""
        return {title for title, grade in self.grades.items() if grade == 2}


def load_questions(file: Path) -> list[Question]:
    """Read questions, a JSON object a line: library, kind, question, and lists of titles for the grades 2, 1 and 0."""
    found = []
    with file.open(encoding="utf-8") as lines:  # `splitlines` also splits at U+2028 and others, which JSON lets stand
        for line in lines:
            row = json.loads(line)
            grades = {f"{row['library']}.{title}": int(grade) for grade in "210" for title in row[grade]}
            found.append(Question(row["library"], row["kind"], row["question"], grades))
    return found


def recall(ranking: Iterable[str], question: Question, depth: int) -> float:
    """Give the share of the pages that answer the question which are among the first `depth`."""
    first = list(ranking)[:depth]
    return len(question.answers.intersection(first)) / len(question.answers)


def ndcg(ranking: Iterable[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Add up the grades of the first `depth`, each divided by log2(1 + rank), as a share of the best possible sum.

    Normalised discounted cumulative gain, after Järvelin and Kekäläinen (2002), with the grade as the gain.
    """
    got = [grades.get(title, 0) for title in list(ranking)[:depth]]
    best = sorted(grades.values(), reverse=True)[:depth]
    return _discounted(got) / _discounted(best)


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(1 + rank) for rank, gain in enumerate(gains, 1))


@dataclass(frozen=True)
class Score:
    """What a way of ranking achieves on questions: means, of which `by_kind` is nDCG at 10 too.

    Attributes
    ----------
    recall_5, recall_10, ndcg : float
        Over all questions.
    by_kind : dict of str to float
        nDCG over the questions of each kind that is there.
    each : tuple of float
        nDCG of each question, in their order.
    empty : int
        To how many questions it found nothing at all.
    """

    recall_5: float
    recall_10: float
    ndcg: float
    by_kind: dict[str, float]
    each: tuple[float, ...]
    empty: int


def evaluate(rankings: Sequence[Ranking], questions: Sequence[Question]) -> Score:
    """Score the rankings that were found for questions, in the same order."""
    pairs = list(zip(rankings, questions, strict=True))
    each = [ndcg(ranking, question.grades) for ranking, question in pairs]
    kinds = {kind: [value for value, one in zip(each, questions, strict=True) if one.kind == kind] for kind in KINDS}
    return Score(
        recall_5=fmean(recall(ranking, question, 5) for ranking, question in pairs),
        recall_10=fmean(recall(ranking, question, 10) for ranking, question in pairs),
        ndcg=fmean(each),
        by_kind={kind: fmean(values) for kind, values in kinds.items() if values},
        each=tuple(each),
        empty=sum(not ranking for ranking in rankings),
    )


def unjudged(rankings: Sequence[Ranking], questions: Sequence[Question], depth: int = 10) -> list[tuple[str, str]]:
    """List questions with the pages that nobody has judged among their first `depth`, which then count as wrong."""
    return [
        (question.text, title)
        for ranking, question in zip(rankings, questions, strict=True)
        for title in list(ranking)[:depth]
        if title not in question.grades
    ]


@dataclass(frozen=True)
class Difference:
    """A mean difference with its 95 % interval, and how often a resampled mean lay on the other side of 0."""

    mean: float
    low: float
    high: float
    p: float


def compare(ours: ArrayLike, theirs: ArrayLike, seed: int, samples: int = 10_000) -> Difference:
    """Give the mean of paired differences with a bootstrap interval (Efron's percentiles).

    Parameters
    ----------
    ours, theirs : array of float
        A value for each question, of the same questions in the same order.
    seed : int
        Of the resampling.
    samples : int
        How often the questions are drawn anew, with replacement.

    Returns
    -------
    Difference
        `p` is two-sided: twice the share of resampled means on the far side of 0.
    """
    differences = np.subtract(ours, theirs)
    drawn = np.random.default_rng(seed).integers(len(differences), size=(samples, len(differences)))
    means = differences[drawn].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    p = min(1.0, 2 * min(float((means <= 0).mean()), float((means >= 0).mean())))
    return Difference(float(differences.mean()), float(low), float(high), p)


def questions_needed(deviation: float, smallest: float, power: float = 0.5) -> int:
    """Say how many questions it takes to see a mean difference of a size.

    Parameters
    ----------
    deviation : float
        The standard deviation of the differences between questions.
    smallest : float
        The difference that is to be seen.
    power : float
        In what share of such experiments the 95 % interval shall then leave out 0: one half is where the interval is
        just as wide as the difference.

    Returns
    -------
    int
        By the normal approximation, ((z(.975) + z(power)) * deviation / smallest) ** 2.
    """
    z = NormalDist().inv_cdf
    return math.ceil(((z(0.975) + z(power)) * deviation / smallest) ** 2)
