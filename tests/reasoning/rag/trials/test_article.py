"""The article's recipe, part by part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.rag.facts import Embed
from companion.reasoning.rag.trials.article import (
    INIT,
    SAMPLE,
    Store,
    borders,
    cut,
    distinct_after_loads,
    recipe,
    recursive_split,
    sample_scores,
)
from companion.reasoning.rag.trials.experiments import filed

prose = st.lists(st.sampled_from(["a", "bb", "word ", "long" * 9, ". ", "\n", "\n\n", " "]), max_size=60).map("".join)


@settings(max_examples=60)
@given(prose, st.integers(20, 80), st.integers(0, 15))
def test_a_chunk_is_longer_than_the_limit_only_where_a_word_is(text: str, size: int, overlap: int) -> None:
    for piece in recursive_split(text, size, overlap):
        assert piece in text
        assert len(piece) <= size or max(map(len, piece.split())) >= size - 2


@settings(max_examples=60)
@given(prose, st.integers(20, 80))
def test_nothing_but_white_space_is_lost(text: str, size: int) -> None:
    assert "".join("".join(recursive_split(text, size, 0)).split()) == "".join(text.split())


def test_a_word_that_is_too_long_stays_whole_and_a_full_stop_goes_to_the_next() -> None:
    assert recursive_split("x" * 200, 60, 0) == ["x" * 200]
    pieces = recursive_split("Revenue rose to ten millions. Operating income fell to two.", 40, 0)
    assert pieces[1] == ". Operating income fell to two."


def test_overlap_is_found_only_where_a_paragraph_was_cut() -> None:
    documents = filed(make_corpus(1))
    count, over = borders(documents, 50)
    assert borders(documents, 0) == (count, 0)
    assert 0 < over < count / 3


def test_chunks_know_their_places() -> None:
    for document in filed(make_corpus(1))[:7]:
        for chunk in cut(document):
            assert document.text[chunk.start : chunk.end] == chunk.text


def test_the_score_is_two_minus_two_cosines(words: Embed) -> None:
    store = Store(words)
    store.add(["net income rose", "net sales fell", "the pumps were sold"])
    vectors = words(store.texts)
    for place, score in store.search("net income", k=4):
        assert score == pytest.approx(2 - 2 * float(vectors[place] @ words(["net income"])[0]), abs=1e-5)


def in_all_directions(texts: Sequence[str]) -> NDArray[np.float32]:
    found = np.array([np.random.default_rng(sum(map(ord, text))).standard_normal(16) for text in texts])
    units: NDArray[np.float32] = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    return units


@pytest.mark.parametrize(("times", "left"), [(1, 5), (2, 3), (3, 2), (5, 1), (7, 1)])
def test_what_is_loaded_n_times_leaves_five_nths_of_texts(times: int, left: int) -> None:
    texts = [f"text {chr(number)}" for number in range(65, 90)]
    assert distinct_after_loads(texts, "text A", in_all_directions, times) == left


def test_the_store_begins_with_a_text_that_nobody_wrote(words: Embed) -> None:
    store = Store(words)
    assert store.texts == [INIT]
    store.add(["one"])
    assert {place for place, _ in store.search("anything")} == {0, 1}


def test_the_recipe_is_counted_over_all_questions(words: Embed) -> None:
    told = recipe(1, words, near=4.1)
    assert told.empty == 0 and told.misled == 1 and told.confident == 1
    nothing = recipe(1, words, near=0.0)
    assert (nothing.empty, nothing.complete, nothing.misled) == (1, 0, 0)


def test_the_sample_is_the_same_firm_whatever_the_ticker(words: Embed) -> None:
    assert "iPhone" in SAMPLE.format(ticker="XOM") and "Tim Cook" in SAMPLE.format(ticker="XOM")
    assert len(sample_scores(words)) == 9
