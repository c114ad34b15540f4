"""A question stands for minutes, and its answer is used up once, by its number."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from companion.services.database import as_tenant, connect
from companion.services.mcp.confirmations import MINUTES, ask, use
from tests.services.mcp.conftest import Office

ACTION = "delete Draft"


@pytest.fixture
def connection(office: Office) -> Iterator[Connection[Any]]:
    with office.place.pool.connection() as lent:
        yield lent


def asked(connection: Connection[Any], office: Office, user: str = "ada", action: str = ACTION) -> UUID:
    with as_tenant(connection, office.tenant):
        return ask(connection, user, action)


def used(connection: Connection[Any], office: Office, number: UUID, user: str = "ada", action: str = ACTION) -> bool:
    with as_tenant(connection, office.tenant):
        return use(connection, number, user, action)


def age(office: Office, minutes: float) -> None:
    with connect(office.place.database.admin) as admin:
        older = "update confirmations set created_at = created_at - make_interval(secs => %s) where tenant_id = %s"
        admin.execute(older, [60 * minutes, office.tenant])


def test_a_question_that_stands_is_not_asked_twice(connection: Connection[Any], office: Office) -> None:
    assert asked(connection, office) == asked(connection, office)
    assert office.rows("select username, action, used_at from confirmations where tenant_id = {tenant}") == [
        ("ada", ACTION, None)
    ]


def test_each_user_and_each_action_has_a_question_of_its_own(connection: Connection[Any], office: Office) -> None:
    numbers = {
        asked(connection, office, user, action)
        for user in ("ada", "Ada", "ada ", "bob")
        for action in (ACTION, ACTION.lower(), ACTION + " ", "' or true --")
    }
    assert len(numbers) == 16


def test_an_answer_counts_once(connection: Connection[Any], office: Office) -> None:
    number = asked(connection, office)
    assert [used(connection, office, number) for _ in range(3)] == [True, False, False]
    assert asked(connection, office) != number


def test_an_answer_is_to_its_own_question_user_and_action(connection: Connection[Any], office: Office) -> None:
    number = asked(connection, office)
    assert not used(connection, office, number, user="bob")
    assert not used(connection, office, number, action="delete Contract")
    assert not used(connection, office, UUID(int=0))
    assert used(connection, office, number)


def test_the_answer_to_an_earlier_question_does_not_use_up_a_later_one(
    connection: Connection[Any], office: Office
) -> None:
    first = asked(connection, office)
    assert used(connection, office, first)
    second = asked(connection, office)
    assert not used(connection, office, first)  # as from a request that was on its way meanwhile
    assert used(connection, office, second)


def test_another_tenant_cannot_answer(connection: Connection[Any], office: Office, neighbour: Office) -> None:
    number = asked(connection, office)
    assert asked(connection, neighbour) != number
    assert not used(connection, neighbour, number)
    assert used(connection, office, number)


def test_a_question_stands_for_ten_minutes(connection: Connection[Any], office: Office) -> None:
    number = asked(connection, office)
    age(office, MINUTES - 0.5)
    assert asked(connection, office) == number
    age(office, 1)
    assert not used(connection, office, number)
    assert asked(connection, office) != number


def test_what_is_rolled_back_has_used_up_nothing(connection: Connection[Any], office: Office) -> None:
    number = asked(connection, office)
    with pytest.raises(ZeroDivisionError), as_tenant(connection, office.tenant):
        assert use(connection, number, "ada", ACTION)
        raise ZeroDivisionError
    assert used(connection, office, number)


def test_of_two_who_ask_at_once_each_gets_a_number_and_the_older_stands(office: Office) -> None:
    with office.place.pool.connection() as one, office.place.pool.connection() as other:
        with as_tenant(one, office.tenant):
            first = ask(one, "ada", ACTION)
            second = asked(other, office)  # which does not see the first yet
        assert first != second
        assert asked(one, office) == asked(other, office) == first
        assert used(other, office, first) and asked(one, office) == second


def test_of_many_who_answer_at_once_one_is_heard(office: Office) -> None:
    with office.place.pool.connection() as connection:
        number = asked(connection, office)
    together, heard = threading.Barrier(4), list[bool]()

    def answer() -> None:
        with psycopg.connect(office.place.database.app, autocommit=True) as own:
            together.wait(60)
            heard.append(used(own, office, number))

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [False, False, False, True]


def test_the_service_can_neither_reopen_nor_backdate_nor_remove_a_question(
    connection: Connection[Any], office: Office
) -> None:
    number = asked(connection, office)
    for wrong in (
        "update confirmations set created_at = now()",
        "update confirmations set action = 'delete Contract'",
        "insert into confirmations (id, username, action) values (gen_random_uuid(), 'ada', 'x')",
        "insert into confirmations (username, action, created_at) values ('ada', 'x', 'infinity')",
        "delete from confirmations",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), as_tenant(connection, office.tenant):
            connection.execute(wrong)
    assert used(connection, office, number)
