"""How many queries each way to load sends, against its closed form."""

from __future__ import annotations

import pytest

from companion.calls.network_tax.queries import people
from companion.calls.network_tax.queries.watched import Watched

EACH = people.POSTS + people.COMMENTS + 1


@pytest.mark.parametrize(("loader", "queries"), [("lazy", 301), ("selectin", 4), ("subquery", 4), ("joined", 1)])
def test_a_hundred_users_are_loaded_in(watched: Watched, loader: str, queries: int) -> None:
    people.fill(watched.engine, 100)
    bill = watched.count(lambda session: people.visit(session, loader))
    assert (bill.result, bill.queries) == (100 * EACH, queries)


def test_the_closed_form_says_the_same() -> None:
    assert [people.selectin_queries(users) for users in (1, 500, 501, 1200)] == [4, 4, 7, 10]


def test_a_join_brings_each_row_as_often_as_the_others_multiply_it(watched: Watched) -> None:
    people.fill(watched.engine, 100)
    apart = watched.count(lambda session: people.visit(session, "selectin"))
    joined = watched.count(lambda session: people.visit(session, "joined"))
    assert joined.bytes_down > 4 * apart.bytes_down
    assert joined.round_trips < apart.round_trips


def test_who_wants_a_count_asks_for_a_count(watched: Watched) -> None:
    people.fill(watched.engine, 100)
    bill = watched.count(people.numbers)
    assert (bill.result, bill.queries) == (800, 1)
    assert bill.bytes_down < watched.count(lambda session: people.visit(session, "selectin")).bytes_down / 5


@pytest.mark.parametrize("users", [people.CHUNK, people.CHUNK + 1])
def test_selectin_asks_once_more_for_each_chunk_of_keys(watched: Watched, users: int) -> None:
    people.fill(watched.engine, users)
    bill = watched.count(lambda session: people.visit(session, "selectin"))
    assert bill.queries == people.selectin_queries(users)


def test_rows_ask_lazily_for_each_parent_once(watched: Watched) -> None:
    people.fill(watched.engine, 40)
    bill = watched.count(people.authors)
    assert bill.result == 40
    assert bill.queries == 1 + 40  # for 120 posts
