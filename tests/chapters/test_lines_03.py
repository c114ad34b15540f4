"""Chapter 3: what stands on the page as code does what the package does."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.concurrency import races, serverless
from companion.calls.concurrency.durable.journal import Journal, Step
from companion.calls.concurrency.durable.replay import NonDeterminism, run
from companion.calls.concurrency.load import load
from companion.calls.concurrency.load.plan import percentile
from companion.calls.concurrency.servers.exercises import closed_loop
from companion.calls.concurrency.servers.process import running
from companion.calls.concurrency.supervisor.scripted import Clock, Scripted
from companion.calls.concurrency.supervisor.supervisor import STRATEGIES, Supervisor

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "03-concurrency.ipynb", 4).cells
}


def page(cell: str, until: str = "\0") -> dict[str, Any]:
    """Run a cell as far as some words, and give what it has defined."""
    names: dict[str, Any] = {}
    exec(CELLS[cell].partition(until)[0], names)
    return names


LOOPS = page("srv-loops")
SUPERVISE = page("sup-loop")["supervise"]
GROUPS = {
    "one_for_one": lambda team, dead: team[dead : dead + 1],
    "one_for_all": lambda team, dead: team,
    "rest_for_one": lambda team, dead: team[dead:],
}
REPLAY = page("sup-replay")["replay"]


def second_served_after_the_first(clients: Sequence[socket.socket], request: bytes) -> bool:
    """Send a request each; say whether the second client hears nothing until the first has closed."""
    first, second = clients
    for client in clients:
        client.settimeout(20)
        client.sendall(request)
        if client is first:
            assert first.recv(1000)
    second.settimeout(0.2)
    with pytest.raises(TimeoutError):
        second.recv(1000)
    second.settimeout(20)
    first.close()
    with second:
        return second.recv(1000) != b""


def test_the_worker_on_the_page_owns_its_connection_as_the_packages_does() -> None:
    waiting: queue.Queue[socket.socket | None] = queue.Queue()
    thread = threading.Thread(target=page("srv-worker", until="waiting = ")["worker"], args=(waiting,))
    thread.start()
    pairs = [socket.socketpair(), socket.socketpair()]
    for _, server in pairs:
        waiting.put(server)
    waiting.put(None)
    assert second_served_after_the_first([client for client, _ in pairs], b"hello")
    thread.join(20)
    assert not thread.is_alive()
    with running("pool", workers=1) as pool:
        clients = [socket.create_connection((pool.host, pool.port)) for _ in range(2)]
        assert second_served_after_the_first(clients, b"GET / HTTP/1.1\r\nHost: here.example\r\n\r\n")


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40), st.integers(1, 100))
@settings(max_examples=50, deadline=None)
def test_the_percentile_on_the_page_is_the_packages(values: list[int], percent: int) -> None:
    assert LOOPS["percentile"](values, percent) == percentile(values, percent)


def test_the_closed_loop_on_the_page_is_the_exercises() -> None:
    assert LOOPS["closed"] == [(sent, done - sent) for sent, done in closed_loop(2000, 2500)]


def test_both_open_loops_count_what_a_request_waited_before_it_could_be_sent() -> None:
    open_loop = page("srv-open-idea", until="waits = ")["open_loop"]

    async def one_at_a_time() -> list[float]:
        turn = asyncio.Lock()

        async def request() -> None:
            async with turn:
                await asyncio.sleep(0.05)

        return list(await open_loop(request, [0.0, 0.01]))

    with running("loop") as server:
        report = load(server.url("ms=50"), rate=100, seconds=0.02, connections=1, timeout=30)
    for latencies in (asyncio.run(one_at_a_time()), report.latencies):
        assert len(latencies) == 2
        assert latencies[0] >= 0.049
        assert latencies[1] >= 0.089  # 50 ms for each of the two, less the 10 ms by which it was planned later


def test_every_order_of_two_increments_ends_on_the_page_as_in_the_package() -> None:
    names = page("race-orders", until="print(")
    for steps in range(1, 5):

        def increment(shared: list[int], steps: int = steps) -> Generator[None]:
            seen = shared[0]
            for _ in range(steps - 1):
                yield
            shared[0] = seen + 1

        assert Counter(names["totals"](increment, steps)) == races.interleavings(increment, steps)
    assert Counter(names["totals"](names["increment"], 2)) == {1: 4, 2: 2}


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_the_bill_on_the_page_is_the_packages(work: list[int]) -> None:
    assert page("race-bill", until="print(")["bill"](work) == serverless.bills(work)


def test_the_groups_on_the_page_are_the_packages_strategies() -> None:
    groups = page("sup-strategies", until="starts = ")["groups"]
    assert set(groups) == set(STRATEGIES) == set(GROUPS)
    for name, group in groups.items():
        for dead in range(4):
            assert group(range(4), dead) == STRATEGIES[name](dead, 4) == GROUPS[name](range(4), dead)


@given(
    st.sampled_from(sorted(STRATEGIES)),
    st.integers(0, 3),
    st.integers(0, 20),
    st.lists(st.lists(st.integers(0, 9), max_size=5), min_size=1, max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_the_supervisor_on_the_page_does_what_the_packages_does(
    strategy: str, restarts: int, within: int, lives: list[list[int]]
) -> None:
    seen = []
    for ours in (True, False):
        clock = Clock()
        team = [Scripted(str(number), clock, line, starting=1) for number, line in enumerate(lives)]
        if ours:
            boss = Supervisor(team, strategy, restarts=restarts, within=within, clock=clock)
            boss.start()
        else:
            loop = SUPERVISE(team, GROUPS[strategy], restarts, within, clock)
            next(loop)
        ended = False
        for now in range(60):
            clock.now = max(clock.now, now)
            for _ in range(4):  # as many deaths as there may be at once
                if ours:
                    boss.step()
                    ended = boss.gave_up
                else:
                    ended = ended or next(loop, "ended") == "ended"
        seen.append((ended, [child.spans for child in team]))
    assert seen[0] == seen[1]


def journey(amounts: Sequence[int]) -> Generator[tuple[str, int], int, list[int]]:
    receipts = []
    for amount in amounts:
        receipts.append((yield "charge", amount))
    return receipts


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5), st.data())
@settings(max_examples=40, deadline=None)
def test_the_replay_on_the_page_goes_on_where_the_packages_does(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[int], data: st.DataObject
) -> None:
    done = data.draw(st.integers(0, len(amounts)))
    asked = data.draw(st.sampled_from([amounts, [*amounts[:-1], 9]]))
    history: list[list[Any]] = [["charge", amount, 100 + amount] for amount in amounts[:done]]
    outcomes = []
    with Journal(tmp_path_factory.mktemp("replay") / "journal", sync=False) as journal:
        for kind, argument, result in history:
            journal.append(Step(kind, argument, result))
        for ours in (True, False):
            performed: list[int] = []

            def perform(kind: str, amount: int, name: str = "", performed: list[int] = performed) -> int:
                performed.append(amount)
                return 100 + amount

            try:
                result = run(journey(asked), journal, perform) if ours else REPLAY(journey(asked), history, perform)
            except (NonDeterminism, RuntimeError):
                result = "refused"
            outcomes.append((result, performed))
        assert outcomes[0] == outcomes[1]
        assert [[step.kind, step.argument, step.result] for step in journal.steps] == history
