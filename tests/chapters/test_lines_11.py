"""Chapter 11: what stands on the page as code is what the package does."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.corpus import pages
from companion.services.hybrid_search import rankings
from companion.services.hybrid_search.evaluation import compare, load_questions, ndcg
from companion.services.hybrid_search.many_tenants import NEAREST
from companion.services.hybrid_search.text_queries import TEXT_QUERIES
from companion.services.hybrid_search.vectors import data_folder

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "11-hybrid_search.ipynb", 4).cells
}
lists = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-5, 5), max_size=8).map(rankings.ranked)
pairs = st.tuples(lists, lists)


def lines(name: str, until: str = "", **given: Any) -> dict[str, Any]:
    """Run one cell of the chapter, up to a line, with what it is given, and give what it defines."""
    source = CELLS[f"search-{name}"]
    exec(source.partition(until)[0] if until else source, given)
    return given


@given(st.permutations("abcdefgh"), st.integers(1, 8))
def test_the_ndcg_on_the_page_is_the_packages(order: list[str], depth: int) -> None:
    grades = {"a": 2, "c": 1, "d": 2, "x": 2, "y": 0}
    page = lines("ndcg")["ndcg"]
    assert page(order, grades, depth) == pytest.approx(ndcg(order, grades, depth))


@given(st.lists(st.text("abc ", min_size=1), min_size=1, max_size=6).filter(lambda texts: any(map(str.strip, texts))))
def test_the_bm25_on_the_page_is_the_packages(texts: list[str]) -> None:
    part_of_score = lines("bm25-code", math=math)["part_of_score"]
    counts = [Counter(rankings.words_of(text)) for text in texts]
    mean = sum(count.total() for count in counts) / len(counts)
    found = rankings.BM25({str(number): text for number, text in enumerate(texts)}).search("a b")
    for number, count in enumerate(counts):
        parts = [
            part_of_score(count[word], sum(word in one for one in counts), len(texts), count.total(), mean)
            for word in ("a", "b")
            if count[word]
        ]
        assert found.get(str(number), 0) == pytest.approx(sum(parts))


def test_the_bm25_on_the_page_ranks_the_documents_of_the_chapter_as_the_package_does() -> None:
    part_of_score = lines("bm25-code", math=math)["part_of_score"]
    texts = {page.title: f"{page.title} {page.body}" for page in pages("numpy")}
    words = {title: Counter(rankings.words_of(text)) for title, text in texts.items()}
    mean = sum(count.total() for count in words.values()) / len(words)
    index = rankings.BM25(texts)
    for question in [one for one in load_questions(data_folder() / "questions.jsonl") if one.library == "numpy"][::4]:
        told: defaultdict[str, float] = defaultdict(float)
        for word in set(rankings.words_of(question.text)):
            having = [title for title, count in words.items() if word in count]
            for title in having:
                count = words[title]
                told[title] += part_of_score(count[word], len(having), len(words), count.total(), mean)
        assert index.search(question.text, most=len(texts)) == pytest.approx(dict(told))


@given(pairs, st.tuples(st.floats(0, 1), st.floats(0, 1)), st.floats(0, 100))
def test_the_fusions_on_the_page_are_the_packages(
    found: tuple[rankings.Ranking, rankings.Ranking], weights: tuple[float, float], k: float
) -> None:
    page = lines("fusions")
    assert page["fuse_ranks"](found, weights, k) == rankings.fuse_ranks(found, weights, k)
    assert page["fuse_scores"](found, weights) == rankings.fuse_scores(found, weights)


def test_the_interval_on_the_page_is_the_packages() -> None:
    rng = np.random.default_rng(1)
    ours, theirs = rng.random((2, 60))
    page = lines("bootstrap", until="\n\neach = ", seed=11)["interval"]
    told = compare(ours, theirs, seed=11)
    assert page(ours, theirs) == pytest.approx((told.mean, told.low, told.high))


def test_the_articles_words_on_the_page_are_searched_as_the_package_searches_them() -> None:
    way = TEXT_QUERIES["as the article"]
    page = CELLS["search-words"]
    assert f"{way.rank}({way.column}, words)" in page
    assert f"where {way.column} @@ words" in page
    assert way.words.replace("%(question)s", "%s") in page


def test_the_nearest_are_asked_for_as_the_measurements_ask() -> None:
    assert " ".join(NEAREST.format("documents", "").split()) in CELLS["search-trap"]
