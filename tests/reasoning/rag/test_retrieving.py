"""Chunks are found by vectors, by words and by both; what is filtered is filtered before the search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from companion.reasoning.rag.chunks import Chunk
from companion.reasoning.rag.retrieving import BM25, Ranking, Retriever, allowed_by, dense, fuse, spread
from companion.services.hybrid_search import rankings as by_name

UNIT = np.eye(3, dtype=np.float32)


def chunk(source: str, text: str, header: str = "", **metadata: str) -> Chunk:
    return Chunk(source, 0, len(text), text, header, metadata)


CHUNKS = [
    chunk("a", "rain and wind", "Weather", year="2024"),
    chunk("a", "rain in the morning", "Weather", year="2024"),
    chunk("a", "rain at night", "Weather", year="2024"),
    chunk("b", "snow on the hills", "Weather", year="2025"),
    chunk("c", "the price of rain coats", "Shops", year="2025"),
]
MATRIX = np.array([[1, 0, 0], [0.8, 0.6, 0], [0.6, 0.8, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)


@settings(max_examples=50)
@given(st.integers(0, 12), st.integers(1, 20), st.integers(0, 2**32 - 1), st.booleans())
def test_the_nearest_rows_are_those_of_the_sorted_cosines_and_of_equals_the_first(
    k: int, rows: int, seed: int, some: bool
) -> None:
    rng = np.random.default_rng(seed)
    matrix: NDArray[np.float32] = rng.integers(-2, 3, size=(rows, 3)).astype(np.float32)  # many are equal
    vector: NDArray[np.float32] = rng.integers(-2, 3, size=3).astype(np.float32)
    allowed = {place for place in range(rows) if place % 2 == 0} if some else None
    scores = matrix @ vector
    places = [place for place in range(rows) if allowed is None or place in allowed]
    wanted = sorted(places, key=lambda place: (-scores[place], place))[:k]
    found = dense(vector, matrix, k, allowed)
    assert list(found) == wanted
    assert [found[place] for place in wanted] == [float(scores[place]) for place in wanted]


def test_no_allowed_row_is_lost_to_nearer_ones_that_are_not() -> None:
    assert list(dense(UNIT[0], MATRIX, 2, {3, 4})) == [3, 4]
    assert dense(UNIT[0], MATRIX, 2, set()) == {}


def test_words_rank_as_in_the_room_of_hybrid_search() -> None:
    texts = [each.text for each in CHUNKS]
    ours = BM25(texts).search("rain at night", 5)
    theirs = by_name.BM25({str(place): text for place, text in enumerate(texts)}).search("rain at night")
    assert ours == {int(name): score for name, score in theirs.items()}
    assert next(iter(ours)) == 2


def test_a_filter_keeps_the_words_scores_and_leaves_out_the_others() -> None:
    ranked = BM25([each.text for each in CHUNKS])
    everywhere = ranked.search("rain", 5)
    assert ranked.search("rain", 5, {4}) == {4: everywhere[4]}
    assert ranked.search("hail", 5) == {}
    assert ranked.search("rain", 0) == {}


@pytest.mark.parametrize("texts", [[], ["", "..."]])
def test_without_a_word_nothing_is_found_by_words(texts: list[str]) -> None:
    assert BM25(texts).search("rain", 5) == {}


def test_reciprocal_ranks_are_added_up() -> None:
    one: Ranking = {7: 0.9, 3: 0.1}
    other: Ranking = {3: 12.0, 20: 1.0}
    assert fuse([one, other]) == pytest.approx({3: 1 / 62 + 1 / 61, 7: 1 / 61, 20: 1 / 62})
    assert list(fuse([one, other])) == [3, 7, 20]
    assert list(fuse([one, other], weights=[1, 0.001])) == [7, 3, 20]


def test_of_two_equals_the_earlier_chunk_comes_first() -> None:
    assert list(fuse([{100: 1.0}, {9: 1.0}])) == [9, 100]


def test_a_document_gives_so_many_chunks_as_long_as_there_are_others() -> None:
    ranking = {0: 5.0, 1: 4.0, 2: 3.0, 3: 2.0, 4: 1.0}
    assert list(spread(ranking, CHUNKS, 4, a_source=2)) == [0, 1, 3, 4]
    assert list(spread(ranking, CHUNKS, 5, a_source=2)) == [0, 1, 3, 4, 2]
    assert list(spread(ranking, CHUNKS, 2, a_source=1)) == [0, 3]


def test_metadata_have_to_say_all_that_is_asked_for() -> None:
    assert allowed_by(CHUNKS, {"year": "2025"}) == {3, 4}
    assert allowed_by(CHUNKS, {"year": "2025", "firm": "Borealis"}) == set()


@pytest.mark.parametrize(
    ("by", "found"), [("vectors", ["a", "a", "b"]), ("words", ["a", "a", "c"]), ("fused", ["a", "a", "c"])]
)
def test_a_retriever_ranks_by_what_it_is_told_to(by: str, found: list[str]) -> None:
    best = Retriever(CHUNKS, MATRIX).search("rain", UNIT[0], 3, by=by)  # type: ignore[arg-type]
    assert [each.chunk.source for each in best] == found
    assert {each.by for each in best} == {by}
    assert [each.score for each in best[:2]] == sorted((each.score for each in best[:2]), reverse=True)


def test_words_are_looked_for_in_the_bare_text_and_not_in_the_header() -> None:
    assert Retriever(CHUNKS, MATRIX).search("weather", UNIT[2], 5, by="words") == []


def test_a_filtered_search_finds_as_much_as_there_is() -> None:
    found = Retriever(CHUNKS, MATRIX).search("rain", UNIT[0], 5, only={"year": "2025"})
    assert [each.chunk.source for each in found] == ["c", "b"]
