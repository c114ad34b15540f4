"""The search of the service: one list from two, and nothing that a question or a vector can do to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from psycopg import Connection

from companion.services.database import Database, Pool, add_tenant, as_tenant, connect
from companion.services.documents import DIMENSIONS, add_documents, fill_embeddings
from companion.services.hybrid_search import Hit, SearchError, hybrid_search, search_documents
from companion.services.hybrid_search.rankings import fuse_scores
from companion.services.hybrid_search.search import LONGEST_QUERY, SNIPPET


def towards(*places: int) -> NDArray[np.float32]:
    """Give a vector that points as much to one place as to the other."""
    found = np.zeros(DIMENSIONS, dtype=np.float32)
    found[list(places)] = 1.0
    return found


def embed_by_number(texts: list[str]) -> list[NDArray[np.float32]]:
    """Point each text to the place of the number in its title; those without one nowhere."""
    digits = ["".join(letter for letter in text.partition("\n")[0] if letter.isdigit()) for text in texts]
    return [towards(int(number)) if number else towards() for number in digits]


def titles(hits: list[Hit]) -> list[str]:
    return [hit.title for hit in hits]


@pytest.fixture
def shelf(mine: Connection[Any]) -> Connection[Any]:
    add_documents(
        mine,
        [
            ("refunds 1", "Money comes back within thirty days."),
            ("shipping 2", "Parcels leave on Mondays."),
            ("pandas.DataFrame.merge 3", "Joins two frames on a key."),
            ("imprint", "Money, parcels, frames: ask the office."),
        ],
    )
    fill_embeddings(mine, embed_by_number)
    return mine


# What is found


def test_a_document_without_an_embedding_is_found_by_its_words(shelf: Connection[Any]) -> None:
    found = {hit.title: hit for hit in hybrid_search(shelf, "the office", towards(2))}
    assert found["imprint"].text_score > 0
    assert found["imprint"].vector_score == 0


def test_a_document_without_the_words_is_found_by_its_meaning(shelf: Connection[Any]) -> None:
    first = hybrid_search(shelf, "getting cash again", towards(1))[0]
    assert (first.title, first.text_score, round(first.vector_score, 6)) == ("refunds 1", 0, 1)


@pytest.mark.parametrize("question", ["merge", "DataFrame", "pandas.DataFrame.merge", "pandas_dataframe"])
def test_a_part_of_a_dotted_name_finds_it(shelf: Connection[Any], question: str) -> None:
    assert titles(search_documents(shelf, question)) == ["pandas.DataFrame.merge 3"]


def test_one_word_of_a_long_question_is_enough(shelf: Connection[Any]) -> None:
    assert titles(search_documents(shelf, "when exactly would you say that Mondays begin")) == ["shipping 2"]


def test_the_weights_decide_which_list_leads(shelf: Connection[Any]) -> None:
    assert titles(hybrid_search(shelf, "parcels leave", towards(1), 1, 0.9, 0.1)) == ["shipping 2"]
    assert titles(hybrid_search(shelf, "parcels leave", towards(1), 1, 0.1, 0.9)) == ["refunds 1"]


def test_an_embedding_that_somebody_fills_in_later_is_used_from_then_on(mine: Connection[Any]) -> None:
    add_documents(mine, [("note 7", "nothing to see")])
    assert hybrid_search(mine, "absent", towards(7)) == []
    fill_embeddings(mine, embed_by_number)
    assert titles(hybrid_search(mine, "absent", towards(7))) == ["note 7"]


def test_a_tenant_finds_no_document_of_another(search_database: Database, search_pool: Pool) -> None:
    with connect(search_database.admin) as admin:
        one, other = add_tenant(admin, "one"), add_tenant(admin, "other")
    with search_pool.connection() as connection:
        with as_tenant(connection, one):
            add_documents(connection, [("secret 5", "of one")])
            fill_embeddings(connection, embed_by_number)
        with as_tenant(connection, other):
            assert hybrid_search(connection, "secret", towards(5)) == []


# In which order


def test_the_score_is_the_weighted_sum_of_both_lists_each_scaled_from_0_to_1(
    search_pool: Pool, libraries: dict[str, Any]
) -> None:
    question, vector = "rolling mean over seven days", np.random.default_rng(3).standard_normal(DIMENSIONS)
    with search_pool.connection() as connection, as_tenant(connection, libraries["pandas"]):
        by_text = {hit.title: hit.text_score for hit in hybrid_search(connection, question, vector, 50, 1, 0)}
        by_vector = {hit.title: hit.vector_score for hit in hybrid_search(connection, question, vector, 50, 0, 1)}
        found = hybrid_search(connection, question, vector, 20, 0.3, 0.7)
    assert len(by_text) == len(by_vector) == 50
    fused = fuse_scores([by_text, by_vector], [0.3, 0.7])
    assert [hit.score for hit in found] == pytest.approx([fused[hit.title] for hit in found], abs=1e-6)
    assert sorted(fused.values(), reverse=True)[:20] == pytest.approx([hit.score for hit in found], abs=1e-6)


def test_documents_that_are_equally_good_come_by_their_ids_and_a_shorter_list_is_the_beginning_of_a_longer(
    mine: Connection[Any],
) -> None:
    ids = add_documents(mine, [("same 4", "same words")] * 60)
    fill_embeddings(mine, embed_by_number)
    long, short = hybrid_search(mine, "words", towards(4), 50), hybrid_search(mine, "words", towards(4), 7)
    assert [hit.id for hit in long] == sorted(ids)[:50]
    assert short == long[:7]


def test_the_snippet_is_the_paragraph_with_most_words_of_the_question(mine: Connection[Any]) -> None:
    add_documents(mine, [("manual", f"About.\n\nHow to\n  return goods {'x' * 500}\n\nGoods.")])
    (hit,) = search_documents(mine, "return my goods")
    assert hit.snippet.startswith("How to return goods xxx")
    assert len(hit.snippet) == SNIPPET
    assert hit.snippet.endswith("…")


# What is asked

NOWHERE: list[Any] = [None, towards(), np.full(DIMENSIONS, -0.0)]


@pytest.mark.parametrize("vector", NOWHERE, ids=["none", "zero", "minus zero"])
def test_a_question_without_a_direction_is_asked_by_its_words_alone(shelf: Connection[Any], vector: Any) -> None:
    found = hybrid_search(shelf, "money", vector)
    assert found == search_documents(shelf, "money")
    assert {hit.vector_score for hit in found} == {0}


@pytest.mark.parametrize("vector", NOWHERE, ids=["none", "zero", "minus zero"])
def test_with_neither_words_nor_direction_there_is_nothing_to_ask(shelf: Connection[Any], vector: Any) -> None:
    with pytest.raises(SearchError, match="has no embedding"):
        hybrid_search(shelf, "money", vector, 10, 0, 1)


@pytest.mark.parametrize(
    "vector",
    [np.ones(3), np.ones((1, DIMENSIONS)), np.full(DIMENSIONS, np.nan), np.full(DIMENSIONS, -np.inf), []],
    ids=["short", "a row of one", "nan", "infinite", "empty"],
)
def test_what_is_no_vector_is_refused(shelf: Connection[Any], vector: Any) -> None:
    with pytest.raises(SearchError, match="embedding"):
        hybrid_search(shelf, "money", vector)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"query": " \n"}, "is empty"),
        ({"query": "x" * (LONGEST_QUERY + 1)}, f"has {LONGEST_QUERY + 1} characters"),
        ({"query": "a\0b"}, "the character 0"),
        ({"query": "a", "limit": 0}, "a limit of 0"),
        ({"query": "a", "limit": 51}, "a limit of 51"),
        ({"query": "a", "bm25_weight": -0.1}, "the weights"),
        ({"query": "a", "vector_weight": float("nan")}, "the weights"),
        ({"query": "a", "bm25_weight": float("inf")}, "the weights"),
        ({"query": "a", "bm25_weight": 0, "vector_weight": 0}, "the weights"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_the_reason(
    mine: Connection[Any], asked: dict[str, Any], why: str
) -> None:
    with pytest.raises(SearchError, match=why):
        hybrid_search(mine, **{"embedding": towards(1), **asked})


@pytest.mark.parametrize("question", ["the of and", "...", "' | ! & :* \\ ( <-> ''", "🚣", "%s %(query)s", "a:b & !c"])
def test_a_question_of_no_words_or_of_operators_is_only_text(shelf: Connection[Any], question: str) -> None:
    assert {hit.text_score for hit in hybrid_search(shelf, question, towards(1))} == {0}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60))
@settings(max_examples=100)
def test_no_question_is_an_error_or_finds_a_document_of_another_tenant(
    search_database: Database, libraries: dict[str, Any], question: str
) -> None:
    if not question.strip():
        return
    with connect(search_database.app) as connection, as_tenant(connection, libraries["networkx"]):
        found = hybrid_search(connection, question, towards(1, 2))
    assert len(found) == 10
    assert all(hit.title.startswith("networkx.") for hit in found)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
