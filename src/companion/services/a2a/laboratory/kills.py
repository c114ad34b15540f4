"""What leases, fences and keys are each worth, by workers that are killed and put to sleep.

Four regimes, each one more careful than the last, do the same tasks in processes of their own. In a *story* the workers
stumble at the tasks that are named, each between its effect and its completion, so that the outcome can be foretold. In
a *storm* somebody else kills them and puts them to sleep, whenever the dice say so.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from companion.services.a2a.laboratory import children, worker
from companion.services.a2a.laboratory.worker import REGIMES, Orders, Regime
from companion.services.a2a.tasks import store
from companion.services.database import Database, add_tenant, as_tenant, connect, scratch
from companion.services.database.server import locked

POLL_SECONDS = 0.02
QUIET_LEASES = 8.0
"""After so many leases in which nothing was completed, what is left is lost."""


@dataclass(frozen=True)
class Outcome:
    """What became of the tasks.

    Attributes
    ----------
    tasks, kills, pauses : int
        How many there were.
    lost : int
        Tasks that were never completed.
    completed_twice : int
        Tasks in whose log the completion stands more than once.
    refused : int
        Completions that came too late, and changed nothing.
    effects_twice : int
        Tasks whose effect was had more than once.
    """

    tasks: int
    kills: int
    pauses: int
    lost: int
    completed_twice: int
    refused: int
    effects_twice: int


@dataclass(frozen=True)
class Storm:
    """Kills and pauses by chance.

    Attributes
    ----------
    kill_every, pause_every : float
        Seconds on average from one to the next.
    pause : float
        How long a worker sleeps, in leases.
    seed : int
        Of the dice.
    """

    kill_every: float
    pause_every: float
    pause: float
    seed: int


@dataclass
class _Crew:
    """The worker processes of one regime."""

    orders: Orders
    size: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: int = 0
    pauses: int = 0
    asleep: dict[int, float] = field(default_factory=dict)

    def hire(self) -> None:
        """Start workers in the place of dead ones."""
        for process in list(self.processes):
            if process.poll() is not None:
                self.processes.remove(process)
                self.asleep.pop(process.pid, None)
                self.kills += process.returncode == -signal.SIGKILL
        while len(self.processes) < self.size:
            self.processes.append(children.start(worker.__name__, self.orders.as_json()))

    def all_begun(self) -> bool:
        """Say whether every worker has begun; a process takes a moment to."""
        return all((Path(self.orders.folder) / f"alive-{process.pid}").exists() for process in self.processes)

    def wake(self, pid: int) -> None:
        """Let a worker go on."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    def dismiss(self) -> None:
        """Have all workers finish what they are at, and go; whoever does not is killed."""
        (Path(self.orders.folder) / "stop").touch()
        for process in self.processes:
            self.wake(process.pid)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def story(
    database: Database, regime: Regime, *, tasks: int = 12, kills: Sequence[int] = (3, 8), pauses: Sequence[int] = (5,),
    lease: float = 0.4, workers: int = 2,
) -> Outcome:  # fmt: skip
    """Do tasks with workers that stumble at the tasks of these numbers.

    Parameters
    ----------
    database : Database
        A tenant of the story's own is added to it.
    regime : str
        One of `REGIMES`.
    tasks : int
        How many.
    kills, pauses : sequence of int
        The tasks at which a worker is killed, or put to sleep until another one has completed the task (or, if none
        does, for longer than a lease).
    lease : float
        Seconds.
    workers : int
        How many at once.
    """
    stumbles = {str(number): "kill" for number in kills} | {str(number): "pause" for number in pauses}

    def manage(crew: _Crew, completed: Callable[[], set[UUID]], calm: bool) -> None:
        for path in Path(crew.orders.folder).glob("paused-*"):
            pid, _, task = path.name.removeprefix("paused-").partition("-")
            since = crew.asleep.setdefault(int(pid), time.monotonic())
            overslept = time.monotonic() - since > 2.0 * lease and regime == "no lease"
            if UUID(task) in completed() or overslept:
                path.unlink()
                crew.pauses += 1
                crew.wake(int(pid))
                del crew.asleep[int(pid)]

    return _run(database, regime, tasks, lease, workers, manage, stumbles=stumbles)


def storm(
    database: Database, regime: Regime, weather: Storm, *, tasks: int = 1000, lease: float = 0.5, workers: int = 4,
    pace: float = 0.02,
) -> Outcome:  # fmt: skip
    """Do tasks while somebody kills workers and puts them to sleep by chance."""
    dice = random.Random(weather.seed)
    due = {"kill": _after(dice, weather.kill_every), "pause": _after(dice, weather.pause_every)}

    def manage(crew: _Crew, completed: Callable[[], set[UUID]], calm: bool) -> None:
        now = time.monotonic()
        for pid, until in list(crew.asleep.items()):
            if now > until:
                crew.wake(pid)
                del crew.asleep[pid]
        if calm:  # what is not done by now is lost, or has to wait for a lease
            return
        awake = [process for process in crew.processes if process.pid not in crew.asleep]
        if now > due["kill"] and awake:
            dice.choice(awake).kill()
            due["kill"] = _after(dice, weather.kill_every)
        if now > due["pause"] and awake:
            pid = dice.choice(awake).pid
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                crew.asleep[pid] = now + weather.pause * lease
                crew.pauses += 1
            due["pause"] = _after(dice, weather.pause_every)

    return _run(database, regime, tasks, lease, workers, manage, pace=pace)


def _after(dice: random.Random, every: float) -> float:
    return time.monotonic() + dice.expovariate(1 / every)


def stories(database: Database) -> dict[Regime, Outcome]:
    """Tell the same story of all four regimes, side by side."""
    with ThreadPoolExecutor(len(REGIMES)) as threads:
        return dict(zip(REGIMES, threads.map(lambda regime: story(database, regime), REGIMES), strict=True))


def _run(
    database: Database, regime: Regime, tasks: int, lease: float, workers: int,
    manage: Callable[[_Crew, Callable[[], set[UUID]], bool], None], *, stumbles: dict[str, str] | None = None,
    pace: float = 0.005,
) -> Outcome:  # fmt: skip
    with connect(database.admin) as admin:
        tenant = add_tenant(admin, regime)
    with connect(database.app) as connection, as_tenant(connection, tenant):
        for number in range(tasks):
            message = {"messageId": str(uuid4()), "role": "ROLE_USER", "parts": [{"text": str(number)}]}
            store.create(connection, "ada", message, "context")

    with scratch.directory() as folder, locked(folder), connect(database.app) as watching:

        def completed() -> set[UUID]:
            with as_tenant(watching, tenant) as connection:
                return {task for (task,) in connection.execute("select id from tasks where state = 'completed'")}

        orders = Orders(database.app, str(tenant), regime, str(folder), lease, pace, stumbles or {})
        with _crew(orders, workers) as crew:
            done, progress, changed = 0, time.monotonic(), time.monotonic()
            while done < tasks and time.monotonic() - changed < QUIET_LEASES * lease:
                crew.hire()
                manage(crew, completed, time.monotonic() - progress > 2.0 * lease)
                now = len(completed())
                if now > done:
                    progress = time.monotonic()
                if now > done or crew.asleep or not crew.all_begun():
                    done, changed = now, time.monotonic()
                time.sleep(POLL_SECONDS)
        return _outcome(database, tenant, folder, tasks, crew)


@contextlib.contextmanager
def _crew(orders: Orders, size: int) -> Iterator[_Crew]:
    crew = _Crew(orders, size)
    try:
        yield crew
    finally:
        crew.dismiss()


def _outcome(database: Database, tenant: UUID, folder: Path, tasks: int, crew: _Crew) -> Outcome:
    effects = Counter(path.name.removeprefix("effect-").partition(":")[0] for path in folder.glob("effect-*"))
    with connect(database.app) as connection, as_tenant(connection, tenant):
        completions = Counter(
            str(task)
            for (task,) in connection.execute(
                "select task_id from events where data #>> '{status,state}' = 'completed'"
            )
        )
    return Outcome(
        tasks=tasks,
        kills=crew.kills,
        pauses=crew.pauses,
        lost=tasks - len(completions),
        completed_twice=sum(count > 1 for count in completions.values()),
        refused=len(list(folder.glob("refused-*"))),
        effects_twice=sum(count > 1 for count in effects.values()),
    )
