"""Chunks for a question: by meaning, by words, and both rankings made one.

The two are asked for different things. A vector stands for the text behind its header, since a passage seldom says what
it is about. BM25 sees the bare text: all chunks of a document share their header's words, and a question that shares no
others with them would rank them by their length (discovery 4 of the chapter).

A ranking maps places, the positions of chunks in their list, to scores, the best first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from companion.reasoning.rag.chunks import Chunk, Evidence
from companion.services.hybrid_search import rankings as by_name

Ranking = dict[int, float]
By = Literal["vectors", "words", "fused"]

DEEP = 100
"""How many places of each ranking take part in a fusion."""

A_SOURCE = 2
"""How many chunks of one document are given: several sources are worth more than five pieces of one."""


def dense(
    vector: NDArray[np.float32], matrix: NDArray[np.float32], k: int, allowed: Collection[int] | None = None
) -> Ranking:
    """Rank the rows of a matrix by their cosine with a vector, all of length one; exact, by looking at all.

    Parameters
    ----------
    vector : array of float
        What is searched with.
    matrix : array of float
        A row for each chunk.
    k : int
        How many are given, at most.
    allowed : collection of int, optional
        The only rows that are looked at. To filter what a search has found would leave fewer than `k`, or none.
    """
    places = np.arange(len(matrix)) if allowed is None else np.array(sorted(allowed), dtype=np.int64)
    if not len(places) or k < 1:
        return {}
    scores = (matrix if allowed is None else matrix[places]) @ vector
    if k < len(places):
        least = np.partition(scores, -k)[-k]
        kept = np.flatnonzero(scores >= least)  # of equals the first are given, whatever the partition did
        places, scores = places[kept], scores[kept]
    best = np.lexsort((places, -scores))[:k]
    return dict(zip(places[best].tolist(), scores[best].tolist(), strict=True))


class BM25:
    """Chunks ranked by the words that they share with a question (`companion.services.hybrid_search.rankings`).

    Parameters
    ----------
    texts : sequence of str
        A text for each chunk; there may be none.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        named = {_name(place): text for place, text in enumerate(texts)}
        self._ranked = by_name.BM25(named) if any(map(by_name.words_of, texts)) else None

    def search(self, question: str, k: int, allowed: Collection[int] | None = None) -> Ranking:
        """Rank the chunks that have a word of the question, of the allowed ones only."""
        if self._ranked is None:
            return {}
        found = self._ranked.search(question, most=self._ranked.documents)
        places = ((int(name), score) for name, score in found.items())
        kept = [each for each in places if allowed is None or each[0] in allowed]
        return dict(kept[: max(k, 0)])


def fuse(rankings: Sequence[Ranking], k: float = 60, weights: Sequence[float] | None = None) -> Ranking:
    """Make several rankings one by the ranks alone: add up weight / (k + rank), reciprocal rank fusion."""
    named = [{_name(place): score for place, score in ranking.items()} for ranking in rankings]
    fused = by_name.fuse_ranks(named, weights or [1.0] * len(named), k)
    return {int(name): score for name, score in fused.items()}


def allowed_by(chunks: Sequence[Chunk], only: Mapping[str, str]) -> set[int]:
    """Give the places of the chunks whose metadata say all of that."""
    return {place for place, chunk in enumerate(chunks) if only.items() <= chunk.metadata.items()}


def spread(ranking: Ranking, chunks: Sequence[Chunk], k: int, a_source: int = A_SOURCE) -> Ranking:
    """Give the best `k`, of each document the best `a_source` only; what is passed over comes in where others lack."""
    seen = Counter[str]()
    first, later = list[int](), list[int]()
    for place in ranking:
        source = chunks[place].source
        (first if seen[source] < a_source else later).append(place)
        seen[source] += 1
    return {place: ranking[place] for place in [*first, *later][:k]}


class Retriever:
    """Searches chunks, by vectors, by words or by both.

    Parameters
    ----------
    chunks : sequence of Chunk
        What is searched.
    matrix : array of float
        A row of length one for each, of its text behind its header.
    """

    def __init__(self, chunks: Sequence[Chunk], matrix: NDArray[np.float32]) -> None:
        self.chunks = chunks
        self.matrix = matrix
        self._words = BM25([chunk.text for chunk in chunks])

    def search(
        self,
        question: str,
        vector: NDArray[np.float32],
        k: int = 5,
        *,
        by: By = "fused",
        only: Mapping[str, str] | None = None,
        a_source: int = A_SOURCE,
    ) -> list[Evidence]:
        """Find evidence for a question, the best first.

        Parameters
        ----------
        question : str
            Its words are looked for.
        vector : array of float
            The question embedded.
        k : int
            How many chunks are given, at most.
        by : {"vectors", "words", "fused"}
            What ranks.
        only : mapping of str to str, optional
            The metadata that a chunk has to have to be looked at.
        a_source : int
            How many chunks of one document are given, as long as there are others.
        """
        allowed = allowed_by(self.chunks, only) if only else None
        deep = max(DEEP, k)
        found: dict[By, Ranking] = {}
        if by != "words":
            found["vectors"] = dense(vector, self.matrix, deep, allowed)
        if by != "vectors":
            found["words"] = self._words.search(question, deep, allowed)
        ranking = fuse([*found.values()]) if by == "fused" else found[by]
        best = spread(ranking, self.chunks, k, a_source)
        return [Evidence(self.chunks[place], score, by) for place, score in best.items()]


def _name(place: int) -> str:
    return f"{place:09}"  # so that of two equals the earlier one is first by name, too
