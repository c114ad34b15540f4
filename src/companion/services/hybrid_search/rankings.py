"""Rankings and how to fuse them, in plain Python.

A ranking is a dict from document to score, the best first: dicts keep their order, so one object holds both what a
fusion by rank needs and what a fusion by score needs. Of two equal scores the document whose name is smaller comes
first, so that a ranking is the same each time.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Ranking = dict[str, float]


def ranked(scores: Mapping[str, float] | Iterable[tuple[str, float]], most: int | None = None) -> Ranking:
    """Sort documents by score, and keep the best."""
    pairs = dict(scores).items()
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:most])


def words_of(text: str) -> list[str]:
    """Split a text into lower-case words; dots and underscores part words, so a dotted name is several."""
    return re.findall(r"[a-z0-9]+", text.lower())


class BM25:
    """Documents ranked by the words they share with a question, the rare ones counting for more.

    The score of a document is the sum over the question's words of idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length
    / mean length)), with idf = ln(1 + (N - n + .5) / (n + .5)) (Robertson and Zaragoza, 2009, in Lucene's form, which
    is never below 0). Here each word of a question counts once.

    Parameters
    ----------
    texts : mapping of str to str
        The documents by name.
    k1 : float
        How soon it no longer matters that a word comes up again: a word that comes up very often counts k1 + 1 times as
        much as one that comes up once in a document of mean length.
    b : float
        How far a long document has to repeat a word to count as much as a short one: 0 for not at all.
    """

    def __init__(self, texts: Mapping[str, str], k1: float = 1.2, b: float = 0.75) -> None:
        counts = {name: Counter(words_of(text)) for name, text in texts.items()}
        mean = sum(count.total() for count in counts.values()) / len(counts)
        self.postings: dict[str, dict[str, float]] = {}
        for name, count in counts.items():
            allowance = k1 * (1 - b + b * count.total() / mean)
            for word, tf in count.items():
                self.postings.setdefault(word, {})[name] = tf * (k1 + 1) / (tf + allowance)
        self.documents = len(counts)

    def search(self, question: str, most: int = 50) -> Ranking:
        """Rank the documents that have a word of the question."""
        scores: defaultdict[str, float] = defaultdict(float)
        for word in dict.fromkeys(words_of(question)):
            found = self.postings.get(word, {})
            idf = math.log(1 + (self.documents - len(found) + 0.5) / (len(found) + 0.5))
            for name, part in found.items():
                scores[name] += idf * part
        return ranked(scores, most)


def nearest(names: Sequence[str], matrix: NDArray[np.float32], vector: NDArray[np.float32], most: int = 50) -> Ranking:
    """Rank documents by the cosine between their vectors and one other, all of length one: exact, by looking at all."""
    return ranked(zip(names, (matrix @ vector).tolist(), strict=True), most)


def fuse_ranks(rankings: Sequence[Mapping[str, float]], weights: Sequence[float], k: float = 60) -> Ranking:
    """Add up weight / (k + rank), with ranks from 1 on (reciprocal rank fusion; Cormack and others, 2009)."""
    total: defaultdict[str, float] = defaultdict(float)
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, name in enumerate(ranking, 1):
            total[name] += weight / (k + rank)
    return ranked(total)


def fuse_scores(rankings: Sequence[Mapping[str, float]], weights: Sequence[float]) -> Ranking:
    """Add up weighted scores, each ranking's own scaled to run from 0 (its last) to 1 (its first)."""
    total: defaultdict[str, float] = defaultdict(float)
    for ranking, weight in zip(rankings, weights, strict=True):
        low, high = min(ranking.values(), default=0.0), max(ranking.values(), default=0.0)
        for name, score in ranking.items():
            total[name] += weight * ((score - low) / (high - low) if high > low else 1.0)
    return ranked(total)
