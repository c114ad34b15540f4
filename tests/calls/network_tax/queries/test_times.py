"""The same GraphQL request on a real PostgreSQL, through a real pool: what the jumping clock counts, happens."""

from __future__ import annotations

import asyncio

import pytest

from companion.calls.network_tax.queries import people, times
from companion.calls.network_tax.queries.graph import Loaders, Naive, request
from companion.calls.network_tax.queries.watched import Watched


@pytest.mark.parametrize("loaders", [False, True])
def test_a_real_database_is_asked_as_often_as_the_one_in_memory(watched: Watched, loaders: bool) -> None:
    people.fill(watched.engine, 100)
    address = watched.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    answer, _ = asyncio.run(times.timed_request(f"{address}?sslmode=disable", 10, loaders))
    assert not answer.errors and answer.data is not None
    assert answer.queries == request(Loaders if loaders else Naive).queries
    assert [len(person["comments"]) for person in answer.data["users"]] == [people.COMMENTS] * 100


def test_every_way_is_timed(watched: Watched) -> None:
    people.fill(watched.engine, 3)
    took = times.loading_times(watched) | times.graph_times(watched)
    assert list(took) == ["lazy", "selectin", "joined", "naive, pool 10", "naive, pool 30", "loader"]
    assert all(value > 0 for value in took.values())
