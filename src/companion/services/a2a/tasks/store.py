"""Tasks in PostgreSQL: who works on a task, what may be written about it, and what was.

Three rules, and each stands in the statement that writes, because what is checked in an earlier statement may be over
when the later one runs:

* **A move is legal or it changes nothing.** `where state = any(predecessors)`: no row is changed, nothing was written.
* **A task has one owner at a time, for a time.** A server takes a task by a *lease*; a server that dies stops renewing
  it, and when it has run out the next one may take the task. Each lease has a number, the *fence*, one higher than the
  last. Every write names the fence of its lease: a server that was paused and wakes up late writes with an old one,
  and changes no row.
* **What happened is a row of its own**, numbered within its task. The row of the task stays small, whatever is told
  about it; and a reader who was cut off at event 7 asks for the events after 7.

Time is the database's own (`clock_timestamp()`), so that servers need not agree about it. All functions take a
connection inside `as_tenant`, and so see one tenant's rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from companion.services.a2a.errors import IllegalMove, LostLease, MessageRefused, UnknownTask
from companion.services.a2a.tasks.states import FINAL, WAITING, State, predecessors

CHANNEL = "a2a"
"""Where each event rings, with its task's number and nothing else: all servers of all tenants hear it."""

LOG = """
insert into events (task_id, seq, fence, data) select id, seq, fence, %(data)s from written
returning seq, pg_notify('a2a', task_id::text)
"""

CREATE = f"""
with written as (
    insert into tasks (owner, context, message_id, seq) values (%(user)s, %(context)s, %(message_id)s, 1)
    on conflict (tenant_id, owner, message_id) where message_id <> '' do nothing
    returning id, seq, fence)
{LOG}, task_id
"""

CLAIM = f"""
with written as (
    update tasks set state = 'working', fence = fence + 1, seq = seq + 1, status_at = clock_timestamp(),
                     lease_owner = %(server)s, lease_until = clock_timestamp() + %(seconds)s * interval '1 second'
    where id = (select id from tasks
                where state in ('submitted', 'working') and (lease_until is null or lease_until < clock_timestamp())
                order by created_at limit 1 for update skip locked)
    returning id, seq, fence)
{LOG}, task_id, fence
"""

MOVE = f"""
with written as (
    update tasks set state = %(state)s, seq = seq + 1, status_at = clock_timestamp(),
                     lease_owner = %(server)s, lease_until = clock_timestamp() + %(seconds)s * interval '1 second'
    where id = %(task)s and fence = %(fence)s and state = any(%(before)s)
    returning id, seq, fence)
{LOG}
"""

ADD = f"""
with written as (
    update tasks set seq = seq + 1, lease_until = clock_timestamp() + %(seconds)s * interval '1 second'
    where id = %(task)s and fence = %(fence)s and state = 'working'
    returning id, seq, fence)
{LOG}
"""

ASK = f"""
with written as (
    update tasks set state = %(state)s, seq = seq + 1, status_at = clock_timestamp(),
                     lease_owner = null, lease_until = null
    where id = %(task)s and owner = %(user)s and state = any(%(before)s)
    returning id, seq, fence)
{LOG}
"""

NOTE = f"""
with written as (
    update tasks set seq = seq + 1
    where id = %(task)s and owner = %(user)s and state in ('submitted', 'working')
    returning id, seq, fence)
{LOG}
"""

RENEW = """
update tasks set lease_until = clock_timestamp() + %(seconds)s * interval '1 second'
where id = %(task)s and fence = %(fence)s and state = 'working'
"""

# A number of its own: what the agent is just writing under the old one would otherwise take the lease again.
RELEASE = """
update tasks set fence = fence + 1, lease_owner = null, lease_until = null where id = %(task)s and fence = %(fence)s
"""

COLUMNS = "select id, state, owner, context, seq, status_at, fence, lease_owner from tasks"


@dataclass(frozen=True)
class Lease:
    """The right to work on a task, until somebody takes it after it has run out.

    Attributes
    ----------
    task : UUID
        The task.
    fence : int
        The lease's number; the next one's is higher.
    server : str
        Who has it.
    seconds : float
        How long it runs from each write on.
    """

    task: UUID
    fence: int
    server: str
    seconds: float

    def _arguments(self) -> dict[str, Any]:
        return {"task": self.task, "fence": self.fence, "server": self.server, "seconds": self.seconds}


@dataclass(frozen=True)
class Event:
    """Something that happened to a task: a message of the caller's, a new status, or a piece of a result.

    Attributes
    ----------
    seq : int
        Its number within the task, from 1 without a gap.
    fence : int
        Of the lease under which it was written.
    data : dict
        ``{"message": ...}``, ``{"status": {"state", "message"}}`` or ``{"artifact": ..., "append", "lastChunk"}``, with
        messages and artifacts as the protocol's JSON has them.
    at : datetime
        When, by the database's clock.
    """

    seq: int
    fence: int
    data: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class Row:
    """The row of a task."""

    id: UUID
    state: State
    owner: str
    context: str
    seq: int
    status_at: datetime
    fence: int
    lease_owner: str | None


def create(connection: Connection[TupleRow], user: str, message: Mapping[str, Any], context: str) -> tuple[UUID, bool]:
    """Make a task of a message, or find the one that this message has made before.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `as_tenant`.
    user : str
        Whose task it is.
    message : mapping
        As the protocol's JSON has it. Its ``messageId`` is the caller's promise not to mean two things by one number.
    context : str
        What the task belongs to.

    Returns
    -------
    tuple of UUID and bool
        The task, and whether it is new.

    Raises
    ------
    MessageRefused
        If the number was used for another message.
    """
    number = str(message["messageId"])
    given = {"user": user, "context": context, "message_id": number, "data": Jsonb({"message": dict(message)})}
    made = connection.execute(CREATE, given).fetchone()
    if made is not None:
        return made[2], True
    found = connection.execute(
        "select tasks.id, data from tasks join events on task_id = tasks.id and events.seq = 1"
        " where owner = %s and message_id = %s",
        [user, number],
    ).fetchone()
    assert found is not None, "whatever the insert met is there"
    if _content(found[1]["message"]) != _content(message):
        raise MessageRefused(f"message {number} was sent before, with another content")
    return found[0], False


def _content(message: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the server fills in."""
    return {key: value for key, value in message.items() if key not in ("taskId", "contextId")}


def claim(connection: Connection[TupleRow], server: str, seconds: float) -> Lease | None:
    """Take the oldest task that nobody works on, or give None.

    Nobody works on a task that is new, whose caller has answered, or whose lease has run out.
    """
    given = {"server": server, "seconds": seconds, "data": Jsonb({"status": {"state": State.WORKING}})}
    taken = connection.execute(CLAIM, given).fetchone()
    return None if taken is None else Lease(taken[2], taken[3], server, seconds)


def move(connection: Connection[TupleRow], lease: Lease, state: State, message: Mapping[str, Any] | None = None) -> int:
    """Bring a task into a state, and say so in its log. What is not `working` gives the lease back.

    Returns
    -------
    int
        The event's number.

    Raises
    ------
    LostLease
        If another server has taken the task since.
    IllegalMove
        If the task's state does not lead there.
    """
    status: dict[str, Any] = {"state": state} | ({"message": dict(message)} if message else {})
    given = lease._arguments() | {
        "state": state, "before": predecessors(state), "data": Jsonb({"status": status})
    }  # fmt: skip
    if state != State.WORKING:
        given |= {"server": None, "seconds": None}
    return _written(connection, MOVE, given, lease, state)


def add(
    connection: Connection[TupleRow], lease: Lease, artifact: Mapping[str, Any], *, append: bool, last: bool
) -> int:
    """Write down a piece of a result. Returns and raises as `move` does."""
    data = {"artifact": dict(artifact), "append": append, "lastChunk": last}
    return _written(connection, ADD, lease._arguments() | {"data": Jsonb(data)}, lease, State.WORKING)


def _written(
    connection: Connection[TupleRow], statement: str, given: dict[str, Any], lease: Lease, wanted: State
) -> int:
    written = connection.execute(statement, given).fetchone()
    if written is not None:
        return int(written[0])
    now = connection.execute("select state, fence from tasks where id = %s", [lease.task]).fetchone()
    if now is None:
        raise UnknownTask(f"there is no task {lease.task}")
    if now[1] != lease.fence:
        raise LostLease(f"task {lease.task} is under lease {now[1]}; this was lease {lease.fence}")
    raise IllegalMove(f"task {lease.task} is {now[0]}, which does not lead to {wanted}")


def renew(connection: Connection[TupleRow], lease: Lease) -> bool:
    """Keep a lease for another while; false if it is lost, or the task is over.

    A lease that has run out can be renewed as long as nobody has taken the task.
    """
    return connection.execute(RENEW, lease._arguments()).rowcount == 1


def release(connection: Connection[TupleRow], lease: Lease) -> None:
    """Give a task back, for another server to take at once."""
    connection.execute(RELEASE, lease._arguments())


def cancel(connection: Connection[TupleRow], user: str, task: UUID) -> None:
    """Cancel a task, whoever works on it: the next thing that its server writes is refused.

    Raises
    ------
    UnknownTask
        If this user has no such task.
    IllegalMove
        If it is over.
    """
    status = {"status": {"state": State.CANCELED}}
    _asked(connection, ASK, user, task, status, State.CANCELED, predecessors(State.CANCELED))


def answer(connection: Connection[TupleRow], user: str, task: UUID, message: Mapping[str, Any]) -> None:
    """Add a message of the caller's to a task: an answer if the task waits for one, and otherwise a remark.

    The same message again adds nothing.

    Raises
    ------
    UnknownTask
        If this user has no such task.
    MessageRefused
        If the task is over.
    """
    now = get(connection, user, task, lock=True)
    if now.state in FINAL:
        raise MessageRefused(f"task {task} is {now.state} and takes no more messages")
    again = "select from events where task_id = %s and data #>> '{message,messageId}' = %s"
    if connection.execute(again, [task, message["messageId"]]).fetchone() is not None:
        return
    data = {"message": dict(message)}
    if now.state in WAITING:
        _asked(connection, ASK, user, task, data, State.WORKING, [now.state])
    else:
        _asked(connection, NOTE, user, task, data, now.state, [now.state])


def _asked(
    connection: Connection[TupleRow], statement: str, user: str, task: UUID, data: dict[str, Any],
    state: State, before: list[State],
) -> None:  # fmt: skip
    given = {"user": user, "task": task, "data": Jsonb(data), "state": state, "before": before}
    if connection.execute(statement, given).fetchone() is None:
        now = get(connection, user, task)
        raise IllegalMove(f"task {task} is {now.state}, which does not lead to {state}")


def get(connection: Connection[TupleRow], user: str, task: UUID, *, lock: bool = False) -> Row:
    """Give the row of a task, and let nobody else write to it until the transaction ends, if asked to.

    Raises
    ------
    UnknownTask
        If this user has no such task.
    """
    ending = " for update" if lock else ""
    found = connection.execute(f"{COLUMNS} where id = %s and owner = %s{ending}".encode(), [task, user]).fetchone()
    if found is None:
        raise UnknownTask(f"there is no task {task}")
    return row(found)


def row(found: TupleRow) -> Row:
    """Read what a query of `COLUMNS` gives."""
    return Row(found[0], State(found[1]), *found[2:])


def events_after(connection: Connection[TupleRow], task: UUID, seq: int, limit: int | None = None) -> list[Event]:
    """List what happened to a task after the event of that number, in order.

    The log goes with its task: who may see that is asked before (`get`).
    """
    rows = connection.execute(
        "select seq, fence, data, created_at from events where task_id = %s and seq > %s order by seq limit %s",
        [task, seq, limit],
    )
    return [Event(*each) for each in rows]


def messages(connection: Connection[TupleRow], task: UUID) -> list[dict[str, Any]]:
    """List what the caller has said, the oldest message first."""
    rows = connection.execute(
        "select data -> 'message' from events where task_id = %s and data ? 'message' order by seq", [task]
    )
    return [message for (message,) in rows]


def attempts(connection: Connection[TupleRow], task: UUID) -> int:
    """Count the leases under which a task was begun since its caller said something."""
    found = connection.execute(
        "select count(distinct fence) from events where task_id = %(task)s and seq >"
        " (select max(seq) from events where task_id = %(task)s and data ? 'message')",
        {"task": task},
    ).fetchone()
    return int(found[0]) if found else 0


def tenants_with_work(connection: Connection[TupleRow]) -> list[UUID]:
    """List the tenants that have a task to take or a notification to send; on a connection without a tenant."""
    return [tenant for (tenant,) in connection.execute("select tenants_with_work()")]
