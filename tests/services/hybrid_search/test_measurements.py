"""What is measured at 50,000 rows, run at a few hundred: the figures are there, and what must be exact is."""

from __future__ import annotations

import pytest

from companion.services.hybrid_search import measurements
from companion.services.hybrid_search.measurements import article_query, text_search, vector_search


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurements, "SIZES", (20, 50, 200, 230))
    monkeypatch.setattr(measurements, "ARTICLE_SIZES", (300, 20))
    monkeypatch.setattr(measurements, "ASKED", 10)
    monkeypatch.setattr(measurements, "TIMES", 2)


def test_exact_search_finds_all_by_rows_by_index_and_in_partitions_of_few_rows() -> None:
    told = vector_search()
    exact = ("exact of 100", "exact of 1000", "exact of 5000", "exact of 10000", "rows, 5000", "moved out, 5000")
    assert {told[f"{name}, recall"] for name in exact} == {1}
    assert told["seen, hundred, recall"] == 1
    assert all(value > 0 for name, value in told.items() if name.endswith((", ms", ", s")))
    assert all(0 <= value <= 1 for name, value in told.items() if name.endswith(", recall"))


def test_words_are_timed_in_each_way_and_the_promise_is_taken_back() -> None:
    told = text_search()
    ways = ("policy", "policy and literal", "partitions", "literal alone", "own partition", "leakproof")
    assert set(told) == {f"{way}, {word}" for way in ways for word in ("rare", "common")}
    assert all(value > 0 for value in told.values())


def test_the_articles_query_is_timed_beside_the_others() -> None:
    assert set(article_query()) == {"as printed, ms", "stored words, ms", "ranked later, ms"}
