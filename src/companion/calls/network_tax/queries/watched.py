"""A PostgreSQL at a distance, and what a piece of work asks of it: queries, round trips and bytes.

    with watched_database() as database:
        bill = database.count(lambda session: session.scalars(select(User)).all())

The driver talks to the server through `companion.proxy`, which counts and, if it is told to, delays. SQLAlchemy says
when it sends a query; the driver sends some of its own, as BEGIN, which only the proxy sees.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from companion.proxy import Piece, Proxy, proxy
from companion.services.database import running

Result = TypeVar("Result")


@dataclass(frozen=True)
class Bill(Generic[Result]):
    """What a piece of work has cost.

    Attributes
    ----------
    result : object
        What it returned.
    queries : int
        How many SQLAlchemy sent.
    round_trips : int
        How often the driver waited for the server: for these and for what it sends of its own. That is BEGIN and
        ROLLBACK, once for each statement that it prepares, and DEALLOCATE if there was one.
    bytes_down : int
        What the server sent, the protocol's own bytes included.
    """

    result: Result
    queries: int
    round_trips: int
    bytes_down: int


@dataclass(frozen=True)
class Watched:
    """A database whose conversation is listened to.

    Attributes
    ----------
    engine : Engine
        Connected through the proxy.
    between : Proxy
        The proxy; set its faults to delay.
    """

    engine: Engine
    between: Proxy

    def count(self, work: Callable[[Session], Result]) -> Bill[Result]:
        """Let a piece of work run in a session on a new connection, and count.

        A new one, since a driver prepares what its connection has seen five times, and then asks with fewer bytes. How
        it came about, password and all, is not counted.
        """
        self.engine.dispose()
        with self.engine.connect():  # it goes back into the pool, from which the session takes it
            pass
        begun = len(self.between.pieces)
        connection = max(piece.connection for piece in self.between.pieces)
        with _counted(self.engine) as statements, Session(self.engine) as session:
            result = work(session)
        pieces = [piece for piece in self.between.pieces[begun:] if piece.connection == connection]
        down = sum(len(piece.data) for piece in pieces if piece.direction == "to client")
        return Bill(result, len(statements), turns(pieces), down)


def ask(session: Session, question: str, *values: Any) -> list[Any]:
    """Ask in SQL, in the driver's own words."""
    return list(session.connection().exec_driver_sql(question, values))


def turns(pieces: Sequence[Piece]) -> int:
    """Count how often the server's turn follows the client's, on a connection where each waits for the other."""
    sides = ["to client", *(piece.direction for piece in pieces)]
    return sum(before != after == "to client" for before, after in pairwise(sides))


@contextlib.contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    """List the statements that an engine sends while the context lasts."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextlib.contextmanager
def watched_database() -> Iterator[Watched]:
    """Run an empty PostgreSQL behind a proxy while the context lasts.

    Raises
    ------
    NotInstalled
        If PostgreSQL is not here.
    """
    with running() as server:
        url = make_url(server.address).set(drivername="postgresql+psycopg")
        assert url.host is not None and url.port is not None
        with proxy((url.host, url.port)) as between:
            host, port = between.address
            engine = create_engine(url.set(host=host, port=port), connect_args={"sslmode": "disable"})
            try:
                yield Watched(engine, between)
            finally:
                engine.dispose()


__all__ = ["Bill", "Watched", "ask", "turns", "watched_database"]
