"""What a GraphQL request asks of the database: one query for each field of each row, or one for each batch."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.network_tax.queries.graph import (
    TEN_TIMES,
    Answer,
    Asking,
    Distant,
    Loaders,
    Naive,
    execute,
    request,
    tables,
)
from companion.calls.network_tax.queries.virtual import timed


def people(answer: Answer) -> list[dict[str, Any]]:
    assert answer.data is not None and not answer.errors
    found: list[dict[str, Any]] = answer.data["users"]
    return found


def test_naive_resolvers_send_301_queries_300_of_them_at_once() -> None:
    answer = request(Naive)
    assert (answer.queries, answer.most, answer.round_trips) == (301, 300, 2)


@pytest.mark.parametrize("pool", [1, 10, 30, 299])
def test_a_pool_makes_them_wait_for_each_other(pool: int) -> None:
    answer = request(Naive, pool=pool)
    assert answer.most == pool
    assert answer.round_trips == 1 + math.ceil(300 / pool)


def test_a_loader_sends_one_query_for_each_relation() -> None:
    answer = request(Loaders)
    assert (answer.queries, answer.most, answer.round_trips) == (4, 3, 2)


def test_both_give_the_same_answer() -> None:
    assert people(request(Naive)) == people(request(Loaders))
    assert people(request(Loaders))[-1] == {
        "id": 1,
        "name": "user 1",
        "posts": ["title 1.1", "title 1.2", "title 1.3"],
        "comments": [f"words 1.{n}" for n in range(1, 6)],
        "profile": "about 1.1",
    }


def test_waiting_for_something_else_before_loading_splits_the_batches() -> None:
    assert request(Asking).queries == 1 + 300 + 3  # nobody waits for a connection, and all come back together
    assert request(Asking, pool=10).queries == 1 + 300 + 3 * 30  # ten come back at a time


def test_a_batch_can_be_kept_small() -> None:
    assert request(lambda database: Loaders(database, max_batch_size=30)).queries == 1 + 3 * 4


def test_aliases_multiply_naive_queries_and_share_a_loaders_batch() -> None:
    assert request(Naive, TEN_TIMES).queries == 10 * 101
    assert request(Loaders, TEN_TIMES).queries == 10 + 1


def kept_in_the_order_of_the_database(database: Distant) -> Loaders:
    async def batch(keys: list[int]) -> Sequence[Any]:
        marks = ",".join("?" * len(keys))
        rows = await database.ask(f"select about from profiles where user_id in ({marks})", *keys)
        return [[about] for (about,) in rows]

    return Loaders(database, batches={"profiles": batch})


def test_a_batch_in_another_order_gives_everybody_anothers_row_and_no_error() -> None:
    found = people(request(kept_in_the_order_of_the_database))
    assert all(person["profile"] == f"about {101 - person['id']}.1" for person in found)


def test_a_batch_that_leaves_out_a_missing_row_fails_for_all(capfd: pytest.CaptureFixture[str]) -> None:
    with contextlib.closing(tables()) as rows:
        rows.execute("delete from profiles where user_id = 7")
        wrong = request(kept_in_the_order_of_the_database, rows=rows)
        right = people(request(Loaders, rows=rows))
    assert len(wrong.errors) == 100 and "Received wrong number of results" in wrong.errors[0]
    assert [person["id"] for person in right if person["profile"] is None] == [7]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("kept", "seen"), [(True, "about 1.1"), (False, "moved")])
def test_a_loader_that_outlives_its_request_gives_what_was(kept: bool, seen: str) -> None:
    async def twice(rows: Any) -> Answer:
        database = Distant(rows)
        loaders = Loaders(database)
        await execute(database, loaders)
        rows.execute("update profiles set about = 'moved' where user_id = 1")
        return await execute(database, loaders if kept else Loaders(database))

    with contextlib.closing(tables()) as rows:
        assert people(timed(twice(rows))[0])[-1]["profile"] == seen


@settings(max_examples=25)
@given(st.lists(st.integers(-3, 15), unique=True, max_size=20))
def test_a_batch_has_a_list_for_each_key_in_the_keys_order(keys: list[int]) -> None:
    with contextlib.closing(tables(10)) as rows:
        lists, _ = timed(Distant(rows).by_users("posts", keys))
    assert lists == [[f"title {key}.{n}" for n in (1, 2, 3)] if 1 <= key <= 10 else [] for key in keys]


def test_a_database_that_refuses_is_told_in_the_answer() -> None:
    with contextlib.closing(tables()) as rows:
        rows.execute("drop table comments")
        answer = request(Loaders, rows=rows)
    assert answer.data is None and "no such table: comments" in answer.errors[0]
