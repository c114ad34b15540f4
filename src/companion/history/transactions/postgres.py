"""Histories of a real PostgreSQL: several clients append to lists and read them, in random transactions.

    from companion.services.database import running

    with running() as server, clients(server.address, 3) as room:
        recorded = record(room, "read committed", seed=1)

Each append is one `insert ... on conflict do update`, as a program would write it. A transaction that the database
rolls back is recorded as failed, and tried again as a new one with new values, as a value is appended to a key once.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow

LEVELS = {
    "read committed": IsolationLevel.READ_COMMITTED,
    "repeatable read": IsolationLevel.REPEATABLE_READ,
    "serializable": IsolationLevel.SERIALIZABLE,
}
"""PostgreSQL's own names; its "read uncommitted" is read committed."""

ROLLED_BACK = {"40001", "40P01", "55P03"}
"""Serialization failure, deadlock, and a lock that did not come in `LOCK_WAIT`: what a client answers by a retry."""

LOCK_WAIT = "50ms"
"""How long an append waits for another's; two that wait for each other part sooner than by the server's own check."""

APPEND = (
    "insert into append_lists values (%s, array[%s]) on conflict (key) do update "
    "set elements = append_lists.elements || excluded.elements"
)
READ = "select elements from append_lists where key = %s"


@dataclass
class Room:
    """What clients of one server share.

    Attributes
    ----------
    address : str
        The server.
    connections : list of psycopg.Connection
        One for each client.
    histories : iterator of int
        Numbers of histories, each of which has keys of its own.
    """

    address: str
    connections: list[Connection[TupleRow]]
    histories: Iterator[int] = field(default_factory=itertools.count)


@dataclass(frozen=True)
class Recorded:
    """A history of a real database.

    Attributes
    ----------
    events : list of dict
        In the order in which they happened, as the clients saw it.
    retries : int
        How many transactions were tried again.
    given_up : int
        How many were not, after the last time.
    """

    events: list[dict[str, Any]]
    retries: int
    given_up: int

    @property
    def lines(self) -> list[tuple[int, dict[str, Any]]]:
        """The events with their numbers, as a check takes them."""
        return list(enumerate(self.events, start=1))


@contextlib.contextmanager
def clients(address: str, count: int) -> Iterator[Room]:
    """Make the table, and give clients of it while the context lasts.

    Parameters
    ----------
    address : str
        Of a database in which the table ``append_lists`` may be made, and is dropped at the end.
    count : int
        How many clients there are.
    """
    with contextlib.ExitStack() as stack:
        owner = stack.enter_context(psycopg.connect(address, autocommit=True))
        owner.execute("create unlogged table append_lists (key text primary key, elements bigint[] not null)")
        stack.callback(owner.execute, "drop table append_lists")
        room = Room(address, [])
        stack.callback(_close, room)
        room.connections += [_connected(address) for _ in range(count)]
        yield room


def random_transaction(
    rng: random.Random, keys: Sequence[str], most: int, values: dict[str, Iterator[int]]
) -> list[list[Any]]:
    """Draw the micro-operations of one transaction: half of them appends, each of the next value of its key."""
    chosen = [(rng.random() < 0.5, rng.choice(keys)) for _ in range(rng.randint(1, most))]
    return [["append", key, next(values[key])] if appends else ["r", key, None] for appends, key in chosen]


def record(
    room: Room, isolation: str, *, seed: int, transactions: int = 4, keys: int = 3, most: int = 4, tries: int = 3
) -> Recorded:
    """Let each client run transactions, and write down what was asked and answered.

    What is asked follows from the seed; who is faster does not.

    Parameters
    ----------
    room : Room
        The clients.
    isolation : str
        One of `LEVELS`.
    seed : int
        Of what is asked.
    transactions : int
        How many each client runs; those that are tried again are not counted.
    keys : int
        How many lists there are; the fewer, the more often clients meet.
    most : int
        Micro-operations of a transaction, at most.
    tries : int
        How often a transaction is begun before the client gives up.
    """
    log = _Log(f"{next(room.histories)}.", [f"k{number}" for number in range(keys)])
    start = threading.Barrier(len(room.connections))
    faults: list[BaseException] = []

    def run(client: int) -> None:
        rng = random.Random(f"{seed} {client}")
        try:
            start.wait()
            for _ in range(transactions):
                _run(room, client, LEVELS[isolation], log, rng, most, tries)
        except BaseException as error:  # noqa: BLE001 - it is raised where the threads are waited for
            faults.append(error)

    threads = [threading.Thread(target=run, args=(client,)) for client in range(len(room.connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return Recorded(log.events, log.retries, log.given_up)


def play(room: Room, isolation: str, asked: Sequence[Sequence[Sequence[Any]]], turns: Sequence[int]) -> Recorded:
    """Run one transaction of each client in an order that is given, a step at a time.

    Parameters
    ----------
    room : Room
        The clients.
    isolation : str
        One of `LEVELS`.
    asked : sequence
        For each client the micro-operations of its transaction.
    turns : sequence of int
        Whose turn it is: a turn is a micro-operation, and after the last one the commit. An append that would have to
        wait for another transaction is rolled back after `LOCK_WAIT`, and the turns that its client still has are void.

    Raises
    ------
    ValueError
        If a client has fewer turns than it needs.
    """
    short = [client for client, does in enumerate(asked) if turns.count(client) <= len(does)]
    if short:
        raise ValueError(f"client {short[0]} needs a turn for each micro-operation, and one to commit")
    log = _Log(f"{next(room.histories)}.", [])
    plans = [[list(one) for one in does] for does in asked]
    running = {client: _steps(room.connections[client], LEVELS[isolation], client, log, plans[client])
               for client in range(len(plans))}  # fmt: skip
    for client in turns:
        next(running[client], None)
    return Recorded(log.events, 0, sum(one["type"] == "fail" for one in log.events))


def _steps(
    connection: Connection[TupleRow], level: IsolationLevel, client: int, log: _Log, asked: list[list[Any]]
) -> Iterator[None]:
    """Run a transaction, and stop before each of its steps but the first."""
    log.add(client, "invoke", asked)
    connection.isolation_level = level
    answered: list[list[Any]] = []
    try:
        with connection.transaction():
            for one in asked:
                answered.append(_done(connection, one, log.prefix))
                yield
    except psycopg.Error as error:
        if error.sqlstate not in ROLLED_BACK:
            raise
        log.add(client, "fail", asked)
    else:
        log.add(client, "ok", answered)


class _Log:
    """What the clients of one history share: its keys, the next value of each, and what has happened."""

    def __init__(self, prefix: str, keys: list[str]) -> None:
        self.prefix, self.keys = prefix, keys
        self.values: dict[str, Iterator[int]] = {key: itertools.count(1) for key in keys}
        self.events: list[dict[str, Any]] = []
        self.retries = self.given_up = 0
        self.lost: dict[int, int] = {}
        self.lock = threading.Lock()

    def add(self, process: int, kind: str, value: list[list[Any]]) -> None:
        with self.lock:
            self.events.append({"process": process, "type": kind, "f": "txn", "value": value})


def _run(room: Room, client: int, level: IsolationLevel, log: _Log, rng: random.Random, most: int, tries: int) -> None:
    """Run one transaction until it is through, unknown, or given up."""
    for attempt in range(1, tries + 1):
        process = client + len(room.connections) * log.lost.get(client, 0)
        with log.lock:  # two clients draw no value twice
            asked = random_transaction(rng, log.keys, most, log.values)
        log.add(process, "invoke", asked)
        try:
            answered = _attempt(room.connections[client], level, asked, log.prefix)
        except psycopg.Error as error:
            if error.sqlstate in ROLLED_BACK:
                log.add(process, "fail", asked)
                with log.lock:
                    log.retries, log.given_up = log.retries + (attempt < tries), log.given_up + (attempt == tries)
                continue
            if not room.connections[client].closed:
                raise
            log.add(process, "info", asked)  # the connection is lost: nobody knows, and the process is somebody new
            with log.lock:
                log.lost[client] = log.lost.get(client, 0) + 1
            room.connections[client] = _connected(room.address)
        else:
            log.add(process, "ok", answered)
        return


def _attempt(
    connection: Connection[TupleRow], level: IsolationLevel, asked: list[list[Any]], prefix: str
) -> list[list[Any]]:
    connection.isolation_level = level
    with connection.transaction():
        return [_done(connection, one, prefix) for one in asked]


def _done(connection: Connection[TupleRow], one: list[Any], prefix: str) -> list[Any]:
    f, key, value = one
    if f == "append":
        connection.execute(APPEND, [prefix + key, value])
        return [f, key, value]
    row = connection.execute(READ, [prefix + key]).fetchone()
    return [f, key, list(row[0]) if row else []]


def _close(room: Room) -> None:
    for one in room.connections:
        one.close()


def _connected(address: str) -> Connection[TupleRow]:
    connection = psycopg.connect(address, autocommit=True)
    connection.execute(f"set lock_timeout = '{LOCK_WAIT}'")
    return connection
