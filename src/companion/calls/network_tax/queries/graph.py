"""A GraphQL server over a database at a distance: one query for each field of each row, or a loader's batches.

The server is strawberry's, on asyncio. The database is SQLite in this process, put one round trip away: a query has a
connection of the pool for as long as the clock of `virtual` takes to say 1. What comes out is counted in round trips.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from companion.calls.network_tax.queries.people import COMMENTS, POSTS
from companion.calls.network_tax.queries.virtual import timed

USERS = 100
PLENTY = 1_000
"""A pool that nobody waits for. PostgreSQL has 100 connections unless it is told otherwise."""

WORDS = {"posts": "title", "comments": "words", "profiles": "about"}
"""What a row of each table says."""

EVERYTHING = "{ users { id name posts comments profile } }"
TEN_TIMES = "{" + " ".join(f"a{n}: users {{ id posts }}" for n in range(10)) + "}"
"""One request that asks for the same ten times, each under another name."""

Batch = Callable[[list[int]], Awaitable[Sequence[Any]]]


def tables(users: int = USERS) -> sqlite3.Connection:
    """Make the tables of `people` in memory."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)  # `timed` runs in a thread of its own
    connection.execute("create table users (id integer primary key, name text)")
    connection.executemany("insert into users values (?, ?)", ((n, f"user {n}") for n in range(1, users + 1)))
    for (table, word), each in zip(WORDS.items(), (POSTS, COMMENTS, 1), strict=True):
        connection.execute(f"create table {table} (id integer primary key, user_id integer, {word} text)")
        rows = ((n // each + 1, f"{word} {n // each + 1}.{n % each + 1}") for n in range(users * each))
        connection.executemany(f"insert into {table} (user_id, {word}) values (?, ?)", rows)
    return connection


@dataclass
class Distant:
    """A database one round trip away, behind a pool of connections.

    Attributes
    ----------
    rows : sqlite3.Connection
        What it holds.
    pool : int
        How many queries can be under way at once.
    queries, most : int
        How many there were, and how many at once at most.
    """

    rows: sqlite3.Connection
    pool: int = PLENTY
    queries: int = 0
    most: int = 0
    under_way: int = 0
    free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.free = asyncio.Semaphore(self.pool)

    async def ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask, and have the answer a round trip later."""
        async with self.free:
            self.queries += 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            answer = self.rows.execute(question, values).fetchall()
            await asyncio.sleep(1)
            self.under_way -= 1
        return answer

    async def by_users(self, table: str, keys: Sequence[int]) -> list[list[str]]:
        """Ask for the rows of several users at once: a batch function, with a list for each key in the keys' order."""
        found: dict[int, list[str]] = {key: [] for key in keys}
        marks = ",".join("?" * len(keys))
        question = f"select user_id, {WORDS[table]} from {table} where user_id in ({marks}) order by id"
        for user, words in await self.ask(question, *keys):
            found[user].append(words)
        return [found[key] for key in keys]


@dataclass
class Naive:
    """Asks for the rows of one user."""

    database: Distant

    async def load(self, table: str, user: int) -> list[str]:
        """Ask for one."""
        (rows,) = await self.database.by_users(table, [user])
        return rows


class Loaders:
    """Collects what is asked for, for one request, and asks for it together.

    Parameters
    ----------
    database : Distant
        Where.
    max_batch_size : int, optional
        How many users one query may ask for.
    batches : mapping of str to callable, optional
        Batch functions for some tables, in place of the right ones.
    """

    def __init__(
        self, database: Distant, max_batch_size: int | None = None, batches: Mapping[str, Batch] | None = None
    ) -> None:
        def batch(table: str) -> Batch:
            async def rows(keys: list[int]) -> list[list[str]]:
                return await database.by_users(table, keys)

            return (batches or {}).get(table, rows)

        self.loaders = {table: DataLoader(batch(table), max_batch_size=max_batch_size) for table in WORDS}

    async def load(self, table: str, user: int) -> Any:
        """Wait for the batch that this one goes with."""
        return await self.loaders[table].load(user)


class Asking(Loaders):
    """Asks for each user, before it loads, whether they may be seen."""

    def __init__(self, database: Distant) -> None:
        super().__init__(database)
        self.database = database

    async def load(self, table: str, user: int) -> Any:
        """Wait for something else before joining the batch."""
        await self.database.ask("select 1 from users where id = ?", user)
        return await super().load(table, user)


@strawberry.type
class Person:
    """A user, as the schema shows one."""

    id: int
    name: str

    @strawberry.field
    async def posts(self, info: strawberry.Info[Any, None]) -> list[str]:
        """Give the titles of their posts."""
        return await _load(info, "posts", self.id)

    @strawberry.field
    async def comments(self, info: strawberry.Info[Any, None]) -> list[str]:
        """Give their comments."""
        return await _load(info, "comments", self.id)

    @strawberry.field
    async def profile(self, info: strawberry.Info[Any, None]) -> str | None:
        """Give what they say of themselves, if they do."""
        rows = await _load(info, "profiles", self.id)
        return rows[0] if rows else None


async def _load(info: strawberry.Info[Any, None], table: str, user: int) -> list[str]:
    rows: list[str] = await info.context["source"].load(table, user)
    return rows


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    async def users(self, info: strawberry.Info[Any, None]) -> list[Person]:
        """Give everybody, the newest first."""
        rows = await info.context["database"].ask("select id, name from users order by id desc")
        return [Person(id=user, name=name) for user, name in rows]


class Silent(strawberry.Schema):
    """Leaves errors to the answer; strawberry would also print each, with its way through the libraries."""

    def process_errors(self, errors: list[Any], execution_context: Any = None) -> None:
        """Write no log."""


SCHEMA = Silent(query=Query)


@dataclass(frozen=True)
class Answer:
    """What a request has brought and taken.

    Attributes
    ----------
    data : dict or None
        What the server answered.
    errors : list of str
        What it said went wrong.
    queries : int
        How many it sent to its database.
    most : int
        How many of them were under way at once.
    round_trips : float
        How long it took, in round trips to the database.
    """

    data: Mapping[str, Any] | None
    errors: list[str]
    queries: int
    most: int
    round_trips: float


async def execute(database: Distant, source: Any, question: str = EVERYTHING) -> Answer:
    """Answer one request, on a loop that runs already."""
    begun, queries = asyncio.get_running_loop().time(), database.queries
    told = await SCHEMA.execute(question, context_value={"database": database, "source": source})
    took = round(asyncio.get_running_loop().time() - begun, 6)
    errors = [error.message for error in told.errors or []]
    return Answer(told.data, errors, database.queries - queries, database.most, took)


def request(
    source: Callable[[Distant], Any],
    question: str = EVERYTHING,
    *,
    pool: int = PLENTY,
    rows: sqlite3.Connection | None = None,
) -> Answer:
    """Answer one request on the clock that jumps.

    Parameters
    ----------
    source : callable
        `Naive`, `Loaders` or `Asking`: given the database, something with their `load`.
    question : str
        In GraphQL.
    pool : int
        How many connections the server has.
    rows : sqlite3.Connection, optional
        What the database holds; by default fresh `tables`.
    """
    with contextlib.nullcontext(rows) if rows else contextlib.closing(tables()) as held:

        async def program() -> Answer:
            database = Distant(held, pool)
            return await execute(database, source(database), question)

        return timed(program())[0]


__all__ = ["EVERYTHING", "PLENTY", "TEN_TIMES", "Answer", "Asking", "Distant", "Loaders", "Naive", "execute"]
__all__ += ["request", "tables"]
