"""What chapter 14 records: what a model answers, and what takes longer than a page may."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from companion.reasoning.rag.neighbours import by_numpy, flat, hnsw, ivf, jittered, random_units, recall, seconds
from companion.reasoning.rag.trials.answers import judge, reading, seen
from companion.reasoning.rag.trials.experiments import K, Shelf
from companion.reasoning.rag.trials.vectors import minilm

SEED = 1
ASKED = 24
"""How many questions a model is asked: every third of those that may be looked at."""


def smollm2() -> Mapping[str, float]:
    """Ask SmolLM2, of 135 million parameters, 24 questions with the evidence that the reader gets."""
    return asked("smollm2")


def asked(model: str) -> Mapping[str, float]:
    """Ask a model; of its answers, those that the check lets through are judged."""
    shelf = Shelf(SEED, minilm())
    pipeline = reading(shelf, model=model)
    questions = seen(shelf.questions)[::3][:ASKED]
    outcomes = [(question, pipeline(question)) for question in questions]
    judged = [(bool(question.evidence), judge(question, answer)) for question, answer in outcomes]
    return {
        "asked": len(questions),
        "right": judged.count((True, "right")),
        "wrong": judged.count((True, "wrong")),
        "refused": judged.count((True, "refused")),
        "caught": judged.count((False, "refused")),
        "fooled": judged.count((False, "wrong")),
        "cites nothing": sum(answer.why == "the model named no passage" for _, answer in outcomes),
        "invents a number": sum(answer.why.startswith("the model says") for _, answer in outcomes),
    }


def unit_length() -> Mapping[str, float]:
    """Rank headed chunks by MiniLM's raw vectors: by cosine, distance and inner product; give recall at five."""
    from companion.models.minilm import embed

    shelf = Shelf(SEED, minilm())
    matrix = embed(shelf.texts(header=True))
    questions = embed([question.text for question in shelf.answerable])
    lengths = np.linalg.norm(matrix, axis=1)
    units = matrix / lengths[:, None]
    asked_units = questions / np.linalg.norm(questions, axis=1, keepdims=True)
    distances = (matrix**2).sum(axis=1) - 2 * questions @ matrix.T
    unit_distances = (units**2).sum(axis=1) - 2 * asked_units @ units.T
    return {
        "shortest": float(lengths.min()),
        "longest": float(lengths.max()),
        "cosine": _recall(shelf, asked_units @ units.T),
        "distance": _recall(shelf, -distances),
        "distance of units": _recall(shelf, -unit_distances),
        "inner product": _recall(shelf, questions @ matrix.T),
    }


COUNT = 20_000
"""How many vectors an index is tried on."""
NOISE, QUESTIONS = 0.3, 100
"""How much is added to a vector, as a part of its length, and how many questions are asked."""


def indexes(lists: int = 256) -> Mapping[str, float]:
    """Try indexes on 20,000 vectors, once on the filings' own with a little noise, once on random ones.

    For each, recall at ten against looking at all, and how many times as fast it is, each question asked alone.
    """
    own = minilm()(Shelf(SEED, minilm()).texts(header=True))
    tried = {
        "filings": (jittered(own, COUNT, NOISE, SEED), jittered(own, QUESTIONS, NOISE, SEED + 1)),
        "random": (random_units(COUNT, own.shape[1], SEED), random_units(QUESTIONS, own.shape[1], SEED + 1)),
    }
    figures = {}
    for kind, (matrix, questions) in tried.items():
        exact = by_numpy(matrix)
        alone = seconds(flat(matrix), questions)
        for name, search in {"IVF": ivf(matrix, lists), "HNSW": hnsw(matrix)}.items():
            figures[f"{name}, {kind}"] = recall(search, exact, questions)
            figures[f"{name}, {kind}, faster"] = alone / seconds(search, questions)
    return figures


def _recall(shelf: Shelf, scores: NDArray[np.float32]) -> float:
    """Give recall at five by a row of scores for each question."""
    found = []
    for question, row in zip(shelf.answerable, scores, strict=True):
        first = set(np.argsort(-row, kind="stable")[:K].tolist())
        needed = shelf.holding(question)
        found.append(sum(not first.isdisjoint(places) for places in needed) / len(needed))
    return fmean(found)
