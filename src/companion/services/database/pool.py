"""Connections that are lent, and come back as if they were new.

    with open_pool(address) as pool, pool.connection() as connection, as_tenant(connection, tenant):
        connection.execute("select title from documents")

A connection is checked before it is lent, so that a server's restart is seen by the pool and not by its users; and
everything that a session can hold is discarded when it comes back: settings, temporary tables, cursors, locks. Every
statement is prepared, because PostgreSQL refuses two statements in one that is prepared: what an attacker appends
behind a semicolon is an error. (A client-side cursor, `psycopg.ClientCursor`, sends them all the same.)

Borrow one connection at a time. A thread that holds one and waits for a second waits for other threads that do the
same, and a pool of any size is empty one day.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pgvector.psycopg import register_vector
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from companion.services.database.address import connect
from companion.services.database.errors import TenantError

Pool = ConnectionPool[Connection[TupleRow]]

BYPASSES = "select rolname from pg_roles where rolname in (session_user, current_user) and (rolsuper or rolbypassrls)"


@contextlib.contextmanager
def open_pool(address: str, *, size: int = 4, timeout: float = 10.0) -> Iterator[Pool]:
    """Lend connections to a database while the context lasts.

    Parameters
    ----------
    address : str
        The service's address, which `prepare` gives.
    size : int
        How many connections there are at most; the first is opened now.
    timeout : float
        How many seconds a borrower waits before `psycopg_pool.PoolTimeout`.

    Yields
    ------
    psycopg_pool.ConnectionPool
        Its connections commit each statement by itself, unless it is in a transaction, and read vectors as such.

    Raises
    ------
    Unreachable
        If nobody answers at the address, or not to us.
    TenantError
        If no policy binds the role, because it is a superuser or may bypass them.
    """
    with connect(address) as first:  # since a pool tries again and again, and says why only in its log
        bypassing = first.execute(BYPASSES).fetchone()
        if bypassing is not None:
            raise TenantError(f"the role {bypassing[0]} sees the rows of every tenant, whatever the policies say")
    options = {"autocommit": True, "prepare_threshold": 0}
    pool: Pool = ConnectionPool(
        address, min_size=1, max_size=size, timeout=timeout, kwargs=options, open=False,
        configure=register_vector, check=_answers, reset=_discard,
    )  # fmt: skip
    try:
        pool.open(wait=True, timeout=timeout)
        yield pool
    finally:
        pool.close()


def _answers(connection: Connection[TupleRow]) -> None:
    """Ask nothing, as `ConnectionPool.check_connection` does, but without preparing it, which is a second question."""
    connection.execute("", prepare=False)


def _discard(connection: Connection[TupleRow]) -> None:
    # Prepared like everything else: psycopg would overlook the second one that was not, and go on to use prepared
    # statements that are gone. In a pipeline, so that it is prepared and run without a wait in between.
    with connection.pipeline():
        connection.execute("discard all")
