"""What the counts come to in time, on a real PostgreSQL at an injected distance, in multiples of one round trip."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from companion.calls.network_tax.queries import people
from companion.calls.network_tax.queries.graph import Answer, Distant, Loaders, Naive, execute, tables
from companion.calls.network_tax.queries.virtual import apart
from companion.calls.network_tax.queries.watched import Watched, watched_database
from companion.proxy import Faults

DELAY = 0.005
"""Seconds each way: a round trip takes twice as long, as between neighbouring regions of a provider."""

Rows = AsyncConnection[tuple[Any, ...]]


def loading_times(database: Watched) -> dict[str, float]:
    """Time the ways to load everybody, in round trips."""
    took: dict[str, float] = {}
    for loader in ("lazy", "selectin", "joined"):
        waited: list[float] = []

        def work(session: Any, loader: str = loader, waited: list[float] = waited) -> None:
            begun = time.perf_counter()
            people.visit(session, loader)
            waited.append(time.perf_counter() - begun)

        database.count(work)
        took[loader] = waited[0] / (2 * DELAY)
    return took


class Remote(Distant):
    """PostgreSQL in the place of the rows in memory, and a pool of real connections to it."""

    def __init__(self, connections: AsyncConnectionPool[Rows]) -> None:
        super().__init__(tables(0))
        self.connections = connections

    async def ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask over a connection of the pool."""
        async with self.connections.connection() as connection:
            self.queries += 1
            cursor = await connection.execute(question.replace("?", "%s").encode(), values)
            return await cursor.fetchall()


async def timed_request(address: str, pool: int, loaders: bool) -> tuple[Answer, float]:
    """Answer one request from a real pool, and time it in seconds once all its connections are there."""
    options = {"autocommit": True}
    async with AsyncConnectionPool[Rows](
        address, min_size=pool, max_size=pool, open=False, kwargs=options
    ) as connections:
        await connections.wait()
        database = Remote(connections)
        begun = time.perf_counter()
        answer = await execute(database, Loaders(database) if loaders else Naive(database))
        took = time.perf_counter() - begun
        database.rows.close()
        return answer, took


def graph_times(database: Watched) -> dict[str, float]:
    """Time GraphQL requests with pools of real connections, in round trips."""
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def seconds(pool: int, loaders: bool) -> float:
        return asyncio.run(timed_request(f"{address}?sslmode=disable", pool, loaders))[1]

    return {
        name: apart(partial(seconds, pool, loaders)) / (2 * DELAY)
        for name, pool, loaders in (("naive, pool 10", 10, False), ("naive, pool 30", 30, False), ("loader", 10, True))
    }


def query_times() -> dict[str, float]:
    """Time everything once, in round trips, after all of it has run without a delay: compiling is not the network's."""
    with watched_database() as database:
        people.fill(database.engine, 100)
        loading_times(database)
        graph_times(database)
        database.between.faults = Faults(delay=DELAY)
        return loading_times(database) | graph_times(database)


__all__ = ["DELAY", "Remote", "graph_times", "loading_times", "query_times", "timed_request"]
