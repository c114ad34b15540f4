"""A caller's tasks, the latest first, a page at a time.

A page begins behind the last task of the page before (its time and its number), and not at a count: what is new in the
meantime moves nothing from one page to the next.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from a2a.types.a2a_pb2 import ListTasksRequest, ListTasksResponse, TaskState
from a2a.utils.errors import InvalidParamsError
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.states import State
from companion.services.a2a.tasks.store import Event
from companion.services.a2a.tasks.view import task_of

PAGE = 50
LONGEST_PAGE = 100

FILTER = """
where owner = %(user)s
  and (%(context)s = '' or context = %(context)s)
  and (%(state)s = '' or state = %(state)s)
  and (%(since)s::timestamptz is null or status_at >= %(since)s)
"""
BEHIND = "and (%(at)s::timestamptz is null or (status_at, id) < (%(at)s, %(id)s))"


def list_tasks(
    connection: Connection[TupleRow], user: str, params: ListTasksRequest, history: int | None
) -> ListTasksResponse:
    """List the tasks of a user that match, with so many messages each and, if asked for, their artifacts.

    Raises
    ------
    InvalidParamsError
        If the page's size is not 1 to 100, or its token is none of ours.
    """
    size = params.page_size if params.HasField("page_size") else PAGE
    if not 1 <= size <= LONGEST_PAGE:
        raise InvalidParamsError(f"pageSize: 1 to {LONGEST_PAGE}")
    given: dict[str, Any] = {
        "user": user, "context": params.context_id, "state": _state(params.status), "since": _since(params),
        "size": size + 1,
    }  # fmt: skip
    given |= _read_token(params.page_token)
    found = connection.execute(
        f"{store.COLUMNS} {FILTER} {BEHIND} order by status_at desc, id desc limit %(size)s".encode(), given
    ).fetchall()
    total = connection.execute(f"select count(*) from tasks {FILTER}".encode(), given).fetchone()
    rows = [store.row(each) for each in found[:size]]
    logs = _logs(connection, [row.id for row in rows], params.include_artifacts)
    return ListTasksResponse(
        tasks=[task_of(row, logs[row.id], history) for row in rows],
        next_page_token=_token(rows[-1]) if len(found) > size else "",
        page_size=size,
        total_size=total[0] if total else 0,
    )


def _state(status: TaskState) -> str:
    name = TaskState.Name(status)
    return "" if status == TaskState.TASK_STATE_UNSPECIFIED else State[name.removeprefix("TASK_STATE_")].value


def _since(params: ListTasksRequest) -> datetime | None:
    if not params.HasField("status_timestamp_after"):
        return None
    return params.status_timestamp_after.ToDatetime(tzinfo=UTC)


def _logs(connection: Connection[TupleRow], tasks: list[UUID], artifacts: bool) -> dict[UUID, list[Event]]:
    logs: dict[UUID, list[Event]] = defaultdict(list)
    rows = connection.execute(
        "select task_id, seq, fence, data, created_at from events"
        " where task_id = any(%s) and (%s or not data ? 'artifact') order by task_id, seq",
        [tasks, artifacts],
    )
    for task, *event in rows:
        logs[task].append(Event(*event))
    return logs


def _token(row: store.Row) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.status_at.isoformat(), str(row.id)]).encode()).decode()


def _read_token(token: str) -> dict[str, Any]:
    if not token:
        return {"at": None, "id": None}
    try:
        at, number = json.loads(base64.urlsafe_b64decode(token.encode()))
        return {"at": datetime.fromisoformat(at), "id": UUID(number)}
    except (binascii.Error, ValueError, TypeError, AttributeError):
        raise InvalidParamsError("pageToken: give the one of the page before") from None
