"""Whatever is asked, through the library's own functions no row of another tenant comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pgvector import Vector
from psycopg import Connection

from companion.services.database import Database, Pool, Server, add_tenant, as_tenant, connect, open_pool
from companion.services.documents import (
    DIMENSIONS,
    DocumentError,
    add_documents,
    embed_next,
    get_document,
    list_documents,
)
from companion.services.hybrid_search.search import Hit, SearchError, hybrid_search, search_documents

A, B = UUID(int=0xA), UUID(int=0xB)
OF_B = "zanzibar"
"""A word that every document of B's has, and none of A's."""

STRINGS = [
    "' or 1=1 --", "'; set app.tenant = '" + str(B) + "'; --", "x') union select tenant_id, body from documents --",
    f"set_config('app.tenant', '{B}', true)", "$1", "%s", "%(query)s", "'||(select body from documents)||'",
    OF_B, f"{OF_B}:*", f"!{OF_B}", f"{OF_B} | report", "report & !x", "<->", "a <2> b", "\\", "''", '"', "(", ":", "*",
    "pg_sleep(9)", "copy documents to program 'id'", "\u202e", "ａ", "report", str(B), "{" + str(A) + "}", "null",
]  # fmt: skip
words = st.lists(st.sampled_from(STRINGS) | st.text(max_size=20), max_size=5).map(" ".join)
vectors = st.none() | st.lists(st.floats(-1, 1, width=32), min_size=DIMENSIONS, max_size=DIMENSIONS) | st.sampled_from(
    [[0.0] * DIMENSIONS, [1.0] + [0.0] * (DIMENSIONS - 1)]
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(server: Server, service: str) -> Iterator[tuple[Pool, dict[UUID, set[UUID]]]]:
    """Give a pool on a database in which A and B have 20 documents each, near each other, and whose ids are whose."""
    own, services = (address.rpartition("/")[0] for address in (server.address, service))
    with connect(f"{own}/postgres") as outside:
        outside.execute("create database isolated template companion")
        database = Database(f"{own}/isolated", f"{services}/isolated")
        with connect(database.admin) as connection:
            for tenant in (A, B):
                add_tenant(connection, "", tenant)
        with open_pool(database.app) as pool:
            yield pool, {tenant: _fill(pool, tenant) for tenant in (A, B)}
        outside.execute("drop database isolated with (force)")


def _fill(pool: Pool, tenant: UUID) -> set[UUID]:
    word = OF_B if tenant == B else "report"
    with pool.connection() as connection, as_tenant(connection, tenant):
        ids = add_documents(connection, [(f"{word} {n}", f"a report, {word} {n}") for n in range(20)])
        near = [1.0] + [0.01] * (DIMENSIONS - 1)
        embed_next(connection, lambda texts: [near] * len(texts))
        connection.execute("update documents set embedding = %s::vector", [Vector(near).to_text()])
    return set(ids)


Filled = tuple[Pool, dict[UUID, set[UUID]]]


def _by_words(connection: Connection[Any], query: str, vector: list[float] | None, limit: int) -> list[Hit]:
    return search_documents(connection, query, limit)


def _by_both(connection: Connection[Any], query: str, vector: list[float] | None, limit: int) -> list[Hit]:
    return hybrid_search(connection, query, vector, limit, 0.3, 0.7)


@given(words, vectors, st.integers(-1, 51), st.sampled_from([A, B]))
def test_no_question_finds_another_tenants_document(
    filled: Filled, query: str, vector: list[float] | None, limit: int, tenant: UUID
) -> None:
    pool, ids = filled
    with pool.connection() as connection, as_tenant(connection, tenant):
        for ask in (_by_words, _by_both):
            try:
                found = ask(connection, query, vector, limit)
            except SearchError:
                continue
            assert {hit.id for hit in found} <= ids[tenant] and len(found) <= limit
            if tenant == A:
                assert not [hit for hit in found if OF_B in f"{hit.title} {hit.snippet}".lower()]


@given(st.data(), words, words, st.integers(-1, 51), st.sampled_from([A, B]))
def test_nothing_that_is_read_listed_or_written_is_another_tenants(
    filled: Filled, data: st.DataObject, title: str, body: str, limit: int, tenant: UUID
) -> None:
    pool, ids = filled
    other = B if tenant == A else A
    wanted = data.draw(st.sampled_from(sorted(ids[A] | ids[B])) | st.uuids(), "wanted")
    with pool.connection() as connection:
        with as_tenant(connection, tenant):
            document = get_document(connection, wanted)
            assert (document is not None) is (wanted in ids[tenant])
            try:
                assert {one.id for one in list_documents(connection, limit, wanted)} <= ids[tenant]
            except DocumentError:
                assert not 1 <= limit <= 50
        with pytest.raises(Undo), as_tenant(connection, tenant):
            try:
                (written,) = add_documents(connection, [(title, body)])
            except DocumentError:
                raise Undo from None
            assert get_document(connection, written) is not None
            connection.execute("select set_config('app.tenant', %s, true)", [str(other)])  # as nothing of ours does
            assert get_document(connection, written) is None
            raise Undo
        with as_tenant(connection, other):
            assert connection.execute("select count(*) from documents").fetchone() == (20,)


class Undo(Exception):
    """Leaves a transaction without its writes."""


def test_the_two_would_be_found_together_without_a_policy(filled: Filled, server: Server) -> None:
    _, ids = filled
    with psycopg.connect(f"{server.address.rpartition('/')[0]}/isolated") as admin:
        found = hybrid_search(admin, "report", [1.0] + [0.0] * (DIMENSIONS - 1), 50)
    assert {hit.id for hit in found} & ids[A] and {hit.id for hit in found} & ids[B]
