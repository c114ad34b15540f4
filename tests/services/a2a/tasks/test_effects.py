from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.errors import LostLease
from companion.services.a2a.tasks import effects, store
from companion.services.a2a.tasks.store import Lease
from companion.services.database import Pool, as_tenant
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]


@pytest.fixture
def lease(place: Place, tasks_pool: Pool, said: Said) -> Iterator[Lease]:
    with tasks_pool.connection() as connection:
        with as_tenant(connection, place.tenant):
            task, _ = store.create(connection, "ada", said(), "context")
            held = store.claim(connection, "first", 60.0)
        assert held is not None and held.task == task
        yield held
        with as_tenant(connection, place.tenant):
            connection.execute("update tasks set state = 'canceled', lease_owner = null, lease_until = null")


def overtaken(connection: Connection[TupleRow], lease: Lease) -> Lease:
    connection.execute("update tasks set lease_until = clock_timestamp() where id = %s", [lease.task])
    second = store.claim(connection, "second", 60.0)
    assert second is not None
    return second


def note(connection: Connection[TupleRow]) -> None:
    connection.execute("insert into documents (title, body) values ('effect', 'of a task')")


def notes(connection: Connection[TupleRow]) -> int:
    return len(connection.execute("delete from documents where title = 'effect' returning id").fetchall())


def test_what_is_done_once_is_not_done_again_by_the_next_server(place: Place, tasks_pool: Pool, lease: Lease) -> None:
    with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
        assert effects.once(connection, lease, "note", note) is True
        assert effects.once(connection, lease, "note", note) is False
        assert effects.once(connection, overtaken(connection, lease), "note", note) is False
        assert notes(connection) == 1


def test_an_effect_that_fails_leaves_no_word_that_it_was_done(place: Place, tasks_pool: Pool, lease: Lease) -> None:
    def fails(connection: Connection[TupleRow]) -> None:
        note(connection)
        raise ValueError("no")

    with tasks_pool.connection() as connection:
        with pytest.raises(ValueError, match="no"), as_tenant(connection, place.tenant):
            effects.once(connection, lease, "note", fails)
        with as_tenant(connection, place.tenant):
            assert notes(connection) == 0
            assert effects.once(connection, lease, "note", note) is True
            assert notes(connection) == 1


def test_a_server_that_was_overtaken_does_nothing(place: Place, tasks_pool: Pool, lease: Lease) -> None:
    with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
        overtaken(connection, lease)
        with pytest.raises(LostLease):
            effects.once(connection, lease, "late", note)
        with pytest.raises(LostLease):
            effects.remember(connection, lease, "late", 1)
        assert notes(connection) == 0


@pytest.mark.parametrize("result", [None, 0, "", [], {"a": [1, 2.5, None]}, "ä\u2028"])
def test_the_first_result_is_the_one_that_is_remembered(
    place: Place, tasks_pool: Pool, lease: Lease, result: Any
) -> None:
    with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
        assert effects.recall(connection, lease, "k") == (False, None)
        assert effects.remember(connection, lease, "k", result) == result
        second = overtaken(connection, lease)
        assert effects.remember(connection, second, "k", "another") == result
        assert effects.remember(connection, lease, "k", "late") == result, (
            "it goes on with the same, and is stopped later"
        )
        assert effects.recall(connection, second, "k") == (True, result)


def test_the_key_of_an_effect_elsewhere_is_the_same_for_both_servers(
    place: Place, tasks_pool: Pool, lease: Lease
) -> None:
    with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
        second = overtaken(connection, lease)
    assert effects.effect_key(lease, "mail") == effects.effect_key(second, "mail")
