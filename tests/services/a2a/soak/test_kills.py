"""A thousand tasks, whose servers and whose database are killed meanwhile."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from companion.services.a2a.client import Caller
from companion.services.a2a.errors import CallFailed
from companion.services.a2a.laboratory import kills, own
from companion.services.a2a.laboratory.kills import Storm
from companion.services.a2a.laboratory.worker import REGIMES, Regime
from companion.services.database import Database, as_tenant, connect, open_database, prepare
from companion.services.database.server import locked, start, stop

pytestmark = pytest.mark.soak
TASKS = 1000
SECONDS = 900


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_each_regime_is_worth_in_a_storm(regime: Regime, seed: int) -> None:
    with open_database() as database:
        told = kills.storm(database, regime, Storm(1.0, 1.5, 1.6, seed), tasks=TASKS)
    assert told.kills > 3 and told.pauses > 1
    if regime == "no lease":
        assert 0 < told.lost <= told.kills, "at most one for each kill"
    else:
        assert told.lost == 0
    if "fence" in regime:
        assert told.completed_twice == 0
    if "key" in regime:
        assert told.effects_twice == 0


class Senders:
    """Callers who send tasks to all servers in turn, again and again until they are told that a task is there."""

    def __init__(self, caller: Caller, count: int) -> None:
        self.caller, self.numbers, self.lock = caller, iter(range(count)), threading.Lock()
        self.tasks: dict[int, str] = {}

    def send(self) -> None:
        while (number := self._next()) is not None:
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                with contextlib.suppress(CallFailed):  # no server answers, or none has its database
                    self.tasks[number] = self.caller.send("mail", number=f"task-{number}")["id"]
                    break
                time.sleep(0.2)

    def _next(self) -> int | None:
        with self.lock:
            return next(self.numbers, None)


@contextlib.contextmanager
def killing(servers: list[own.Process], seed: int) -> Iterator[list[int]]:
    """Kill a server every second or so, and start it again a moment later."""
    dice, done, kills = random.Random(seed), threading.Event(), []

    def kill() -> None:
        while not done.wait(dice.expovariate(1 / 2.5)):
            victim = dice.choice(servers)
            victim.kill()
            kills.append(1)
            done.wait(0.5)
            victim.start()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield kills
    finally:
        done.set()
        thread.join()


def test_a_thousand_tasks_while_servers_and_the_database_are_killed() -> None:
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="companion-soak-")))
        place.chmod(0o711)
        folder = place / "mails"
        folder.mkdir()
        home = stack.enter_context(locked(place / "database"))
        postgres = start(home)
        database = Database(postgres.address, prepare(postgres.address))
        world = own.new_world(database)
        servers = stack.enter_context(own.processes(world, 3, lease=1.5, folder=str(folder)))
        senders = Senders(Caller([each.url for each in servers], world.token()), TASKS)
        threads = [threading.Thread(target=senders.send) for _ in range(8)]
        with killing(servers, seed=1) as killed:
            for thread in threads:
                thread.start()
            for _ in range(3):
                time.sleep(8)
                os.kill(postgres.pid, signal.SIGKILL)
                postgres.process.wait()
                postgres = start(home, postgres.port)
            for thread in threads:
                thread.join()
        try:
            left, until = TASKS, time.monotonic() + SECONDS
            while left and time.monotonic() < until:
                with contextlib.suppress(psycopg.OperationalError):
                    left = _open(database, world)
                time.sleep(0.5)
            assert left == 0, f"{left} tasks are not over"
            with connect(database.app) as connection, as_tenant(connection, world.tenant):
                rows = connection.execute("select state, count(*) from tasks group by state").fetchall()
                completions = Counter(
                    task for (task,) in connection.execute(
                        "select task_id from events where data #>> '{status,state}' = 'completed'"
                    )
                )  # fmt: skip
            assert rows == [("completed", TASKS)], "each message made one task, and none is lost"
            assert set(completions.values()) == {1}, "none was completed twice"
            assert len(set(senders.tasks.values())) == TASKS
            assert len(list(folder.iterdir())) == TASKS, "each effect once"
            assert len(killed) > 5
            print(f"{TASKS} tasks done, while servers were killed {len(killed)} times and PostgreSQL 3 times")
        finally:
            stop(postgres)


def _open(database: Database, world: own.World) -> int:
    with connect(database.app) as connection, as_tenant(connection, world.tenant):
        found = connection.execute("select count(*) from tasks where state in ('submitted', 'working')").fetchone()
    return int(found[0]) if found else 0
