"""Documents: written, read, listed, and embedded later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from psycopg import Connection

from companion.services.database import Database, Pool, Server, add_tenant, as_tenant, connect, open_pool
from companion.services.documents import (
    DIMENSIONS,
    FIRST,
    LONGEST_BODY,
    LONGEST_TITLE,
    MOST,
    DocumentError,
    add_documents,
    fill_embeddings,
    get_document,
    list_documents,
    to_embed,
)


@pytest.fixture(scope="module")
def place(server: Server, service: str) -> Iterator[Database]:
    """Give one database to all tests of the module; each has a tenant of its own."""
    with connect(server.address.rpartition("/")[0] + "/postgres") as connection:
        connection.execute("create database documents_tests template companion strategy file_copy")
        yield Database(*(f"{address.rpartition('/')[0]}/documents_tests" for address in (server.address, service)))
        connection.execute("drop database documents_tests with (force)")


@pytest.fixture(scope="module")
def pool(place: Database) -> Iterator[Pool]:
    with open_pool(place.app, size=3) as opened:
        yield opened


@pytest.fixture
def mine(place: Database, pool: Pool) -> Iterator[Connection[Any]]:
    with connect(place.admin) as admin:
        tenant = add_tenant(admin, "mine")
    with pool.connection() as connection, as_tenant(connection, tenant):
        yield connection


def of_length(texts: list[str]) -> NDArray[np.float32]:
    """Stand in for a model: a direction by the text's length, and none for a text without letters."""
    found = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in zip(found, texts, strict=True):
        if any(letter.isalpha() for letter in text):
            row[len(text) % DIMENSIONS] = 5.0
    return found


# Writing and reading


def test_what_is_added_is_read_as_it_was_in_the_order_given(mine: Connection[Any]) -> None:
    written = [("Zebra", "striped\n\ttwice ' \" \\ %s"), ("Ape", ""), ("Łódź 🚣", "naïve")]
    ids = add_documents(mine, iter(written))
    found = [get_document(mine, number) for number in ids]
    assert [(one.title, one.body) for one in found if one] == written


def test_a_document_of_nobody_and_one_of_another_tenant_are_both_none(place: Database, pool: Pool) -> None:
    with connect(place.admin) as admin:
        one, other = add_tenant(admin, "one"), add_tenant(admin, "other")
    with pool.connection() as connection:
        with as_tenant(connection, one):
            (number,) = add_documents(connection, [("secret", "of one")])
        with as_tenant(connection, other):
            assert get_document(connection, number) is None
            assert get_document(connection, uuid4()) is None
            assert list_documents(connection) == []


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ((" \n", "body"), "no title"),
        (("x" * (LONGEST_TITLE + 1), "body"), f"its title has {LONGEST_TITLE + 1} characters"),
        (("title", "x" * (LONGEST_BODY + 1)), f"its body has {LONGEST_BODY + 1} characters"),
        (("ti\0tle", "body"), "its title holds the character 0"),
        (("title", "bo\0dy"), "its body holds the character 0"),
        (
            ("title", " ".join(chr(0x4E00 + n // 500) + chr(0x4E00 + n % 500) for n in range(160_000))),
            "too many different",
        ),
    ],
)
def test_a_document_that_cannot_be_kept_is_refused_and_none_of_its_company_is_kept(
    mine: Connection[Any], document: tuple[str, str], why: str
) -> None:
    with pytest.raises(DocumentError, match=why):
        add_documents(mine, [("fine", "fine"), document])
    assert list_documents(mine) == []


def test_the_longest_document_is_kept(mine: Connection[Any]) -> None:
    (number,) = add_documents(mine, [("t" * LONGEST_TITLE, "word " * (LONGEST_BODY // 5))])
    assert get_document(mine, number) is not None


# Pages


def test_pages_hold_every_document_once_whatever_is_written_between_them(mine: Connection[Any]) -> None:
    ids = set(add_documents(mine, [(f"{number}", "") for number in range(23)]))
    seen, after = [], None
    while page := list_documents(mine, 5, after):
        assert len(page) <= 5
        seen += [one.id for one in page]
        after = page[-1].id
        add_documents(mine, [("late", "")])
    assert ids <= set(seen)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("limit", [0, -1, MOST + 1])
def test_a_page_has_one_to_fifty_documents(mine: Connection[Any], limit: int) -> None:
    with pytest.raises(DocumentError, match=f"a page of {limit}"):
        list_documents(mine, limit)


# Embeddings


def test_what_is_embedded_is_the_title_and_the_first_paragraph() -> None:
    assert (
        to_embed("Refunds", "\n Within 30 days,\nas it came. \n\nNever later.")
        == "Refunds\nWithin 30 days,\nas it came. "
    )


def test_embeddings_are_filled_in_later_in_batches_each_document_once(mine: Connection[Any]) -> None:
    asked: list[list[str]] = []

    def embed(texts: list[str]) -> NDArray[np.float32]:
        asked.append(texts)
        return of_length(texts)

    add_documents(mine, [(f"title {number}", "body") for number in range(7)])
    assert not any(one.embedded for one in list_documents(mine))
    assert fill_embeddings(mine, embed, batch=3) == 7
    assert [len(texts) for texts in asked] == [3, 3, 1]
    assert all(one.embedded for one in list_documents(mine))
    assert fill_embeddings(mine, embed) == 0
    lengths = mine.execute("select vector_norm(embedding) from documents").fetchall()
    assert [round(length, 6) for (length,) in lengths] == [1.0] * 7


def test_a_document_without_words_stays_without_an_embedding_and_holds_nobody_up(mine: Connection[Any]) -> None:
    add_documents(mine, [(title, "") for title in ("...", "words", "---", "!", "more words")])
    assert fill_embeddings(mine, of_length, batch=1) == 2
    assert {one.title for one in list_documents(mine) if one.embedded} == {"words", "more words"}


@pytest.mark.parametrize(
    ("given_back", "why"),
    [
        (np.ones((1, 3)), "array of"),
        (np.ones((2, DIMENSIONS)), "array of"),
        (np.full((1, DIMENSIONS), np.nan), "not finite"),
        (np.full((1, DIMENSIONS), np.inf), "not finite"),
    ],
)
def test_a_model_that_gives_no_vectors_is_refused(
    mine: Connection[Any], given_back: NDArray[np.float64], why: str
) -> None:
    add_documents(mine, [("title", "body")])
    with pytest.raises(DocumentError, match=why):
        fill_embeddings(mine, lambda texts: given_back)


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=DIMENSIONS, max_size=DIMENSIONS))
@settings(max_examples=40)
def test_whatever_numbers_a_model_gives_the_vector_that_is_kept_has_length_one(
    place: Database, numbers: list[float]
) -> None:
    with connect(place.admin) as admin:
        tenant = add_tenant(admin, "any")
    with connect(place.app) as connection, as_tenant(connection, tenant):
        add_documents(connection, [("title", "body")])
        filled = fill_embeddings(connection, lambda texts: [numbers])
        kept = connection.execute("select embedding <=> embedding, vector_norm(embedding) from documents").fetchone()
    assert filled == any(numbers)
    if filled:
        assert kept == (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-6))


def test_what_another_is_embedding_is_left_to_it(place: Database, pool: Pool) -> None:
    with connect(place.admin) as admin:
        tenant = add_tenant(admin, "busy")
    with pool.connection() as one, pool.connection() as other:
        with as_tenant(one, tenant):
            add_documents(one, [("title", "body")])
        with as_tenant(one, tenant):
            assert fill_embeddings(one, of_length) == 1
            with as_tenant(other, tenant):
                assert fill_embeddings(other, of_length) == 0  # and does not wait


@pytest.mark.parametrize("vector", ["0", "1e-30", "1e30"])
def test_the_schema_refuses_a_vector_whose_distances_are_no_numbers(mine: Connection[Any], vector: str) -> None:
    add_documents(mine, [("title", "body")])
    text = f"[{','.join([vector] * DIMENSIONS)}]"
    with pytest.raises(psycopg.errors.CheckViolation, match="embedding_has_a_direction"):
        mine.execute("update documents set embedding = %s::vector", [text])


def test_ids_are_above_the_first(mine: Connection[Any]) -> None:
    assert all(number > FIRST for number in add_documents(mine, [("title", "")]))
