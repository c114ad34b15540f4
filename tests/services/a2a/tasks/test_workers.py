from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from companion.services.a2a.tasks import store
from companion.services.a2a.tasks import workers as workers_module
from companion.services.a2a.tasks.run import Agent, Rejected, Run
from companion.services.a2a.tasks.states import FINAL, WAITING, State
from companion.services.a2a.tasks.store import Row
from companion.services.a2a.tasks.workers import ATTEMPTS, Terms, Workers, new_name, perform, working
from companion.services.database import Pool, as_tenant, connect
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]
PATIENCE = 20.0


class Desk:
    """A caller's view of the tenant's tasks."""

    def __init__(self, place: Place, pool: Pool, said: Said) -> None:
        self.place, self.pool, self.said = place, pool, said

    def ask(self, text: str = "hello") -> UUID:
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            return store.create(connection, "ada", self.said(text), "context")[0]

    def answer(self, task: UUID, text: str) -> None:
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            store.answer(connection, "ada", task, self.said(text))

    def cancel(self, task: UUID) -> None:
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            store.cancel(connection, "ada", task)

    def row(self, task: UUID) -> Row:
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            return store.get(connection, "ada", task)

    def statuses(self, task: UUID) -> list[tuple[str, str]]:
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            events = store.events_after(connection, task, 0)
        said = [event.data["status"] for event in events if "status" in event.data]
        return [(each["state"], each.get("message", {"parts": [{"text": ""}]})["parts"][0]["text"]) for each in said]

    def wait(self, task: UUID, states: frozenset[State] = FINAL | WAITING) -> State:
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(psycopg.OperationalError):  # a test may have cut the connection
                row = self.row(task)
                if row.state in states:
                    return row.state
            assert time.monotonic() < until, "the task goes on and on"
            time.sleep(0.02)

    def lose(self, task: UUID) -> None:
        """Let the lease of a task run out."""
        with self.pool.connection() as connection, as_tenant(connection, self.place.tenant):
            connection.execute(
                "update tasks set lease_until = clock_timestamp() - interval '1 s' where id = %s", [task]
            )


@pytest.fixture
def desk(place: Place, tasks_pool: Pool, said: Said) -> Desk:
    return Desk(place, tasks_pool, said)


@contextlib.contextmanager
def at_work(pool: Pool, agent: Agent, lease: float = 5.0, threads: int = 2) -> Iterator[Workers]:
    with working(pool, agent, Terms(new_name(), threads, lease)) as workers:
        yield workers


def test_a_task_is_done_and_its_progress_told(desk: Desk) -> None:
    def agent(run: Run) -> None:
        run.report(f"heard {run.text}")
        run.artifact("answer", "42")

    with at_work(desk.pool, agent):
        task = desk.ask()
        assert desk.wait(task) == State.COMPLETED
    assert desk.statuses(task) == [("working", ""), ("working", "heard hello"), ("completed", "")]


def test_what_the_agent_will_not_do_is_rejected_with_its_reason(desk: Desk) -> None:
    def agent(run: Run) -> None:
        raise Rejected("not on a Sunday")

    with at_work(desk.pool, agent):
        task = desk.ask()
        assert desk.wait(task) == State.REJECTED
    assert desk.statuses(task)[-1] == ("rejected", "not on a Sunday")


def test_a_failure_is_told_by_a_number_and_explained_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def agent(run: Run) -> None:
        raise RuntimeError("password=hunter2")

    with caplog.at_level(logging.ERROR), at_work(desk.pool, agent):
        task = desk.ask()
        assert desk.wait(task) == State.FAILED
    told = desk.statuses(task)[-1][1]
    assert "hunter2" not in told and "hunter2" in caplog.text
    assert told.removeprefix("The agent failed. Incident ").removesuffix(".") in caplog.text


def test_an_agent_asks_and_goes_on_with_the_answer(desk: Desk) -> None:
    def agent(run: Run) -> None:
        if len(run.messages) == 1:
            run.ask("which?")
        run.artifact("answer", run.text)

    with at_work(desk.pool, agent):
        task = desk.ask()
        assert desk.wait(task) == State.INPUT_REQUIRED
        desk.answer(task, "that one")
        assert desk.wait(task, FINAL) == State.COMPLETED
    assert ("input-required", "which?") in desk.statuses(task)


def test_a_canceled_task_stops_its_agent_at_the_next_word(desk: Desk) -> None:
    begun, ended, said = threading.Event(), threading.Event(), []

    def agent(run: Run) -> None:
        begun.set()
        try:
            for number in range(10_000):
                run.report(str(number))
                said.append(number)
                time.sleep(0.01)
        finally:
            ended.set()

    with at_work(desk.pool, agent):
        task = desk.ask()
        assert begun.wait(PATIENCE)
        desk.cancel(task)
        assert ended.wait(PATIENCE)
    assert len(said) < 10_000
    assert desk.row(task).state == State.CANCELED
    assert desk.statuses(task)[-1][0] == "canceled"


def test_a_task_of_a_dead_server_is_begun_again_by_another(desk: Desk) -> None:
    with desk.pool.connection() as connection, as_tenant(connection, desk.place.tenant):
        task, _ = store.create(connection, "ada", desk.said(), "context")
        assert store.claim(connection, "dead", 0.5) is not None
    with at_work(desk.pool, lambda run: run.report("by another")):
        assert desk.wait(task) == State.COMPLETED
    assert desk.row(task).fence == 2


def test_a_lease_is_kept_while_the_agent_is_silent(desk: Desk) -> None:
    runs = []

    def agent(run: Run) -> None:
        runs.append(run.lease.fence)
        time.sleep(1.5)

    with at_work(desk.pool, agent, lease=0.5), at_work(desk.pool, agent, lease=0.5):
        task = desk.ask()
        assert desk.wait(task) == State.COMPLETED
    assert runs == [1]


def test_a_server_that_was_overtaken_stops_its_agent(desk: Desk) -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow(run: Run) -> None:
        begun.set()
        try:
            while True:
                run.report("still here")
                time.sleep(0.02)
        finally:
            ended.set()

    with at_work(desk.pool, slow, lease=60.0, threads=1):
        task = desk.ask()
        assert begun.wait(PATIENCE)
        with desk.pool.connection() as connection, as_tenant(connection, desk.place.tenant):
            connection.execute("update tasks set fence = fence + 1, lease_owner = 'other' where id = %s", [task])
        assert ended.wait(PATIENCE)
    desk.cancel(task)


def test_a_server_that_stops_gives_its_tasks_to_others_at_once(desk: Desk) -> None:
    begun = threading.Event()

    def endless(run: Run) -> None:
        begun.set()
        while True:
            run.report("on and on")
            time.sleep(0.01)

    with at_work(desk.pool, endless, lease=3600.0):
        task = desk.ask()
        assert begun.wait(PATIENCE)
    assert desk.row(task).lease_owner is None
    with at_work(desk.pool, lambda run: None):
        assert desk.wait(task) == State.COMPLETED


def test_a_task_that_no_server_survives_is_given_up(desk: Desk) -> None:
    task = desk.ask()
    for _ in range(ATTEMPTS):
        with desk.pool.connection() as connection, as_tenant(connection, desk.place.tenant):
            lease = store.claim(connection, "dies", 60.0)
        assert lease is not None and lease.task == task
        desk.lose(task)
    ran: list[Any] = []
    with at_work(desk.pool, ran.append):
        assert desk.wait(task) == State.FAILED
    assert ran == []
    assert "no server came to its end" in desk.statuses(task)[-1][1]


def test_tasks_run_side_by_side_up_to_the_number_of_threads(desk: Desk) -> None:
    together = threading.Barrier(3, timeout=PATIENCE)
    with at_work(desk.pool, lambda run: (together.wait(), None)[1], threads=3):
        tasks = [desk.ask() for _ in range(3)]
        assert {desk.wait(task) for task in tasks} == {State.COMPLETED}


def test_a_connection_that_is_lost_as_a_task_is_taken_makes_no_place_for_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "LOOK_SECONDS", 0.02)
    lost: list[int] = []
    most: list[int] = []
    busy: list[Run] = []

    class Losing:
        """A pool whose first connection, of the thread that takes tasks, is lost as it comes back."""

        @contextlib.contextmanager
        def connection(self) -> Iterator[Any]:
            with desk.pool.connection() as connection:
                yield connection
            if threading.current_thread().name == "take" and not lost:
                lost.append(1)
                raise psycopg.OperationalError("the connection is lost")

    def agent(run: Run) -> None:
        busy.append(run)
        most.append(len(busy))
        time.sleep(0.2)
        busy.remove(run)

    tasks = [desk.ask() for _ in range(3)]
    with at_work(Losing(), agent, lease=0.5, threads=1):  # type: ignore[arg-type]
        assert {desk.wait(task) for task in tasks} == {State.COMPLETED}
    assert lost and max(most) == 1


def test_an_agent_that_writes_a_zero_character_is_understood(desk: Desk) -> None:
    def agent(run: Run) -> None:
        run.report("a\0b")
        run.artifact("answer", "c\0d")

    with at_work(desk.pool, agent):
        assert desk.wait(desk.ask()) == State.COMPLETED


def test_the_result_that_one_attempt_computed_serves_the_next(desk: Desk) -> None:
    computed = []

    def attempt() -> None:
        with desk.pool.connection() as connection, as_tenant(connection, desk.place.tenant):
            lease = store.claim(connection, "a", 60.0)
        assert lease is not None
        run = Run(desk.pool, desk.place.tenant, lease)
        assert run.remembered("answer", lambda: computed.append(1) or len(computed)) == 1  # type: ignore[func-returns-value]

    task = desk.ask()
    attempt()
    desk.lose(task)
    attempt()
    assert computed == [1]
    desk.cancel(task)


def test_a_database_that_is_away_for_a_moment_is_no_failure_of_the_agents(desk: Desk) -> None:
    begun = []

    def agent(run: Run) -> None:
        begun.append(run.lease.fence)
        if len(begun) == 1:
            with connect(desk.place.database.admin) as admin:
                cut = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'companion_app'"
                run.written(lambda connection: admin.execute(cut))  # while we are in the middle of something
        run.report("after all")

    with at_work(desk.pool, agent, lease=1.0):
        task = desk.ask()
        assert desk.wait(task, FINAL) == State.COMPLETED
    assert begun[0] == 1 and len(begun) > 1
    assert "failed" not in [state for state, _ in desk.statuses(task)]


def test_an_agent_does_not_mistake_the_end_for_an_error_of_its_own(desk: Desk) -> None:
    task = desk.ask()
    with desk.pool.connection() as connection, as_tenant(connection, desk.place.tenant):
        lease = store.claim(connection, "a", 60.0)
    assert lease is not None
    desk.cancel(task)
    caught = []

    def stubborn(run: Run) -> None:
        for _ in range(3):
            try:
                run.report("once more")
            except Exception as error:  # noqa: BLE001 - as agents do
                caught.append(error)

    perform(stubborn, Run(desk.pool, desk.place.tenant, lease))
    assert caught == []
    assert desk.row(task).state == State.CANCELED


@pytest.mark.parametrize("error", [psycopg.errors.UndefinedTable("no tasks"), RuntimeError("can't start new thread")])
def test_a_server_that_could_take_no_work_takes_it_when_it_can(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    refusals = [error, error]
    whole = store.tenants_with_work

    def tenants_with_work(connection: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return whole(connection)

    monkeypatch.setattr(store, "tenants_with_work", tenants_with_work)
    with at_work(desk.pool, lambda run: run.report("at last")):
        assert desk.wait(desk.ask(), FINAL) == State.COMPLETED
    assert refusals == []
    assert [str(error) in one.getMessage() and one.exc_info is not None for one in caplog.records][:2] == [True, True]
