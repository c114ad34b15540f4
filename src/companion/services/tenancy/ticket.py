"""A tenant that SQL cannot change: the service signs who asks, and the database checks the signature.

    with connect(database.admin) as connection, connection.transaction():
        key = install(connection)
        protect(connection, "documents")
    with pool.connection() as connection, by_ticket(connection, tenant, key):
        connection.execute("select title from documents")

A setting tells a policy who asks, and every statement may change a setting. So the service signs the tenant with a key
that its role in the database cannot read, for this connection and for a minute. A second policy on each table, which is
restrictive, compares the row with the tenant of a valid ticket. The first policy, with the plain setting, stays: it
keeps nothing apart any more, but through it the planner sees how many rows to expect, and takes the index.

This stands beside the book's schema and not in it: it wants a key, and somebody to keep it, from everyone who runs the
chapters. What it protects against is SQL of somebody else's on the service's connection, and not a service that was
taken over, which has the key.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator
from importlib.resources import files
from uuid import UUID

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from companion.services.database import as_tenant

SECONDS = 60
BLOCK = 64
"""Bytes; what SHA-256 works on at a time, and so the length of HMAC's pads."""


def install(connection: Connection[TupleRow]) -> bytes:
    """Make the function that checks tickets, and a key.

    Parameters
    ----------
    connection : psycopg.Connection
        Of a role that may become `companion_owner`; in a transaction.

    Returns
    -------
    bytes
        The key. Whoever has it may be any tenant.
    """
    psycopg.ClientCursor(connection).execute((files(__package__) / "ticket.sql").read_bytes())
    return add_key(connection)


def add_key(connection: Connection[TupleRow]) -> bytes:
    """Make one more key; tickets of the older ones stay valid until those are deleted from private.ticket_keys."""
    key = secrets.token_bytes(32)
    padded = key.ljust(BLOCK, b"\0")
    pads = [bytes(byte ^ mask for byte in padded) for mask in (0x36, 0x5C)]
    connection.execute("insert into private.ticket_keys (inner_pad, outer_pad) values (%s, %s)", pads)
    return key


def protect(connection: Connection[TupleRow], table: str, column: str = "tenant_id") -> None:
    """Ask for a ticket wherever the rows of a table are read or written.

    Parameters
    ----------
    connection : psycopg.Connection
        Of a role that owns the table, or may become who does.
    table, column : str
        The table, and its column that has the tenant.
    """
    # The sub-select is computed once for a statement; without it the ticket would be checked for each row. And `is
    # true` says nothing new to us, but keeps the planner from reasoning that what equals the ticket and the setting is
    # found by the setting, once that equals the ticket: a statement that changes the setting would get through.
    statement = "create policy ticket on {} as restrictive using (({} = (select private.tenant())) is true)"
    connection.execute(sql.SQL(statement).format(sql.Identifier(table), sql.Identifier(column)))


def ticket(key: bytes, tenant: UUID, backend: int, *, seconds: float = SECONDS) -> str:
    """Sign who asks.

    Parameters
    ----------
    key : bytes
        What `install` has given.
    tenant : UUID
        Whose rows.
    backend : int
        The process at the other end of the connection, ``connection.info.backend_pid``.
    seconds : float
        How long it is good for, by the clocks of this machine and the server.
    """
    said = f"{tenant}.{int(time.time() + seconds)}"
    return f"{said}.{hmac.new(key, f'{said}.{backend}'.encode(), hashlib.sha256).hexdigest()}"


@contextlib.contextmanager
def by_ticket(
    connection: Connection[TupleRow], tenant: UUID, key: bytes, *, seconds: float = SECONDS
) -> Iterator[Connection[TupleRow]]:
    """Open a transaction that sees and writes the rows of one tenant, whatever SQL is run in it.

    Parameters
    ----------
    connection, tenant
        As `as_tenant` wants them.
    key : bytes
        What `install` has given.
    seconds : float
        How long the transaction may go on; a statement that begins later sees no rows.

    Raises
    ------
    TenantError
        As `as_tenant` says.
    """
    signed = ticket(key, tenant, connection.info.backend_pid, seconds=seconds)
    with as_tenant(connection, tenant):
        connection.execute("select set_config('app.ticket', %s, true)", [signed])
        yield connection
