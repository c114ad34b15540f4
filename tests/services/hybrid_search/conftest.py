"""One database for all tests of the room: a tenant is new for each test that writes, and each library has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from companion.corpus import LIBRARIES, pages
from companion.services.database import Database, Pool, Server, add_tenant, as_tenant, connect, open_pool
from companion.services.documents import add_documents, fill_embeddings
from companion.services.hybrid_search.evaluation import Question, load_questions
from companion.services.hybrid_search.text_queries import add_as_written
from companion.services.hybrid_search.vectors import recorded_vectors

DATA = Path(__file__).parents[3] / "data" / "hybrid_search"


@pytest.fixture(scope="session")
def search_database(server: Server, service: str) -> Iterator[Database]:
    with connect(server.address.rpartition("/")[0] + "/postgres") as connection:
        connection.execute("create database hybrid_search template companion strategy file_copy")
        yield Database(*(f"{address.rpartition('/')[0]}/hybrid_search" for address in (server.address, service)))
        connection.execute("drop database hybrid_search with (force)")


@pytest.fixture(scope="session")
def search_pool(search_database: Database) -> Iterator[Pool]:
    with open_pool(search_database.app) as opened:
        yield opened


@pytest.fixture
def tenant(search_database: Database) -> UUID:
    with connect(search_database.admin) as admin:
        return add_tenant(admin, "somebody")


@pytest.fixture
def mine(search_pool: Pool, tenant: UUID) -> Iterator[Connection[Any]]:
    with search_pool.connection() as connection, as_tenant(connection, tenant):
        yield connection


@pytest.fixture(scope="session")
def libraries(search_database: Database, search_pool: Pool) -> dict[str, UUID]:
    """Give the tenants that have the pages of a library each, with their embeddings."""
    embed = recorded_vectors(DATA / "vectors.npz")
    with connect(search_database.admin) as admin:
        tenants = {library: add_tenant(admin, library) for library in LIBRARIES}
        with search_pool.connection() as connection:
            for library, tenant in tenants.items():
                with as_tenant(connection, tenant):
                    add_documents(connection, [(page.title, page.body) for page in pages(library)])
                    fill_embeddings(connection, embed, batch=500)
        add_as_written(admin)
        admin.execute("vacuum analyze documents")
    return tenants


@pytest.fixture(scope="session")
def questions() -> list[Question]:
    return load_questions(DATA / "questions.jsonl")
