"""Ways to search by words: what each can and cannot find."""

from __future__ import annotations

from uuid import UUID

import pytest

from companion.services.database import Pool, as_tenant
from companion.services.documents import add_documents
from companion.services.hybrid_search import search_documents
from companion.services.hybrid_search.rankings import Ranking
from companion.services.hybrid_search.text_queries import TEXT_QUERIES, text_ranking


def found(pool: Pool, tenant: UUID, way: str, question: str) -> Ranking:
    with pool.connection() as connection, as_tenant(connection, tenant):
        return text_ranking(connection, TEXT_QUERIES[way], question)


def test_a_dotted_name_is_one_word_until_it_is_parted(
    search_pool: Pool, libraries: dict[str, UUID], tenant: UUID
) -> None:
    with search_pool.connection() as connection, as_tenant(connection, tenant):
        kinds = connection.execute("select alias from ts_debug('english', 'pandas.DataFrame.merge')").fetchall()
        add_documents(connection, [("pandas.DataFrame.merge", "Joins two frames.")])
    assert kinds == [("host",)]
    assert found(search_pool, tenant, "as the article", "merge") == {}
    assert list(found(search_pool, tenant, "names parted", "merge")) == ["pandas.DataFrame.merge"]


def test_all_words_must_be_there_until_any_will_do(search_pool: Pool, libraries: dict[str, UUID]) -> None:
    question = "how do I turn this zebra into a parquet file"
    assert found(search_pool, libraries["pandas"], "names parted", question) == {}
    assert "pandas.DataFrame.to_parquet" in found(search_pool, libraries["pandas"], "any word", question)


def test_the_best_come_first_at_most_fifty_equals_by_title(search_pool: Pool, libraries: dict[str, UUID]) -> None:
    for way in TEXT_QUERIES:
        ranking = found(search_pool, libraries["numpy"], way, "array")
        assert len(ranking) == 50
        assert list(ranking.items()) == sorted(ranking.items(), key=lambda pair: (-pair[1], pair[0]))


def test_the_last_of_them_is_what_the_service_searches_by(search_pool: Pool, libraries: dict[str, UUID]) -> None:
    question = "rolling mean over seven days"
    ours = found(search_pool, libraries["pandas"], "any word, ts_rank", question)
    with search_pool.connection() as connection, as_tenant(connection, libraries["pandas"]):
        served = [hit.text_score for hit in search_documents(connection, question, 50)]
    assert served == pytest.approx(list(ours.values()))
