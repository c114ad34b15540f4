"""What a task does that must not be done twice, though the task itself may be begun twice.

A task whose server dies is begun again by the next one. Its effects carry a key, and the table has one row for each
task and key:

* `once` is for what happens in this database: it happens in the transaction that writes the row, so both or neither.
* `remembered` is for what is computed, a model's answer for example: it may be computed twice, by two servers, and the
  first result written is the one that both go on with.

What happens elsewhere, a mail for example, can be neither of the two. There the key has to travel with the call, and
whoever receives it must refuse a key that it has seen (`effect_key`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from companion.services.a2a.errors import LostLease
from companion.services.a2a.tasks.store import Lease

WRITE = """
insert into effects (task_id, key, data)
select id, %(key)s, %(data)s from tasks where id = %(task)s and fence = %(fence)s
on conflict do nothing
"""


def once(connection: Connection[TupleRow], lease: Lease, key: str, act: Callable[[Connection[TupleRow]], Any]) -> bool:
    """Do something in the database unless this task has done it before; both stand or fall with the transaction.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `as_tenant`.
    lease : Lease
        Of the task that does it.
    key : str
        Which of the task's effects this is.
    act : callable
        Takes the connection.

    Returns
    -------
    bool
        Whether it was done now.

    Raises
    ------
    LostLease
        If another server has taken the task since.
    """
    if _write(connection, lease, key, None):
        act(connection)
        return True
    return False


def recall(connection: Connection[TupleRow], lease: Lease, key: str) -> tuple[bool, Any]:
    """Say whether a task has a result under this key, and which."""
    found = connection.execute("select data from effects where task_id = %s and key = %s", [lease.task, key]).fetchone()
    return (False, None) if found is None else (True, found[0])


def remember(connection: Connection[TupleRow], lease: Lease, key: str, result: Any) -> Any:
    """Keep a result, unless there is one; give the one that is kept.

    Raises
    ------
    LostLease
        If another server has taken the task since, and has no result yet.
    """
    if _write(connection, lease, key, result):
        return result
    return recall(connection, lease, key)[1]


def effect_key(lease: Lease, key: str) -> str:
    """Give the key under which a receiver elsewhere recognises an effect of this task."""
    return f"{lease.task}:{key}"


def _write(connection: Connection[TupleRow], lease: Lease, key: str, data: Any) -> bool:
    given = {"task": lease.task, "fence": lease.fence, "key": key, "data": Jsonb(data)}
    if connection.execute(WRITE, given).rowcount == 1:
        return True
    if recall(connection, lease, key)[0]:
        return False
    raise LostLease(f"task {lease.task} is under another lease than {lease.fence}")
