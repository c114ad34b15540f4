"""What indexes of neighbours find and save at 100,000 vectors, on vectors of texts and, beside them, on random ones."""

from __future__ import annotations

from time import process_time

import faiss
import numpy as np
import pytest

from companion.reasoning.rag.neighbours import (
    Matrix,
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
from companion.services.hybrid_search.vectors import data_folder

MANY, DIMENSIONS, ASKED = 100_000, 384, 100


def drawn(kind: str) -> tuple[Matrix, Matrix]:
    """Give the vectors and the questions: of texts, each a little changed, or of nothing."""
    if kind == "random":
        return random_units(MANY, DIMENSIONS, seed=1), random_units(ASKED, DIMENSIONS, seed=2)
    with np.load(data_folder() / "vectors.npz", allow_pickle=False) as stored:
        some = units(stored["levels"].astype(np.float32))
    return jittered(some, MANY, noise=0.3, seed=1), jittered(some, ASKED, noise=0.3, seed=2)


@pytest.mark.parametrize("kind", ["texts", "random"])
def test_an_index_saves_time_and_finds_what_lies_in_groups(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    faiss.omp_set_num_threads(1)
    matrix, questions = drawn(kind)
    exact = by_numpy(matrix)
    one_by_one = seconds(exact, questions)
    found, rows = {}, []
    probes = {"texts": 4, "random": 64}[kind]  # of the 1,024 lists
    for name, make in (("flat", flat), ("ivf", lambda matrix: ivf(matrix, probes=probes)), ("hnsw", hnsw)):
        begun = process_time()
        search = make(matrix)
        built = process_time() - begun
        found[name] = recall(search, exact, questions)
        ratio = one_by_one / seconds(search, questions)
        rows.append(f"{kind:<8} {name:<5} recall {found[name]:.3f}  {ratio:6.1f} times as fast  built in {built:.0f} s")
    with capsys.disabled():
        print("", *rows, sep="\n")
    assert found["flat"] >= 0.999
    if kind == "texts":
        assert found["ivf"] >= 0.97 and found["hnsw"] >= 0.95
    else:
        assert found["ivf"] < 0.4 and found["hnsw"] < 0.4
