"""Exact neighbours by three programs, and an index that finds copies better than questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from psycopg import Connection

from companion.services.database import Server, connect
from companion.services.hybrid_search.many_tenants import Crowd, crowd, write
from companion.services.hybrid_search.neighbours import by_postgresql, copies_of, flat, hnsw, told


@pytest.fixture(scope="module")
def people() -> Crowd:
    return crowd((900,), 5, questions=40)


@pytest.fixture(scope="module")
def admin(server: Server, service: str, people: Crowd) -> Iterator[Connection[Any]]:
    own = server.address.rpartition("/")[0]
    with connect(f"{own}/postgres") as outside:
        outside.execute("create database neighbours template companion strategy file_copy")
        with connect(f"{own}/neighbours") as connection:
            write(connection, people)
            yield connection
        outside.execute("drop database neighbours with (force)")


def test_faiss_and_postgresql_find_what_numpy_finds(admin: Connection[Any], people: Crowd) -> None:
    titles = [f"text {number}" for number in range(1, 901)]

    def exact(vector: Any) -> list[str]:
        return [titles[place] for place in np.argsort(-(people.vectors @ vector), kind="stable")[:10]]

    figures = told(
        {"flat": flat(titles, people.vectors), "postgresql": by_postgresql(admin)}, {"all": people.questions}, exact
    )
    assert (figures["flat, all"], figures["postgresql, all"]) == (1, 1)
    assert figures["flat, ms"] > 0


def test_an_index_of_neighbours_finds_copies_at_least_as_well_as_questions(people: Crowd) -> None:
    titles = [str(number) for number in range(900)]

    def exact(vector: Any) -> list[str]:
        return [titles[place] for place in np.argsort(-(people.vectors @ vector), kind="stable")[:10]]

    asked = {"questions": people.questions, "copies": copies_of(people.vectors, 40)}
    figures = told({"hnsw": hnsw(titles, people.vectors)}, asked, exact)
    assert figures["hnsw, questions"] <= figures["hnsw, copies"] + 0.02
    assert figures["hnsw, copies"] > 0.9


def test_a_copy_is_near_its_page_and_has_length_one(people: Crowd) -> None:
    copies = copies_of(people.vectors, 40)
    assert np.linalg.norm(copies, axis=1) == pytest.approx(1, abs=1e-5)
    assert (copies @ people.vectors.T).max(axis=1).min() > 0.95
