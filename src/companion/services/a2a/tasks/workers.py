"""The threads of a server that work on tasks, wherever these came in.

A server that accepts a task does not own it: it writes the task down, and some server takes it, the same one or
another. So a task of a server that died needs no treatment of its own. It is a task that nobody works on, and is found
like a new one, as soon as its lease has run out.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.bell import Bell
from companion.services.a2a.tasks.run import GONE, Agent, Rejected, Run, Stopped
from companion.services.a2a.tasks.states import State
from companion.services.database import Pool, as_tenant

LOOK_SECONDS = 0.5
"""How often a server looks for work when no bell rings; a lease that runs out rings none."""

RENEWALS = 3
"""How often a lease is renewed while it runs."""

GRACE_SECONDS = 2.0
"""How long a server that stops waits for its agents to notice."""

ATTEMPTS = 10
"""How often a task is begun after a message of the caller's, before it is held to be what kills the servers."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Terms:
    """How a server works.

    Attributes
    ----------
    name : str
        The server's, unique among all.
    threads : int
        How many tasks it works on at once.
    lease : float
        Seconds after which a task of a server that fell silent is taken by another. Shorter, and a server that is slow
        for a moment loses its tasks; longer, and a dead one keeps them.
    """

    name: str
    threads: int = 4
    lease: float = 10.0


def new_name() -> str:
    """Give a name that no other server has."""
    return f"server-{uuid.uuid4().hex[:8]}"


class Workers:
    """The threads of one server; `working` runs them."""

    def __init__(self, pool: Pool, agent: Agent, terms: Terms) -> None:
        self._pool = pool
        self._agent = agent
        self._terms = terms
        self._free = threading.Semaphore(terms.threads)
        self._runs: set[Run] = set()
        self._lock = threading.Lock()
        self.done = threading.Event()
        self.work = threading.Event()
        """Set to have the workers look for work now."""

    def take(self) -> None:
        """Look for work and give it to threads, until the server stops."""
        while not self.done.is_set():
            self.work.clear()
            if not self._free.acquire(timeout=LOOK_SECONDS):
                continue
            try:
                run = self._take_one()
                if run is not None:
                    self._begin(run)
            except Exception as error:  # a thread that ended here would leave a server that accepts and never works
                log.warning("no work can be taken: %s", error, exc_info=not isinstance(error, GONE))
                self._free.release()
                self.done.wait(LOOK_SECONDS)
                continue
            if run is None:
                self._free.release()
                self.work.wait(LOOK_SECONDS)

    def _take_one(self) -> Run | None:
        """Take one task of any tenant; tenants in random order, so that none has to wait for another's backlog."""
        with self._pool.connection() as connection:
            tenants = store.tenants_with_work(connection)
            random.shuffle(tenants)
            for tenant in tenants:
                with as_tenant(connection, tenant):
                    lease = store.claim(connection, self._terms.name, self._terms.lease)
                if lease is not None:
                    return Run(self._pool, tenant, lease)
        return None

    def _begin(self, run: Run) -> None:
        """Work on a task in a thread of its own, which gives its place back at its end."""
        # A daemon, since nobody can stop an agent that does not look up, and a server must be able to end.
        thread = threading.Thread(target=self._run, args=[run], name=f"task {run.lease.task}", daemon=True)
        with self._lock:  # before it starts, so that a server that stops now gives this task back too
            thread.start()
            self._runs.add(run)

    def _run(self, run: Run) -> None:
        try:
            perform(self._agent, run)
        finally:
            with self._lock:
                self._runs.discard(run)
            self._free.release()
            self.work.set()

    def renew(self) -> None:
        """Renew the leases of all runs again and again, until the server stops; tell a run that has lost its own."""
        while not self.done.wait(self._terms.lease / RENEWALS):
            for run in self.running():
                try:
                    with self._pool.connection() as connection, as_tenant(connection, run.tenant):
                        kept = store.renew(connection, run.lease)
                except Exception as error:
                    log.warning("a lease cannot be renewed: %s", error, exc_info=not isinstance(error, GONE))
                    continue
                if not kept:
                    run.over.set()

    def running(self) -> list[Run]:
        """List what is being worked on."""
        with self._lock:
            return list(self._runs)

    def give_back(self) -> None:
        """Release the tasks that are not done, so that other servers take them at once."""
        for run in self.running():
            run.over.set()
            try:
                with self._pool.connection() as connection, as_tenant(connection, run.tenant):
                    store.release(connection, run.lease)
            except GONE as error:
                log.warning("task %s is left to its lease: %s", run.lease.task, error)

    def wait(self, seconds: float) -> None:
        """Wait until all runs have ended, but not longer than that."""
        until = time.monotonic() + seconds
        while self.running() and time.monotonic() < until:
            time.sleep(0.02)
        if left := len(self.running()):
            log.warning("%d agents did not stop", left)


def perform(agent: Agent, run: Run) -> None:
    """Have an agent work on a task, and write down how it ended."""
    try:
        try:
            if run.written(lambda connection: store.attempts(connection, run.lease.task)) > ATTEMPTS:
                run.end(State.FAILED, f"It was begun {ATTEMPTS} times, and no server came to its end.")
                return
            agent(run)
        except Rejected as refusal:
            run.end(State.REJECTED, str(refusal))
        except Exception:
            incident = uuid.uuid4().hex[:8]  # what went wrong is for the log: it may name files, queries and passwords
            log.exception("incident %s: the agent failed at task %s", incident, run.lease.task)
            run.end(State.FAILED, f"The agent failed. Incident {incident}.")
        else:
            run.end(State.COMPLETED)
    except Stopped as why:
        log.info("task %s is not this server's any more: %s", run.lease.task, why)


@contextlib.contextmanager
def working(pool: Pool, agent: Agent, terms: Terms, bell: Bell | None = None) -> Iterator[Workers]:
    """Work on tasks while the context lasts, and give back what is not done when it ends."""
    workers = Workers(pool, agent, terms)
    threads = [
        threading.Thread(target=workers.take, name="take", daemon=True),
        threading.Thread(target=workers.renew, name="renew", daemon=True),
    ]
    with contextlib.ExitStack() as stack:
        if bell is not None:
            stack.enter_context(bell.waking("", workers.work.set))
        for thread in threads:
            thread.start()
        try:
            yield workers
        finally:
            workers.done.set()
            workers.work.set()
            for thread in threads:
                thread.join()
            workers.give_back()
            workers.wait(GRACE_SECONDS)
