"""What a load tester sees of hybrid search over MCP: a server in a process of its own, with 50,000 documents.

First as a tester such as `hey` has it, a closed loop: clients who ask again as soon as they are answered. Then as users
have it: requests at a steady rate, whatever became of those before, their time counted from when they were due.

The clients run on the same machine, in one process of Python, and take a part of its time.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from statistics import fmean, median

import httpx

from companion.services.database import connect, open_database
from companion.services.hybrid_search.many_tenants import crowd, write
from companion.services.hybrid_search.measurements import SEED, SIZES, TENTH
from companion.services.mcp.access import READ
from companion.services.mcp.conversation import call
from companion.services.mcp.service import AUDIENCE
from companion.services.tenancy.keys import open_issuer

CLIENTS = (4, 100)
REQUESTS, WARM = 400, 40
OPEN_CLIENTS, OPEN_SHARE = 64, 0.5
"""How many requests may be on their way at a steady rate, and what share of the closed loop's rate that is."""

TOKEN_SECONDS = 600


def search_load() -> Mapping[str, float]:
    """Load the service's search.

    Returns
    -------
    mapping
        For each number of clients: answers a second, the mean number on their way, and the median, 95th percentile and
        slowest time of an answer in milliseconds. The same times at a steady rate; and the server's memory in MB.
    """
    people = crowd(SIZES, SEED, questions=0)
    with tempfile.TemporaryDirectory() as keys, open_database() as database, connect(database.admin) as admin:
        write(admin, people)
        token = open_issuer(Path(keys)).token(people.tenants[TENTH], "ada", [READ], AUDIENCE, TOKEN_SECONDS)
        with served(database.admin, keys) as (url, process), _clients(token, max(*CLIENTS, OPEN_CLIENTS)) as clients:

            def ask(number: int) -> None:
                web = clients.get()
                words = f"w{20 + number % 200:04} w{200 + number % 700:04}"
                hits = call(web, url, "hybrid_search", {"query": words, "limit": 10}).result["structuredContent"][
                    "hits"
                ]
                clients.put(web)
                if len(hits) != 10:
                    raise RuntimeError(f"{len(hits)} documents were found, not ten")

            closed_loop(ask, max(CLIENTS), WARM)
            figures: dict[str, float] = {}
            for count in CLIENTS:
                rate, times = closed_loop(ask, count, REQUESTS)
                figures |= {f"{count} clients, a second": rate, f"{count} clients, in flight": rate * fmean(times)}
                figures |= _told(f"{count} clients", times)
            steady = OPEN_SHARE * figures[f"{min(CLIENTS)} clients, a second"]
            figures |= {"steady, a second": steady} | _told("steady", open_loop(ask, steady, REQUESTS))
            return figures | {"memory, MB": _resident(process)}


def closed_loop(ask: Callable[[int], object], clients: int, requests: int) -> tuple[float, list[float]]:
    """Let clients ask, each again as soon as it is answered; give their rate, and the seconds of each answer."""

    def one(number: int) -> float:
        begun = time.perf_counter()
        ask(number)
        return time.perf_counter() - begun

    with ThreadPoolExecutor(clients) as waiting:
        begun = time.perf_counter()
        times = list(waiting.map(one, range(requests)))
        return requests / (time.perf_counter() - begun), times


def open_loop(ask: Callable[[int], object], rate: float, requests: int) -> list[float]:
    """Send requests at a steady rate; give the seconds of each, from when it was due to its answer."""
    with ThreadPoolExecutor(OPEN_CLIENTS) as waiting:
        begun = time.perf_counter()

        def one(number: int) -> float:
            due = begun + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            ask(number)
            return time.perf_counter() - due

        return list(waiting.map(one, range(requests)))


def _told(name: str, times: Sequence[float]) -> dict[str, float]:
    ordered = [1000 * one for one in sorted(times)]
    late = ordered[-(-95 * len(ordered) // 100) - 1]
    return {f"{name}, median, ms": median(ordered), f"{name}, p95, ms": late, f"{name}, slowest, ms": ordered[-1]}


@contextlib.contextmanager
def served(database: str, keys: str) -> Iterator[tuple[str, int]]:
    """Run `companion serve mcp` on a database; give its address and its process."""
    command = [sys.executable, "-m", "companion", "serve", "mcp", "--port", "0", "--database", database, "--keys", keys]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            if not said.startswith("ready "):
                raise RuntimeError(f"the server did not start: {json.dumps(said)}")
            yield said.removeprefix("ready ").strip(), process.pid
        finally:
            process.terminate()


@contextlib.contextmanager
def _clients(token: str, count: int) -> Iterator[SimpleQueue[httpx.Client]]:
    """Give clients with a connection each, which stays open, and the same token."""
    with contextlib.ExitStack() as opened:
        free: SimpleQueue[httpx.Client] = SimpleQueue()
        for _ in range(count):
            web = httpx.Client(headers={"authorization": f"Bearer {token}"}, trust_env=False, timeout=60)
            free.put(opened.enter_context(web))
        yield free


def _resident(process: int) -> float:
    """Give a process's resident memory in MB, as Linux tells it."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(float(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS:"))
