"""The lost update in a database: what each isolation level keeps, what each cure costs, on PostgreSQL and on SQLite.

A crowd of clients adds one to the same row, each many times. A way adds one on a connection, and returns how often it
had to begin again; a database that refuses an update has kept it from being lost.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from companion.services.database import running

CLIENTS = 4
TIMES = 100

LITE_TIMES = 1000
"""The same of SQLite, which is faster: on a busy machine one client might do a hundred before another has its turn."""

LITE_WAIT = 30
"""Seconds that a client of SQLite may wait for its turn to write."""

Connection = psycopg.Connection[tuple[Any, ...]]
Way = Callable[[Connection], int]
LiteWay = Callable[[sqlite3.Connection], int]


@dataclass(frozen=True)
class Counted:
    """What a crowd has counted.

    Attributes
    ----------
    way : str
        How each client added one.
    due : int
        How often one was added, and the client was told that it was.
    counted : int
        What the row says.
    again : int
        How often a client was refused and began again.
    """

    way: str
    due: int
    counted: int
    again: int


# PostgreSQL


def read_then_write(connection: Connection) -> int:
    """Read, add, write, in one transaction at the level of the connection; begin again when it is refused."""
    for again in range(10_000):
        try:
            with connection.transaction():
                row = connection.execute("select n from counter").fetchone()
                assert row is not None
                connection.execute("update counter set n = %s", [row[0] + 1])
        except psycopg.errors.SerializationFailure:
            continue
        return again
    raise RuntimeError("refused ten thousand times")


def in_the_statement(connection: Connection) -> int:
    """Let the database read and write in one statement."""
    connection.execute("update counter set n = n + 1")
    return 0


def for_update(connection: Connection) -> int:
    """Lock the row at the reading, until the end of the transaction."""
    with connection.transaction():
        row = connection.execute("select n from counter for update").fetchone()
        assert row is not None
        connection.execute("update counter set n = %s", [row[0] + 1])
    return 0


def by_version(connection: Connection) -> int:
    """Write only if nobody has written since the reading, which the version tells; else begin again."""
    for again in range(10_000):
        row = connection.execute("select n, version from counter").fetchone()
        assert row is not None
        n, version = row
        done = connection.execute(
            "update counter set n = %s, version = version + 1 where version = %s", [n + 1, version]
        )
        if done.rowcount == 1:
            return again
    raise RuntimeError("refused ten thousand times")


LEVELS = psycopg.IsolationLevel
WAYS: dict[str, tuple[Way, LEVELS]] = {
    "read, then write, at READ COMMITTED": (read_then_write, LEVELS.READ_COMMITTED),
    "read, then write, at REPEATABLE READ": (read_then_write, LEVELS.REPEATABLE_READ),
    "read, then write, at SERIALIZABLE": (read_then_write, LEVELS.SERIALIZABLE),
    "n = n + 1 in the statement": (in_the_statement, LEVELS.READ_COMMITTED),
    "SELECT ... FOR UPDATE": (for_update, LEVELS.READ_COMMITTED),
    "a version column": (by_version, LEVELS.READ_COMMITTED),
}


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Give the address of a PostgreSQL with an empty table of one counter, while the context lasts."""
    with running() as server:
        with psycopg.connect(server.address, autocommit=True) as connection:
            connection.execute("create table counter (n bigint not null, version bigint not null)")
            connection.execute("insert into counter values (0, 0)")
        yield server.address


def crowd(address: str, name: str, clients: int = CLIENTS, times: int = TIMES) -> Counted:
    """Let clients add one to the same row side by side.

    Parameters
    ----------
    address : str
        Of a database with a counter, which is set to 0 first.
    name : str
        One of `WAYS`.
    clients, times : int
        How many clients, and how often each adds one.
    """
    way, level = WAYS[name]
    with psycopg.connect(address, autocommit=True) as judge:
        judge.execute("update counter set n = 0, version = 0")

        def client(start: threading.Barrier) -> int:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.isolation_level = level
                start.wait()
                return sum(way(connection) for _ in range(times))

        again = _all(client, clients)
        row = judge.execute("select n from counter").fetchone()
        assert row is not None
        return Counted(name, clients * times, row[0], again)


def in_step(address: str, level: LEVELS) -> str:
    """Let two transactions of one level read, and then both write; say what the second is told, and what is kept.

    Returns
    -------
    str
        As ``kept 1 of 2, no error``.
    """
    with contextlib.ExitStack() as stack:
        one, two = (stack.enter_context(psycopg.connect(address)) for _ in range(2))
        one.execute("update counter set n = 0")
        one.commit()
        one.isolation_level = two.isolation_level = level
        seen = [connection.execute("select n from counter").fetchone() for connection in (one, two)]
        told, acknowledged = "no error", 0
        for connection, row in zip((one, two), seen, strict=True):
            assert row is not None
            try:
                connection.execute("update counter set n = %s", [row[0] + 1])
                connection.commit()
                acknowledged += 1
            except psycopg.errors.SerializationFailure as error:
                told = f"the second is refused: {error.sqlstate}"
                connection.rollback()
        row = one.execute("select n from counter").fetchone()
        assert row is not None
        return f"acknowledged {acknowledged}, kept {row[0]}; {told}"


# SQLite


def lite_read_then_write(connection: sqlite3.Connection) -> int:
    """Read, add, write, each statement a transaction of its own."""
    (n,) = connection.execute("select n from counter").fetchone()
    connection.execute("update counter set n = ?", [n + 1])
    return 0


def lite_immediate(connection: sqlite3.Connection) -> int:
    """Ask for the right to write before reading: whoever comes second waits."""
    connection.execute("begin immediate")
    lite_read_then_write(connection)
    connection.execute("commit")
    return 0


def lite_begin(connection: sqlite3.Connection) -> int:
    """Read in a plain transaction, which is refused when somebody has written since; begin again."""
    for again in range(10_000_000):
        connection.execute("begin")
        try:
            lite_read_then_write(connection)
        except sqlite3.OperationalError:
            connection.execute("rollback")
            continue
        connection.execute("commit")
        return again
    raise RuntimeError("refused ten million times")


LITE_WAYS: dict[str, LiteWay] = {
    "read, then write": lite_read_then_write,
    "BEGIN": lite_begin,
    "BEGIN IMMEDIATE": lite_immediate,
}


def lite_crowd(folder: Path, name: str, clients: int = CLIENTS, times: int = LITE_TIMES) -> Counted:
    """Let clients add one to the same row of an SQLite file side by side.

    Parameters
    ----------
    folder : Path
        Where the file is made.
    name : str
        One of `LITE_WAYS`.
    clients, times : int
        How many clients, and how often each adds one.
    """
    way, file = LITE_WAYS[name], folder / f"{'-'.join(name.lower().split())}.sqlite"
    with contextlib.closing(_lite(file)) as judge:
        judge.execute("create table counter (n integer not null)")
        judge.execute("insert into counter values (0)")

        def client(start: threading.Barrier) -> int:
            with contextlib.closing(_lite(file)) as connection:
                start.wait()
                return sum(way(connection) for _ in range(times))

        again = _all(client, clients)
        (n,) = judge.execute("select n from counter").fetchone()
        return Counted(name, clients * times, n, again)


def lite_in_step(folder: Path) -> str:
    """Let two plain transactions read, and then both write; give SQLite's own name for what the second is told."""
    file = folder / "in-step.sqlite"
    with contextlib.closing(_lite(file)) as one, contextlib.closing(_lite(file)) as two:
        one.execute("create table counter (n integer not null)")
        one.execute("insert into counter values (0)")
        for connection in (one, two):
            connection.execute("begin")
            connection.execute("select n from counter").fetchone()
        one.execute("update counter set n = 1")
        one.execute("commit")
        try:
            two.execute("update counter set n = 1")
        except sqlite3.OperationalError as error:
            return f"{error} ({error.sqlite_errorname})"
        return "no error"


def _lite(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=LITE_WAIT, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = off")  # what a power cut would take is no question here
    return connection


def _all(client: Callable[[threading.Barrier], int], clients: int) -> int:
    """Run clients side by side, and add up what they return."""
    start = threading.Barrier(clients, timeout=60)
    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(client, [start] * clients))
