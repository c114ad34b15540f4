"""What an agent has in its hands while it works on a task.

An agent is a function that takes a `Run`. It returns when the task is completed, raises `Rejected` when it will not do
it, and whatever else it raises means that the task has failed. It may be called twice for one task, by two servers, if
the first one died; so what must not happen twice goes through `once` or `remembered`.

Each call of a Run asks the database whether the task is still this server's, and still going. If it was cancelled, or
another server has taken it, the call raises `Stopped`, and the agent ends there. Nobody has to kill a thread. The same
where the database does not answer: that is no failure of the agent's, and the task is left to its lease.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from companion.errors import CompanionError
from companion.services.a2a.errors import IllegalMove, LostLease
from companion.services.a2a.tasks import effects, store
from companion.services.a2a.tasks.states import State
from companion.services.a2a.tasks.store import Lease
from companion.services.database import Pool, as_tenant

GONE = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)
"""What a database raises that is away for a while."""

Result = TypeVar("Result")


class Stopped(BaseException):
    """This server's work on the task is over; a BaseException, so that no agent takes it for an error of its own."""


class Rejected(CompanionError, RuntimeError):
    """The agent will not do this task; the caller is told why."""


class Run:
    """One attempt of one server at one task.

    Parameters
    ----------
    pool : Pool
        Of the service's role.
    tenant : UUID
        Whose task it is.
    lease : Lease
        The right to work on it.
    """

    def __init__(self, pool: Pool, tenant: UUID, lease: Lease) -> None:
        self.pool = pool
        self.tenant = tenant
        self.lease = lease
        self.over = threading.Event()
        """Set when the lease is lost, the task cancelled or the server stopping; the next call raises `Stopped`."""

    def written(self, write: Callable[[Connection[TupleRow]], Result]) -> Result:
        """Do something on a connection of this tenant, in a transaction.

        Raises
        ------
        Stopped
            If the task is not this server's any more, or is over, or the database does not answer.
        """
        if self.over.is_set():
            raise Stopped
        try:
            with self.pool.connection() as connection, as_tenant(connection, self.tenant):
                return write(connection)
        except (LostLease, IllegalMove, *GONE) as refused:
            self.over.set()
            raise Stopped(str(refused)) from refused

    @functools.cached_property
    def messages(self) -> list[dict[str, Any]]:
        """What the caller has said when this attempt began, the oldest message first."""
        return self.written(lambda connection: store.messages(connection, self.lease.task))

    @property
    def text(self) -> str:
        """The words of the caller's last message."""
        return "\n".join(part["text"] for part in self.messages[-1]["parts"] if "text" in part)

    def report(self, text: str) -> None:
        """Tell how far the task is."""
        self._move(State.WORKING, text)

    def ask(self, text: str) -> None:
        """Ask the caller something, and end this attempt; the next one begins when the caller has answered.

        Raises
        ------
        Stopped
            Always.
        """
        self._move(State.INPUT_REQUIRED, text)
        raise Stopped

    def end(self, state: State, text: str = "") -> None:
        """Bring the task to an end; the worker does it for an agent that returns or raises."""
        self._move(state, text)

    def _move(self, state: State, text: str) -> None:
        said = _message(text) if text else None
        self.written(lambda connection: store.move(connection, self.lease, state, said))

    def artifact(self, name: str, text: str, *, append: bool = False, last: bool = True) -> None:
        """Hand over a result, or a piece of one: `append` to what was handed over by that name, `last` if it is all."""
        piece = {
            "artifactId": name,
            "name": name,
            "parts": [{"text": text.replace("\0", ""), "mediaType": "text/plain"}],
        }
        self.written(lambda connection: store.add(connection, self.lease, piece, append=append, last=last))

    def once(self, key: str, act: Callable[[Connection[TupleRow]], Any]) -> bool:
        """Do something in the database unless this task has done it before (`effects.once`)."""
        return self.written(lambda connection: effects.once(connection, self.lease, key, act))

    def remembered(self, key: str, compute: Callable[[], Result]) -> Result:
        """Give what this task computed before under that key, or compute it (`effects.remember`).

        No transaction is open meanwhile: a model may take its time. The result is something that JSON can write.
        """
        known, result = self.written(lambda connection: effects.recall(connection, self.lease, key))
        if known:
            return result  # type: ignore[no-any-return]
        computed = compute()
        return self.written(lambda connection: effects.remember(connection, self.lease, key, computed))  # type: ignore[no-any-return]


Agent = Callable[[Run], None]


def _message(text: str) -> dict[str, Any]:
    parts = [{"text": text.replace("\0", ""), "mediaType": "text/plain"}]  # PostgreSQL's text has no NUL
    return {"messageId": str(uuid4()), "role": "ROLE_AGENT", "parts": parts}
