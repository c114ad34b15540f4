"""Many tenants in one table: what is drawn, what an index and a filter leave of it, and what a kept plan does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pgvector import Vector
from psycopg import Connection

from companion.services.database import Pool, Server, as_tenant, connect, open_pool
from companion.services.hybrid_search.many_tenants import (
    COMMON,
    RARE,
    Crowd,
    ask,
    crowd,
    expected_recall,
    index_vectors,
    write,
)
from companion.services.hybrid_search.plans import indexes_used

NEAREST = "select id from documents order by embedding <=> %s::vector limit 10"
HALF, REST, FORTY = range(3)


@pytest.fixture(scope="module")
def people() -> Crowd:
    return crowd((1500, 1460, 40), seed=3, questions=20)


@pytest.fixture(scope="module")
def admin(server: Server, service: str, people: Crowd) -> Iterator[Connection[Any]]:
    """Give an administrator's connection to a database with the crowd, and an index on the vectors of all."""
    own = server.address.rpartition("/")[0]
    with connect(f"{own}/postgres") as outside:
        outside.execute("create database crowd template companion strategy file_copy")
        with connect(f"{own}/crowd") as connection:
            write(connection, people)
            connection.execute("drop index documents_vectors")
            index_vectors(connection)
            yield connection
        outside.execute("drop database crowd with (force)")


@pytest.fixture(scope="module")
def guests(admin: Connection[Any], service: str) -> Iterator[Pool]:
    with open_pool(f"{service.rpartition('/')[0]}/crowd") as opened:
        yield opened


# What is drawn


def test_a_crowd_has_the_sizes_asked_for_in_random_order_and_is_the_same_for_a_seed() -> None:
    one, other = crowd((5, 20, 75), 1), crowd((5, 20, 75), 1)
    assert np.bincount(one.owners).tolist() == [5, 20, 75]
    assert (one.owners != np.sort(one.owners)).any()
    assert (one.vectors == other.vectors).all()
    assert np.linalg.norm(one.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (crowd((5, 20, 75), 2).vectors != one.vectors).any()


def test_vectors_lie_around_topics() -> None:
    drawn = crowd((2000,), 1, questions=50)
    likeness = np.sort(drawn.questions @ drawn.vectors.T, axis=1)
    assert likeness[:, -5:].mean() > 0.4  # of its topic, of which there are ten
    assert abs(likeness[:, :1500]).mean() < 0.1


def test_what_is_written_is_what_was_drawn(admin: Connection[Any], people: Crowd) -> None:
    count = "select count(*), count(*) filter (where body ~ %s), count(*) filter (where body ~ %s) from documents"
    whole, rare, common = admin.execute(count, [RARE, COMMON]).fetchone() or (0, 0, 0)
    assert whole == 3000
    assert rare / whole == pytest.approx(0.02, abs=0.01)
    assert common / whole == pytest.approx(0.4, abs=0.04)
    (vector,) = admin.execute("select embedding from documents where title = 'text 17'").fetchone() or (None,)
    assert isinstance(vector, Vector)
    assert vector.to_list() == pytest.approx(people.vectors[16].tolist())


# The law


@given(st.integers(10, 300), st.floats(0.01, 0.9))
def test_more_candidates_and_a_larger_share_leave_more(breadth: int, share: float) -> None:
    here = expected_recall(breadth, share)
    assert 0 <= here <= expected_recall(breadth + 10, share) + 1e-12
    assert here <= expected_recall(breadth, min(1.0, share * 1.1)) + 1e-12
    assert here <= min(1, breadth * share / 10) + 1e-12


def test_the_law_is_the_mean_of_what_is_left_of_drawn_candidates() -> None:
    drawn = np.random.default_rng(4).binomial(40, 0.1, size=200_000)
    assert expected_recall(40, 0.1) == pytest.approx(np.minimum(drawn, 10).mean() / 10, abs=2e-3)
    assert expected_recall(40, 1.0) == 1


# The index and the filter


def test_a_tenant_that_the_planner_sees_gets_all_and_one_that_it_does_not_gets_what_the_index_leaves(
    admin: Connection[Any], guests: Pool, people: Crowd
) -> None:
    seen = ask(guests, people, FORTY)
    assert (seen.recall, seen.complete, seen.asked) == (1, 20, 20)
    setting = "nullif(current_setting('app.tenant', true), '')::uuid"
    admin.execute(f"alter policy tenant on documents using (tenant_id = (select {setting}))")
    try:
        hidden = ask(guests, people, FORTY)
        assert hidden.recall == pytest.approx(expected_recall(40, 40 / 3000), abs=0.1)
        assert hidden.complete == 0
        strict = ask(guests, people, FORTY, {"hnsw.iterative_scan": "strict_order"})
        assert strict.complete == 20
        assert strict.recall > 0.6
    finally:
        admin.execute(f"alter policy tenant on documents using (tenant_id = {setting})")


def test_the_policy_that_names_the_setting_lets_a_small_tenant_have_the_key_and_a_large_one_the_index(
    guests: Pool, people: Crowd
) -> None:
    vector = [Vector(people.questions[0]).to_text()]
    with guests.connection() as connection:
        with as_tenant(connection, people.tenants[FORTY]):
            assert indexes_used(connection, NEAREST, vector) == ["documents_pkey"]
        with as_tenant(connection, people.tenants[HALF]):
            assert indexes_used(connection, NEAREST, vector) == ["documents_embedding"]


@pytest.mark.parametrize(
    ("mode", "before", "complete"),
    [("auto", 4, True), ("auto", 6, False), ("force_custom_plan", 6, True)],
    ids=["planned anew", "kept", "never kept"],
)
def test_from_the_sixth_execution_on_a_plan_may_be_another_tenants(
    guests: Pool, people: Crowd, mode: str, before: int, complete: bool
) -> None:
    vector = [Vector(people.questions[0]).to_text()]
    with guests.connection() as connection:
        connection.execute("select set_config('plan_cache_mode', %s, false)", [mode])
        for _ in range(before):
            with as_tenant(connection, people.tenants[HALF]):
                connection.execute(NEAREST, vector)
        with as_tenant(connection, people.tenants[FORTY]):
            rows = connection.execute(NEAREST, vector).fetchall()
    assert (len(rows) == 10) == complete


def test_a_connection_that_comes_back_to_the_pool_keeps_no_plan(guests: Pool, people: Crowd) -> None:
    vector = [Vector(people.questions[0]).to_text()]
    for number in [*[HALF] * 8, FORTY]:
        with guests.connection() as connection, as_tenant(connection, people.tenants[number]):
            rows = connection.execute(NEAREST, vector).fetchall()
            assert len(rows) == 10
