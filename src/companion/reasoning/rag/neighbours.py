"""The nearest vectors: by looking at all of them, and by indexes that look at some; and what that saves and costs.

The indexes are FAISS's own, called as they are. Which vectors an index is tried on decides what comes out. Those of
texts lie in groups, and an index looks in the groups that are near a question. Random vectors of 384 numbers lie
nowhere: any two are about as far from each other as any other two, so there is no group to look in, and no index is of
use. A benchmark on random vectors condemns them all.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Places = NDArray[np.int64]
Search = Callable[[Matrix, int], Places]
"""Takes a vector and a number, and gives the places of that many rows, nearest first."""


def by_numpy(matrix: Matrix) -> Search:
    """Look at all vectors: one product, then the largest of it."""

    def search(vector: Matrix, k: int) -> Places:
        scores = matrix @ vector
        some = np.argpartition(-scores, k - 1)[:k] if k < len(scores) else np.arange(len(scores))
        places: Places = some[np.argsort(-scores[some], kind="stable")]
        return places

    return search


def flat(matrix: Matrix) -> Search:
    """Look at all vectors, by FAISS."""
    index = faiss.IndexFlatIP(matrix.shape[1])
    index.add(matrix)
    return _searching(index)


def ivf(matrix: Matrix, lists: int = 1024, probes: int = 4) -> Search:
    """Put vectors into lists around centres that are learned from them, and look into the nearest lists.

    Parameters
    ----------
    matrix : array of float
        Rows of length one.
    lists : int
        How many lists there are.
    probes : int
        How many of them a search looks into; with all of them it is exact.
    """
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(matrix.shape[1]), matrix.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = 11
    index.cp.niter = 10
    index.cp.min_points_per_centroid = 1  # or it warns on stderr
    index.train(matrix)
    index.add(matrix)
    index.nprobe = probes
    return _searching(index)


def hnsw(matrix: Matrix, links: int = 32, breadth: int = 64) -> Search:
    """Link each vector with some near ones, and walk from link to link towards the question.

    Parameters
    ----------
    matrix : array of float
        Rows of length one.
    links : int
        How many links a vector has.
    breadth : int
        How many candidates a search keeps (efSearch).
    """
    index = faiss.IndexHNSWFlat(matrix.shape[1], links, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 64, breadth
    index.add(matrix)
    return _searching(index)


def _searching(index: Any) -> Search:
    def search(vector: Matrix, k: int) -> Places:
        found: Places = index.search(vector[None], k)[1][0]
        return found[found >= 0]

    return search


def recall(search: Search, exact: Search, questions: Matrix, k: int = 10) -> float:
    """Give the share of the `k` nearest that a search finds, over all questions."""
    found = [len(np.intersect1d(search(vector, k), exact(vector, k))) for vector in questions]
    return sum(found) / (k * len(questions))


def seconds(search: Search, questions: Matrix, k: int = 10) -> float:
    """Give the CPU seconds of asking all questions, one after the other."""
    begun = process_time()
    for vector in questions:
        search(vector, k)
    return process_time() - begun


def random_units(count: int, dimensions: int, seed: int) -> Matrix:
    """Draw vectors in all directions alike."""
    return units(np.random.default_rng(seed).standard_normal((count, dimensions), dtype=np.float32))


def jittered(some: Matrix, count: int, noise: float, seed: int) -> Matrix:
    """Make many vectors of some: each is one of them with a little added, of length `noise` times its own.

    Parameters
    ----------
    some : array of float
        Rows of length one.
    count : int
        How many are made.
    noise : float
        The length of what is added, on average.
    seed : int
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    drawn = some[rng.integers(len(some), size=count)]
    added = rng.standard_normal(drawn.shape, dtype=np.float32) * np.float32(noise / np.sqrt(drawn.shape[1]))
    return units(drawn + added)


def units(vectors: Matrix) -> Matrix:
    """Give rows length one, so that a product is a cosine."""
    found: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found
