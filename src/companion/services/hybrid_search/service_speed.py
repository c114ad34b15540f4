"""What the library adds to its own statement: a pool, a tenant's transaction, checks and snippets.

The statement is the same both ways, and run in a transaction that is the tenant's both ways. One client asks by turns,
so that what else the machine does falls on both; then four ask at once, each again as soon as it is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from statistics import median
from time import perf_counter
from typing import Any

from psycopg import Connection

from companion.services.database import Database, Pool, as_tenant, connect, open_database, open_pool
from companion.services.hybrid_search.many_tenants import Crowd, crowd, write
from companion.services.hybrid_search.measurements import SEED, SIZES, TENTH
from companion.services.hybrid_search.search import SEARCH, hybrid_search, parameters

CLIENTS = 4
ASKED = 100


def service_speed() -> Mapping[str, float]:
    """Measure both ways at 50,000 documents, as a tenant that has a tenth of them.

    Returns
    -------
    mapping
        Milliseconds and calls a second of each way, and two ratios: the library's 95th percentile over the statement's,
        and its rate over the statement's.
    """
    people = crowd(SIZES, SEED, questions=ASKED)
    with open_database() as database, connect(database.admin) as admin:
        write(admin, people)
        with open_pool(database.app, size=CLIENTS) as pool:
            return compare_ways(database, pool, people, TENTH)


def compare_ways(database: Database, pool: Pool, people: Crowd, tenant: int) -> dict[str, float]:
    """Ask a crowd's questions both ways."""
    owner = people.tenants[tenant]
    asked = [(f"w{number + 20:04} w{number + 200:04}", vector) for number, vector in enumerate(people.questions)]

    def by_library(number: int) -> None:
        with pool.connection() as connection, as_tenant(connection, owner):
            hybrid_search(connection, *asked[number])

    def by_statement(number: int, connection: Connection[Any]) -> None:
        with as_tenant(connection, owner):
            connection.execute(SEARCH, parameters(*asked[number])).fetchall()

    with ExitStack() as opened:
        free: SimpleQueue[Connection[Any]] = SimpleQueue()
        for _ in range(CLIENTS):
            free.put(opened.enter_context(connect(database.app)))

        def with_a_connection(number: int) -> None:
            connection = free.get()
            by_statement(number, connection)
            free.put(connection)

        ways = {"library": by_library, "statement": with_a_connection}
        times: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(len(asked)):
            for name, way in ways.items():
                begun = perf_counter()
                way(number)
                times[name].append(1000 * (perf_counter() - begun))
        rates = {name: _rate(way, len(asked)) for name, way in ways.items()}

    figures = {f"{name} p95, ms": sorted(taken)[round(0.95 * len(taken)) - 1] for name, taken in times.items()}
    figures |= {f"{name} median, ms": median(taken) for name, taken in times.items()}
    figures |= {f"{name}, a second": rate for name, rate in rates.items()}
    figures["p95 ratio"] = figures["library p95, ms"] / figures["statement p95, ms"]
    figures["rate ratio"] = rates["library"] / rates["statement"]
    return figures


def _rate(way: Callable[[int], None], times: int) -> float:
    with ThreadPoolExecutor(CLIENTS) as clients:
        begun = perf_counter()
        list(clients.map(way, range(times)))
        return times / (perf_counter() - begun)
