"""A hundred clients for a minute, who do not wait for each other: all of them are answered, and nothing grows."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from companion.services.database import add_tenant, as_tenant, connect
from companion.services.documents import add_documents
from companion.services.mcp.access import READ, WRITE
from companion.services.mcp.conversation import headers, request
from companion.services.mcp.service import AUDIENCE
from companion.services.tenancy.keys import open_issuer
from tests.services.mcp.conftest import Place
from tests.services.mcp.test_serve_mcp import Running, started

pytestmark = pytest.mark.soak

CLIENTS, SECONDS, EVERY = 100, 60.0, 2.0
"""Each client calls once in so many seconds, on average."""

WARM = 20.0
MOST_GROWTH = 4000
"""Kilobytes of resident memory, from the end of the warming up to the end of all."""


@dataclass(frozen=True)
class Outcome:
    """A call: when it was due, how long after that its answer was there, and what was wrong with it."""

    due: float
    took: float
    fault: str


@pytest.fixture
def served(place: Place, tmp_path: Path) -> Iterator[tuple[Running, dict[UUID, list[UUID]]]]:
    """Give a server of ten tenants with ten documents each."""
    pages = [(f"Page {number}", f"Refunds of kind {number} take {number} days. " * 20) for number in range(10)]
    there: dict[UUID, list[UUID]] = {}
    for _ in range(10):
        tenant = uuid4()
        with connect(place.database.admin) as admin:
            add_tenant(admin, "an office", tenant)
        with connect(place.database.app) as connection, as_tenant(connection, tenant):
            there[tenant] = add_documents(connection, pages)
    with started(tmp_path / "keys", "--database", place.database.admin) as running:
        yield running, there


def drawn(rng: random.Random, documents: list[UUID]) -> tuple[str, dict[str, str]]:
    """Draw a call, and its arguments."""
    (tool,) = rng.choices(["search_documents", "get_document", "list_documents", "hybrid_search"], [60, 20, 15, 5])
    return tool, {
        "search_documents": {"query": f"refunds of kind {rng.randrange(10)}"},
        "get_document": {"id": str(rng.choice(documents))},
        "list_documents": {},
        "hybrid_search": {"query": f"how long for kind {rng.randrange(10)}?"},
    }[tool]


async def one_client(running: Running, tenant: UUID, documents: list[UUID], number: int, began: float) -> list[Outcome]:
    """Send a client's calls when each is due, and not when the one before has been answered."""
    rng = random.Random(number)
    token = open_issuer(running.keys).token(tenant, f"user {number}", [READ, WRITE], AUDIENCE, 600)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as web:

        async def call(due: float) -> Outcome:
            tool, arguments = drawn(rng, documents)
            message = request("tools/call", name=tool, arguments=arguments)
            said = headers(message) | {"authorization": f"Bearer {token}"}
            try:
                answer = await web.post(running.url, json=message, headers=said)
                fault = "" if answer.status_code == 200 and not answer.json()["result"]["isError"] else answer.text
            except httpx.HTTPError as error:
                fault = repr(error)
            return Outcome(due - began, time.monotonic() - due, fault)

        due, calls = began + rng.uniform(0, EVERY), []
        while due < began + SECONDS:
            await asyncio.sleep(max(0, due - time.monotonic()))
            calls.append(asyncio.create_task(call(due)))
            due += rng.expovariate(1 / EVERY)
        return await asyncio.gather(*calls)


def state_of(process: int) -> dict[str, int]:
    """Give the kilobytes that a process has in memory, its threads, and its open files."""
    lines = Path(f"/proc/{process}/status").read_text().split("\n")
    said = {name: value for name, _, value in (line.partition(":") for line in lines)}
    files = sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
    return {"kB": int(said["VmRSS"].split()[0]), "threads": int(said["Threads"]), "files": files}


async def everybody(
    running: Running, there: dict[UUID, list[UUID]]
) -> tuple[list[Outcome], list[tuple[float, dict[str, int]]]]:
    began, states = time.monotonic() + 0.5, list[tuple[float, dict[str, int]]]()

    async def look() -> None:
        while True:
            states.append((time.monotonic() - began, state_of(running.process.pid)))
            await asyncio.sleep(1)

    looking = asyncio.create_task(look())
    offices = list(there.items())
    clients = [one_client(running, *offices[number % len(offices)], number, began) for number in range(CLIENTS)]
    outcomes = [outcome for of_one in await asyncio.gather(*clients) for outcome in of_one]
    looking.cancel()
    return outcomes, states


def test_a_hundred_clients_for_a_minute_are_answered_and_nothing_grows(
    served: tuple[Running, dict[UUID, list[UUID]]],
) -> None:
    running, there = served
    idle = state_of(running.process.pid)
    outcomes, states = asyncio.run(everybody(running, there))
    took = sorted(1000 * outcome.took for outcome in outcomes if outcome.due > WARM)
    at = statistics.quantiles(took, n=1000)
    print(
        f"{len(outcomes)} calls, {len(outcomes) / SECONDS:.1f}/s; ms from when they were due: "
        f"median {at[499]:.1f}, 95 % {at[949]:.1f}, 99 % {at[989]:.1f}, longest {took[-1]:.1f}"
    )
    print(f"before: {idle}")
    for seconds, state in states[::10]:
        print(f"{seconds:4.0f} s: {state}")
    faults = [outcome.fault for outcome in outcomes if outcome.fault]
    assert faults == []
    assert len(outcomes) > 0.8 * CLIENTS * SECONDS / EVERY
    warm = min((state for seconds, state in states if seconds > WARM), key=lambda state: state["kB"])
    assert states[-1][1]["kB"] - warm["kB"] < MOST_GROWTH
    until = time.monotonic() + 60
    while state_of(running.process.pid)["files"] > idle["files"] + 4:  # the pool has grown to its size, and no more
        assert time.monotonic() < until
        time.sleep(0.1)
