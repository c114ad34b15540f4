"""Chapter 9: what stands on the page as code is what the package does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import nbformat
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.tasks import states, store
from companion.services.a2a.tasks.run import Run
from companion.services.a2a.tasks.states import State
from companion.services.database import add_tenant, as_tenant, connect, open_database

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "09-a2a.ipynb", 4).cells
}


def cells(*names: str) -> dict[str, Any]:
    """Run cells of the chapter, and give what they define."""
    found: dict[str, Any] = {}
    for name in names:
        exec(CELLS[f"a2a-{name}"], found)
    return found


@pytest.fixture(scope="module")
def tenants_connection() -> Iterator[tuple[Connection[TupleRow], UUID]]:
    with open_database() as database:
        with connect(database.admin) as admin:
            tenant = add_tenant(admin, "Ada's")
        with connect(database.app) as connection:
            yield connection, tenant


def new_task(connection: Connection[TupleRow], state: str) -> UUID:
    message = {"messageId": str(uuid4()), "role": "ROLE_USER", "parts": [{"text": "go"}]}
    task, _ = store.create(connection, "ada", message, "context")
    connection.execute("update tasks set state = %s where id = %s", [state, task])
    return task


def test_the_table_of_moves_on_the_page_is_the_packages() -> None:
    page = cells("moves")
    assert page["MOVES"] == states.MOVES
    assert all(sorted(page["predecessors"](state)) == sorted(states.predecessors(state)) for state in State)


def test_the_page_moves_a_task_where_the_package_does(tenants_connection: tuple[Connection[TupleRow], UUID]) -> None:
    connection, tenant = tenants_connection
    move = cells("moves", "move")["move"]
    with as_tenant(connection, tenant):
        for before in State:
            for after in State:
                done = move(connection, new_task(connection, before), after)
                assert (done == "done") == (after in states.MOVES[before])
        connection.execute("update tasks set state = 'canceled', lease_owner = null, lease_until = null")


def test_the_page_takes_the_task_that_the_package_takes(tenants_connection: tuple[Connection[TupleRow], UUID]) -> None:
    connection, tenant = tenants_connection
    claim = cells("claim")["claim_task"]
    with as_tenant(connection, tenant):
        for state in (*State, State.WORKING):
            new_task(connection, state)
        taken = []
        for pick in (claim, store.claim):
            connection.execute("savepoint here")
            found = []
            while (lease := pick(connection, "a", 60.0)) is not None:
                found.append(lease[0] if isinstance(lease, tuple) else lease.task)
            connection.execute("rollback to here")
            taken.append(set(found))
        assert taken[0] == taken[1] and len(taken[0]) == 3
        connection.execute("update tasks set state = 'canceled', lease_owner = null, lease_until = null")


def test_the_stream_on_the_page_tells_each_event_once_from_wherever_it_begins() -> None:
    stream = cells("moves", "stream")["stream"]
    log = [(number, f"e{number}") for number in range(1, 8)]

    async def listen(after: int) -> list[str]:
        shown = [3]  # how much is written; more of it at each wait

        async def read(last: int) -> tuple[str, list[tuple[int, str]]]:
            over = shown[0] >= len(log)
            return ("completed" if over else "working"), [each for each in log[: shown[0]] if each[0] > last][:2]

        async def wait() -> None:
            shown[0] += 2

        return [text async for text in stream(read, wait, after)]

    for after in range(8):
        assert asyncio.run(listen(after)) == [f"id: {number}\ndata: {data}\n\n" for number, data in log[after:]]


def test_the_stream_on_the_page_ends_where_the_caller_is_asked_and_waits_for_what_comes_from_elsewhere() -> None:
    stream = cells("moves", "stream")["stream"]

    async def listen(state: str) -> list[str]:
        async def read(last: int) -> tuple[str, list[tuple[int, str]]]:
            return state, [(3, "which?")][: 3 - last]

        async def wait() -> None:
            raise TimeoutError

        return [text async for text in stream(read, wait, 2)]

    assert asyncio.run(listen("input-required")) == ["id: 3\ndata: which?\n\n"]
    for state in ("auth-required", "working"):
        with pytest.raises(TimeoutError):
            asyncio.run(listen(state))


def test_the_node_on_the_page_does_a_step_once_and_reports_it() -> None:
    told: list[str] = []
    kept: dict[str, Any] = {}

    class Told(Run):
        def __init__(self) -> None:
            """Have no task."""

        def report(self, text: str) -> None:
            told.append(text)

        def remembered(self, key: str, compute: Any) -> Any:
            if key not in kept:
                kept[key] = compute()
            return kept[key]

    step = cells("node")["node"](Told(), "search", lambda state: ({"found": state["n"]}, f"{state['n']} found"))
    assert [step({"n": 3}), step({"n": 4})] == [{"found": 3}, {"found": 3}]
    assert told == ["search: 3 found"]
