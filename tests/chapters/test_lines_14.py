"""Chapter 14: what stands on the page as code is what the package does."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from companion.models.words import hashed_words
from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.rag.exercises import some_vectors
from companion.reasoning.rag.facts import MILLIONS, read_facts
from companion.reasoning.rag.retrieving import dense
from companion.reasoning.rag.trials import caching
from companion.reasoning.rag.trials.experiments import filed

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "14-rag.ipynb", 4).cells
}


def lines(name: str, start: str, end: str | None = None, **given: Any) -> dict[str, Any]:
    """Run a function of a cell of the chapter, from the line that begins with `start` up to one with `end`."""
    source = CELLS[f"rag-{name}"]
    part = source[source.index(start) : source.index(end) if end else None]
    exec(part, given)
    return given


def test_the_nearest_on_the_page_are_the_packages() -> None:
    texts, _ = some_vectors(random.Random(1), 60)
    matrix = hashed_words([f"{number} {text} pumps" for number, text in enumerate(texts)])
    matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
    asked = matrix[7]
    page = lines("nearest", "def nearest", np=np, embed=lambda given: [asked])
    assert page["nearest"]("?", matrix) == [*dense(asked, matrix, 5)]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_reading_of_a_row_on_the_page_gives_the_packages_facts(seed: int) -> None:
    page = lines("read", "from companion", "print(", re=re)
    checked = 0
    for document in filed(make_corpus(seed)):
        table = [line for line in document.text.splitlines() if "   " in line]
        for fact in read_facts(document):
            if fact.text not in table or fact.unit != MILLIONS or fact.value is None or "(" in fact.text:
                continue
            heads = next(line for line in reversed(table[: table.index(fact.text)]) if line.startswith("("))
            if "restated" in heads or "December 31" in heads:
                continue
            told = page["read_row"](heads, fact.text)
            assert told[fact.metric, fact.period.name] == pytest.approx(fact.value)
            checked += 1
    assert checked > 300


def test_the_formulas_of_the_cache_on_the_page_are_the_packages() -> None:
    page = lines("cache", "def most_faster", "print(")
    for kept in (1, 30, 1000):
        for shares in (caching.zipf(40), caching.zipf(40, 5)):
            assert page["hit_rate"](shares, kept) == pytest.approx(caching.hit_rate(shares, kept))
    for hits in (0, 0.5, 0.7, 0.99):
        assert page["most_faster"](hits) == pytest.approx(caching.most_faster(hits))
