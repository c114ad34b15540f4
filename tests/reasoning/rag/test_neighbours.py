"""The nearest vectors by each way: exact where it looks at all, and what the vectors are decides how the others do."""

from __future__ import annotations

import numpy as np
import pytest

from companion.reasoning.rag.neighbours import (
    Matrix,
    Places,
    Search,
    by_numpy,
    flat,
    hnsw,
    ivf,
    jittered,
    random_units,
    recall,
    seconds,
    units,
)

SOME = random_units(60, 32, seed=1)
CLUSTERED = jittered(SOME, 2_000, noise=0.3, seed=2)
QUESTIONS = jittered(SOME, 20, noise=0.3, seed=3)


def test_all_rows_looked_at_give_the_nearest_in_order() -> None:
    for vector in QUESTIONS[:5]:
        places = by_numpy(CLUSTERED)(vector, 10)
        scores = CLUSTERED @ vector
        assert scores[places].tolist() == sorted(scores.tolist(), reverse=True)[:10]
    assert len(by_numpy(SOME)(SOME[0], 100)) == 60


def test_faiss_finds_the_same_when_it_looks_at_all() -> None:
    exact = by_numpy(CLUSTERED)
    assert recall(flat(CLUSTERED), exact, QUESTIONS) == 1
    assert recall(ivf(CLUSTERED, lists=20, probes=20), exact, QUESTIONS) == 1
    assert recall(exact, exact, QUESTIONS) == 1


def test_a_part_is_enough_where_vectors_lie_in_groups_and_not_where_they_lie_anywhere() -> None:
    anywhere = random_units(2_000, 32, seed=4)
    asked = random_units(20, 32, seed=5)
    for index in (ivf_of_a_tenth, lambda matrix: hnsw(matrix, links=8, breadth=10)):
        grouped = recall(index(CLUSTERED), by_numpy(CLUSTERED), QUESTIONS)
        scattered = recall(index(anywhere), by_numpy(anywhere), asked)
        assert grouped > scattered + 0.15


def ivf_of_a_tenth(matrix: Matrix) -> Search:
    return ivf(matrix, lists=40, probes=4)


def test_vectors_have_length_one_and_jitter_has_the_length_that_was_asked_for() -> None:
    for vectors in (SOME, CLUSTERED, units(CLUSTERED * 3)):
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    nearest = (CLUSTERED @ SOME.T).max(axis=1)
    assert nearest.mean() == pytest.approx(1 / np.sqrt(1 + 0.3**2), abs=0.01)  # the cosine of a right angle's sides


def test_the_same_seed_draws_the_same_vectors() -> None:
    assert (jittered(SOME, 50, 0.3, 7) == jittered(SOME, 50, 0.3, 7)).all()
    assert (random_units(5, 8, 7) == random_units(5, 8, 7)).all()


def test_time_is_taken_over_all_questions() -> None:
    asked = list[tuple[int, int]]()

    def search(vector: Matrix, k: int) -> Places:
        asked.append((len(vector), k))
        return np.arange(k)

    seconds(search, QUESTIONS, 3)
    assert asked == [(32, 3)] * 20
