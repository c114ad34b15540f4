"""The article's query and the one beside it give the same list, where that has only one order and all rows come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from companion.corpus import pages
from companion.services.database import Database, Pool, as_tenant, connect
from companion.services.hybrid_search.article_query import (
    AS_PRINTED,
    BREADTH,
    BY_VECTOR,
    FIRST,
    RANKED_LATER,
    STORED_WORDS,
    WHOLE_CORPUS,
)
from companion.services.hybrid_search.evaluation import Question
from companion.services.hybrid_search.many_tenants import crowd, index_vectors, write
from companion.services.hybrid_search.plans import indexes_used
from companion.services.hybrid_search.vectors import data_folder, recorded_vectors


def asked(pool: Pool, tenant: UUID, statement: str, question: Question) -> list[Any]:
    vector = recorded_vectors(data_folder() / "vectors.npz")([question.text])[0]
    with pool.connection() as connection, as_tenant(connection, tenant):
        values = {"question": question.text, "embedding": str(vector.tolist())}
        return connection.execute(statement.encode(), values).fetchall()


def test_ranked_later_is_what_was_ranked_among_all(
    search_pool: Pool, libraries: dict[str, UUID], questions: list[Question]
) -> None:
    for question in questions[8:60:9]:
        tenant = libraries[question.library]
        whole = [float(score) for _, score in asked(search_pool, tenant, STORED_WORDS, question)]
        first = [float(score) for _, score in asked(search_pool, tenant, RANKED_LATER, question)]
        # A page beyond the fiftieth of one list still gets its hundredth there from the article's query.
        assert first == pytest.approx(whole, abs=0.5 / 110)


def test_an_index_gives_the_first_fifty_only_if_it_looks_at_more(database: Database, pool: Pool) -> None:
    people = crowd((1200, 60), 3, questions=1)
    with connect(database.admin) as admin:
        write(admin, people)
        index_vectors(admin)
    values = {"embedding": str(people.questions[0].tolist())}
    rows = {}
    with pool.connection() as connection:
        for breadth in (40, BREADTH):
            with as_tenant(connection, people.tenants[0]):
                connection.execute("set local enable_sort = off")  # so that even so few rows come by the index
                connection.execute("select set_config('hnsw.ef_search', %s, true)", [str(breadth)])
                assert indexes_used(connection, BY_VECTOR, values) == ["documents_embedding"]
                rows[breadth] = len(connection.execute(BY_VECTOR.encode(), values).fetchall())
    assert rows[40] <= 40
    assert rows[BREADTH] == FIRST


def test_as_printed_it_answers(search_pool: Pool, libraries: dict[str, UUID], questions: list[Question]) -> None:
    found = asked(search_pool, libraries["networkx"], AS_PRINTED, questions[88])
    assert len(found) == 10
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_its_second_form_answers_with_most_of_a_library(
    search_pool: Pool, libraries: dict[str, UUID], questions: list[Question]
) -> None:
    ((count,),) = asked(search_pool, libraries["numpy"], WHOLE_CORPUS, questions[50])
    assert count > len(pages("numpy")) / 2
