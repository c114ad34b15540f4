from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from a2a.types.a2a_pb2 import ListTasksRequest, TaskState
from a2a.utils.errors import InvalidParamsError
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.server.listing import LONGEST_PAGE, list_tasks
from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.states import State
from companion.services.database import Pool, as_tenant
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]


@pytest.fixture
def mine(place: Place, tasks_pool: Pool) -> Iterator[Connection[TupleRow]]:
    """Give a connection in a transaction that is rolled back."""
    with tasks_pool.connection() as connection, connection.transaction(force_rollback=True):
        connection.execute("select set_config('app.tenant', %s, true)", [str(place.tenant)])
        yield connection


def made(connection: Connection[TupleRow], said: Said, count: int, user: str = "ada", context: str = "c") -> list[str]:
    """Make tasks, the oldest first; give their numbers."""
    return [str(store.create(connection, user, said(f"task {number}"), context)[0]) for number in range(count)]


def listed(
    connection: Connection[TupleRow], user: str = "ada", history: int | None = None, **asked: object
) -> list[str]:
    found = list_tasks(connection, user, ListTasksRequest(**asked), history)  # type: ignore[arg-type]
    return [task.id for task in found.tasks]


def test_pages_show_each_task_once_also_if_all_are_of_one_moment(mine: Connection[TupleRow], said: Said) -> None:
    numbers = made(mine, said, 7)
    mine.execute("update tasks set status_at = '2026-01-01'")
    seen, token = [], ""
    for size in (1, 2, 3, 4):
        page = list_tasks(mine, "ada", ListTasksRequest(page_size=size, page_token=token), None)
        seen += [task.id for task in page.tasks]
        assert (page.page_size, page.total_size) == (size, 7)
        token = page.next_page_token
    assert token == "" and sorted(seen) == sorted(numbers)


def test_a_page_ends_the_list_where_there_is_no_more_behind_it(mine: Connection[TupleRow], said: Said) -> None:
    made(mine, said, 2)
    assert list_tasks(mine, "ada", ListTasksRequest(page_size=2), None).next_page_token == ""
    assert list_tasks(mine, "ada", ListTasksRequest(page_size=1), None).next_page_token != ""


def test_filters_are_all_held_together(mine: Connection[TupleRow], said: Said) -> None:
    here, there = made(mine, said, 2), made(mine, said, 1, context="d")
    theirs = made(mine, said, 1, user="eve")
    lease = store.claim(mine, "a", 60)
    assert lease is not None
    assert set(listed(mine)) == {*here, *there}
    assert listed(mine, context_id="d") == there
    assert listed(mine, status=TaskState.TASK_STATE_WORKING) == [str(lease.task)]
    assert listed(mine, status=TaskState.TASK_STATE_WORKING, context_id="d") == []
    assert listed(mine, user="eve", context_id="c") == theirs
    later = datetime.now(UTC) + timedelta(hours=1)
    assert listed(mine, status_timestamp_after=later) == []
    assert len(listed(mine, status_timestamp_after=later - timedelta(hours=2))) == 3


def test_artifacts_are_shown_if_they_are_asked_for_and_messages_as_many_as_are(
    mine: Connection[TupleRow], said: Said
) -> None:
    made(mine, said, 1)
    lease = store.claim(mine, "a", 60)
    assert lease is not None
    store.add(mine, lease, {"artifactId": "a", "parts": [{"text": "result"}]}, append=False, last=True)
    store.answer(mine, "ada", lease.task, said("and?"))
    for asked in (True, False):
        (task,) = list_tasks(mine, "ada", ListTasksRequest(include_artifacts=asked), 1).tasks
        assert len(task.artifacts) == asked
        assert [part.text for message in task.history for part in message.parts] == ["and?"]
    (task,) = list_tasks(mine, "ada", ListTasksRequest(), None).tasks
    assert len(task.history) == 2


@pytest.mark.parametrize("size", [0, -1, LONGEST_PAGE + 1])
def test_a_page_of_another_size_is_refused(mine: Connection[TupleRow], size: int) -> None:
    with pytest.raises(InvalidParamsError, match="1 to 100"):
        listed(mine, page_size=size)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "token",
    ["x", "ü", "====", encoded(7), encoded([]), encoded(["2026-01-01"]), encoded(["never", "no number"]),
     encoded([1, 2]), encoded({"at": 1, "id": 2}), encoded(["2026-01-01", "' or 1=1 --"]),
     base64.urlsafe_b64encode(b"\xff\xfe").decode(), encoded("[" * 10)],
)  # fmt: skip
def test_a_token_that_is_none_of_ours_is_refused(mine: Connection[TupleRow], token: str) -> None:
    with pytest.raises(InvalidParamsError, match="pageToken"):
        listed(mine, page_token=token)


def test_every_state_of_the_protocol_can_be_asked_for(mine: Connection[TupleRow]) -> None:
    for state in State:
        assert listed(mine, status=state.wire) == []


def test_a_page_token_shows_nothing_of_another_users(mine: Connection[TupleRow], said: Said) -> None:
    made(mine, said, 3)
    token = list_tasks(mine, "ada", ListTasksRequest(page_size=1), None).next_page_token
    assert listed(mine, user="eve", page_token=token) == []


def test_another_tenant_sees_nothing(place: Place, tasks_pool: Pool, said: Said) -> None:
    with tasks_pool.connection() as connection:
        with as_tenant(connection, place.tenant):
            (task,) = made(connection, said, 1)
        with as_tenant(connection, place.other):
            assert listed(connection) == []
        with as_tenant(connection, place.tenant):
            store.cancel(connection, "ada", UUID(task))
