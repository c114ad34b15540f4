from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.errors import IllegalMove, LostLease, MessageRefused, TaskError, UnknownTask
from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.states import FINAL, MOVES, State
from companion.services.a2a.tasks.store import Lease
from companion.services.database import Pool, as_tenant, connect
from tests.services.a2a.conftest import Place

LONG = 60.0
SHORT = 0.05
Said = Callable[..., dict[str, object]]


@pytest.fixture(autouse=True)
def no_open_task_is_left(place: Place, tasks_pool: Pool) -> Iterator[None]:
    yield
    with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
        connection.execute("update tasks set state = 'canceled', lease_owner = null, lease_until = null")


@pytest.fixture
def mine(place: Place, tasks_pool: Pool) -> Iterator[Connection[TupleRow]]:
    """Give a connection inside a transaction of the tenant's."""
    with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
        yield connection


def made(connection: Connection[TupleRow], said: Said, state: State = State.SUBMITTED) -> UUID:
    """Make a task and put it into a state, whether or not anything leads there."""
    task, _ = store.create(connection, "ada", said(), "context")
    connection.execute("update tasks set state = %s where id = %s", [state, task])
    return task


def taken(connection: Connection[TupleRow], said: Said) -> Lease:
    task = made(connection, said)
    lease = store.claim(connection, "first", LONG)
    assert lease is not None and lease.task == task
    return lease


def held(connection: Connection[TupleRow], task: UUID, fence: int = 0) -> Lease:
    return Lease(task, fence, "first", LONG)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", [state for state in State if state != State.SUBMITTED])
def test_a_move_is_made_if_it_is_legal_and_changes_nothing_if_it_is_not(
    mine: Connection[TupleRow], said: Said, before: State, after: State
) -> None:
    task = made(mine, said, before)
    old = store.get(mine, "ada", task)
    if after in MOVES[before]:
        assert store.move(mine, held(mine, task), after) == old.seq + 1
        assert store.get(mine, "ada", task).state == after
    else:
        with pytest.raises(IllegalMove, match=f"is {before}, which does not lead to {after}"):
            store.move(mine, held(mine, task), after)
        assert store.get(mine, "ada", task) == old
        assert len(store.events_after(mine, task, 0)) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(wishes=st.lists(st.sampled_from([state for state in State if state != State.SUBMITTED]), max_size=12))
def test_whatever_is_attempted_the_log_is_a_walk_along_legal_moves(
    mine: Connection[TupleRow], said: Said, wishes: list[State]
) -> None:
    task = made(mine, said)
    for wish in wishes:
        try:
            store.move(mine, held(mine, task), wish)
        except IllegalMove:
            continue
    states = [State.SUBMITTED]
    events = store.events_after(mine, task, 0)
    states += [State(event.data["status"]["state"]) for event in events if "status" in event.data]
    assert all(after in MOVES[before] for before, after in itertools.pairwise(states))
    assert states[-1] == store.get(mine, "ada", task).state
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


def test_the_same_message_makes_one_task(mine: Connection[TupleRow], said: Said) -> None:
    first, new = store.create(mine, "ada", said(number="once"), "context")
    again, newer = store.create(mine, "ada", said(number="once"), "context")
    assert (first, new, newer) == (again, True, False)
    other, _ = store.create(mine, "bob", said(number="once"), "context")
    assert other != first


def test_a_number_is_not_used_for_two_messages(mine: Connection[TupleRow], said: Said) -> None:
    store.create(mine, "ada", said("pay 1", number="pay"), "context")
    with pytest.raises(MessageRefused, match="another content"):
        store.create(mine, "ada", said("pay 2", number="pay"), "context")


def test_two_callers_at_once_make_one_task_of_one_message(place: Place, tasks_pool: Pool, said: Said) -> None:
    message, found = said(number="at once"), []

    def create() -> None:
        with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
            found.append(store.create(connection, "ada", message, "context"))

    threads = [threading.Thread(target=create) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({task for task, _ in found}) == 1
    assert sum(new for _, new in found) == 1


def test_the_oldest_task_is_taken_and_no_task_twice(mine: Connection[TupleRow], said: Said) -> None:
    tasks = [made(mine, said) for _ in range(3)]
    mine.execute("update tasks set created_at = created_at + interval '1 s' where id = %s", [tasks[0]])
    leases = [store.claim(mine, "a", LONG) for _ in range(4)]
    assert leases[3] is None
    assert leases[2] is not None and leases[2].task == tasks[0]
    assert {lease.task for lease in leases if lease} == set(tasks)


def test_servers_that_claim_at_once_take_different_tasks(place: Place, tasks_pool: Pool, said: Said) -> None:
    with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
        tasks = {made(connection, said) for _ in range(5)}
    leases: list[Lease | None] = []

    def claim() -> None:
        with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
            leases.append(store.claim(connection, "a", LONG))

    threads = [threading.Thread(target=claim) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {lease.task for lease in leases if lease} == tasks


def run_out(connection: Connection[TupleRow], lease: Lease) -> None:
    connection.execute("update tasks set lease_until = clock_timestamp() - interval '1 s' where id = %s", [lease.task])


def test_a_lease_that_has_run_out_is_taken_over_with_a_higher_fence(mine: Connection[TupleRow], said: Said) -> None:
    lease = taken(mine, said)
    assert store.claim(mine, "second", LONG) is None
    run_out(mine, lease)
    second = store.claim(mine, "second", LONG)
    assert second is not None
    assert (second.task, second.fence) == (lease.task, lease.fence + 1)


@pytest.mark.parametrize("write", ["move", "add", "renew"])
def test_a_server_that_wakes_late_writes_nothing(mine: Connection[TupleRow], said: Said, write: str) -> None:
    lease = taken(mine, said)
    run_out(mine, lease)
    assert store.claim(mine, "second", LONG) is not None
    before = store.get(mine, "ada", lease.task)
    if write == "renew":
        assert store.renew(mine, lease) is False
    else:
        with pytest.raises(LostLease, match=r"under lease 2; this was lease 1"):
            if write == "move":
                store.move(mine, lease, State.COMPLETED)
            else:
                store.add(mine, lease, {"artifactId": "a", "parts": []}, append=False, last=True)
    assert store.get(mine, "ada", lease.task) == before


def test_a_lease_that_ran_out_is_still_good_while_nobody_took_the_task(mine: Connection[TupleRow], said: Said) -> None:
    lease = taken(mine, said)
    run_out(mine, lease)
    assert store.renew(mine, lease)
    assert store.claim(mine, "second", LONG) is None
    store.move(mine, lease, State.COMPLETED)


def test_each_write_renews_the_lease(place: Place, tasks_pool: Pool, said: Said) -> None:
    with tasks_pool.connection() as connection:
        with as_tenant(connection, place.tenant):
            lease = Lease(made(connection, said), 1, "first", 0.3)
            assert store.claim(connection, "first", 0.3) == lease
        for _ in range(4):
            time.sleep(0.1)
            with as_tenant(connection, place.tenant):
                store.move(connection, lease, State.WORKING)
                assert store.claim(connection, "second", LONG) is None
        with as_tenant(connection, place.tenant):
            store.move(connection, lease, State.COMPLETED)


def test_a_task_that_is_given_back_is_taken_at_once(mine: Connection[TupleRow], said: Said) -> None:
    lease = taken(mine, said)
    store.release(mine, lease)
    second = store.claim(mine, "second", LONG)
    assert second is not None and second.task == lease.task


def test_whoever_gave_a_task_back_writes_nothing_more(mine: Connection[TupleRow], said: Said) -> None:
    lease = taken(mine, said)
    store.release(mine, lease)
    with pytest.raises(LostLease):
        store.move(mine, lease, State.WORKING)


def test_whoever_lost_a_task_cannot_give_it_back(mine: Connection[TupleRow], said: Said) -> None:
    lease = taken(mine, said)
    run_out(mine, lease)
    assert store.claim(mine, "second", LONG) is not None
    store.release(mine, lease)
    assert store.claim(mine, "third", LONG) is None


def test_a_canceled_task_takes_no_word_of_its_server(mine: Connection[TupleRow], said: Said) -> None:
    lease = taken(mine, said)
    store.cancel(mine, "ada", lease.task)
    for state in (State.WORKING, State.COMPLETED):
        with pytest.raises(IllegalMove, match="is canceled"):
            store.move(mine, lease, state)
    assert store.renew(mine, lease) is False
    assert store.claim(mine, "second", LONG) is None


@pytest.mark.parametrize("state", sorted(FINAL))
def test_what_is_over_is_not_canceled(mine: Connection[TupleRow], said: Said, state: State) -> None:
    task = made(mine, said, state)
    with pytest.raises(IllegalMove, match=f"is {state}"):
        store.cancel(mine, "ada", task)


def test_an_answer_sets_a_waiting_task_going(mine: Connection[TupleRow], said: Said) -> None:
    lease = taken(mine, said)
    store.move(mine, lease, State.INPUT_REQUIRED, {"parts": [{"text": "which?"}]})
    assert store.claim(mine, "second", LONG) is None
    answer = said("that one")
    store.answer(mine, "ada", lease.task, answer)
    store.answer(mine, "ada", lease.task, answer)  # twice, as a caller who was not told would send it
    second = store.claim(mine, "second", LONG)
    assert second is not None and second.task == lease.task
    assert [each["parts"] for each in store.messages(mine, lease.task)][1:] == [[{"text": "that one"}]]


def test_a_remark_to_a_task_that_is_worked_on_leaves_its_lease_alone(mine: Connection[TupleRow], said: Said) -> None:
    lease = taken(mine, said)
    store.answer(mine, "ada", lease.task, said("hurry"))
    store.move(mine, lease, State.COMPLETED)
    assert len(store.messages(mine, lease.task)) == 2


def test_a_task_that_is_over_takes_no_message(mine: Connection[TupleRow], said: Said) -> None:
    with pytest.raises(MessageRefused, match="is failed"):
        store.answer(mine, "ada", made(mine, said, State.FAILED), said())


def test_another_user_has_no_such_task(mine: Connection[TupleRow], said: Said) -> None:
    task = made(mine, said)
    attempts: list[Callable[[], Any]] = [
        lambda: store.get(mine, "bob", task),
        lambda: store.cancel(mine, "bob", task),
        lambda: store.answer(mine, "bob", task, said()),
    ]
    for attempt in attempts:
        with pytest.raises(UnknownTask):
            attempt()


def test_another_tenant_has_no_such_task(place: Place, tasks_pool: Pool, said: Said) -> None:
    with tasks_pool.connection() as connection:
        with as_tenant(connection, place.tenant):
            task = made(connection, said, State.COMPLETED)
        with as_tenant(connection, place.other):
            with pytest.raises(UnknownTask):
                store.get(connection, "ada", task)
            assert store.events_after(connection, task, 0) == []
            assert store.claim(connection, "a", LONG) is None
            with pytest.raises(TaskError):
                store.move(connection, held(connection, task), State.WORKING)


def test_servers_learn_which_tenants_have_work_and_nothing_more(place: Place, tasks_pool: Pool, said: Said) -> None:
    with tasks_pool.connection() as connection:
        assert place.tenant not in store.tenants_with_work(connection)
        with as_tenant(connection, place.tenant):
            made(connection, said)
        assert store.tenants_with_work(connection) == [place.tenant]
        assert connection.execute("select * from tasks").fetchall() == []
        with as_tenant(connection, place.tenant):
            lease = store.claim(connection, "a", SHORT)
            assert lease is not None
        assert store.tenants_with_work(connection) == []
        time.sleep(2 * SHORT)
        assert store.tenants_with_work(connection) == [place.tenant]
        with as_tenant(connection, place.tenant):
            store.move(connection, lease, State.COMPLETED)
        assert store.tenants_with_work(connection) == []


def test_the_role_that_lists_tenants_may_not_read_what_tasks_are_about(place: Place) -> None:
    with connect(place.database.admin) as connection:
        rights = connection.execute(
            "select table_name, column_name, privilege_type from information_schema.column_privileges"
            " where grantee = 'companion_dispatch'"
        ).fetchall()
        assert {(table, right) for table, _, right in rights} == {("tasks", "SELECT"), ("pushes", "SELECT")}
        assert {column for _, column, _ in rights}.isdisjoint({"owner", "context", "url", "token", "credentials"})
        may = "select rolcanlogin, has_schema_privilege('companion_dispatch', 'public', 'create') from pg_roles"
        assert connection.execute(f"{may} where rolname = 'companion_dispatch'").fetchone() == (False, False)


def test_every_event_rings_with_its_tasks_number(place: Place, tasks_pool: Pool, said: Said) -> None:
    with connect(place.database.app) as listener, tasks_pool.connection() as connection:
        listener.execute("listen a2a")
        with as_tenant(connection, place.tenant):
            task = made(connection, said, State.COMPLETED)
        assert [notice.payload for notice in listener.notifies(timeout=5, stop_after=1)] == [str(task)]
