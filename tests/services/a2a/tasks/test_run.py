from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from companion.services.a2a.errors import LostLease
from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.run import Run, Stopped
from companion.services.a2a.tasks.states import State
from companion.services.a2a.tasks.store import Event
from companion.services.database import Pool, as_tenant
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, Any]]


class Desk:
    """A tenant's tasks, and attempts at them."""

    def __init__(self, place: Place, pool: Pool, said: Said) -> None:
        self.place, self.pool, self.said = place, pool, said

    def begin(self, **message: Any) -> Run:
        """Make a task, and take it."""
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            connection.execute("update tasks set state = 'canceled' where state in ('submitted', 'working')")
            store.create(connection, "ada", self.said() | message, "context")
            return self._take(store.claim(connection, "a", 60))

    def again(self, run: Run) -> Run:
        """Have another server take the same task."""
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            store.release(connection, run.lease)
            return self._take(store.claim(connection, "b", 60))

    def _take(self, lease: store.Lease | None) -> Run:
        assert lease is not None
        return Run(self.pool, self.place.tenant, lease)

    def log(self, run: Run) -> list[Event]:
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            return store.events_after(connection, run.lease.task, 0)


@pytest.fixture
def desk(place: Place, tasks_pool: Pool, said: Said) -> Iterator[Desk]:
    yield Desk(place, tasks_pool, said)


def test_the_words_of_a_message_are_those_of_its_parts(desk: Desk) -> None:
    run = desk.begin(parts=[{"text": "one"}, {"data": {"not": "words"}}, {"text": "two"}])
    assert run.text == "one\ntwo"
    assert desk.begin(parts=[{"data": 7}]).text == ""


def test_a_remark_is_heard_by_the_next_attempt(desk: Desk) -> None:
    run = desk.begin()
    assert len(run.messages) == 1
    with desk.pool.connection() as connection, as_tenant(connection, desk.place.tenant):
        store.answer(connection, "ada", run.lease.task, desk.said("a remark"))
    assert len(run.messages) == 1, "what was said when it began"
    assert desk.again(run).text == "a remark"


def test_a_report_a_question_and_an_end_are_statuses(desk: Desk) -> None:
    run = desk.begin()
    run.report("half\0way")
    with pytest.raises(Stopped):
        run.ask("which?")
    told = [(event.data["status"]["state"], event.data["status"].get("message")) for event in desk.log(run)[1:]]
    assert [state for state, _ in told] == ["working", "working", "input-required"]
    assert told[1][1]["parts"][0]["text"] == "halfway" and told[2][1]["role"] == "ROLE_AGENT"
    other = desk.begin()
    other.end(State.COMPLETED)
    assert desk.log(other)[-1].data["status"] == {"state": "completed"}


def test_a_result_is_handed_over_whole_or_in_pieces(desk: Desk) -> None:
    run = desk.begin()
    run.artifact("a", "one", last=False)
    run.artifact("a", "t\0wo", append=True)
    pieces = [event.data for event in desk.log(run) if "artifact" in event.data]
    assert [(each["append"], each["lastChunk"]) for each in pieces] == [(False, False), (True, True)]
    assert [each["artifact"]["parts"][0]["text"] for each in pieces] == ["one", "two"]


def test_once_another_server_has_the_task_every_call_stops(desk: Desk) -> None:
    run = desk.begin()
    other = desk.again(run)
    calls: list[Callable[[], object]] = [
        lambda: run.report("late"), lambda: run.artifact("a", "late"), lambda: run.end(State.COMPLETED),
        lambda: run.once("key", lambda connection: None), lambda: run.remembered("key", lambda: 1),
        lambda: run.ask("?"),
    ]  # fmt: skip
    for call in calls:
        run.over.clear()
        with pytest.raises(Stopped):
            call()
        assert run.over.is_set()
    assert [event.fence for event in desk.log(other)] == [0, 1, 3], "releasing took a number too"


def test_who_has_heard_that_it_is_over_does_not_ask_the_database(desk: Desk) -> None:
    run = desk.begin()
    run.over.set()
    with pytest.raises(Stopped):
        run.written(lambda connection: pytest.fail("it was asked"))


@pytest.mark.parametrize(
    "error", [psycopg.OperationalError("away"), psycopg.InterfaceError("closed"), PoolTimeout("busy"), LostLease("b")]
)
def test_a_database_that_does_not_answer_ends_the_attempt_and_is_no_error_of_the_agents(
    desk: Desk, error: Exception
) -> None:
    def fail(connection: Any) -> None:
        raise error

    run = desk.begin()
    with pytest.raises(Stopped, match=str(error)):
        run.written(fail)
    assert run.over.is_set()


def test_an_error_of_the_agents_own_goes_on_to_the_agent_and_writes_nothing(desk: Desk) -> None:
    def fail(connection: Any) -> None:
        store.move(connection, run.lease, State.WORKING)
        raise ValueError("its own")

    run = desk.begin()
    with pytest.raises(ValueError, match="its own"):
        run.written(fail)
    assert len(desk.log(run)) == 2 and not run.over.is_set()


def test_what_was_computed_is_kept_for_whoever_goes_on(desk: Desk) -> None:
    run = desk.begin()
    assert run.remembered("draft", lambda: {"text": "first"}) == {"text": "first"}
    other = desk.again(run)
    assert other.remembered("draft", lambda: pytest.fail("computed twice")) == {"text": "first"}
    assert other.remembered("none", lambda: None) is None
    assert other.remembered("none", lambda: "known") is None, "nothing is a result too"


def test_an_effect_in_the_database_is_had_once_by_all_attempts(desk: Desk) -> None:
    had: list[object] = []
    run = desk.begin()
    assert run.once("mail", had.append)
    assert not desk.again(run).once("mail", had.append)
    assert len(had) == 1
