"""Hear at once that something was written, by whichever server.

Every event rings on a channel of PostgreSQL's (NOTIFY), with the number of its task. One thread per server listens, and
wakes who waits for that task. A bell is a hint and no more: what is notified while the listening connection is down is
lost, so whoever waits here also looks for himself now and then.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

import psycopg

from companion.services.a2a.tasks.store import CHANNEL

RETRY_SECONDS = 0.5

log = logging.getLogger(__name__)


class Bell:
    """Calls back whoever waits for a task, or for any."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[Callable[[], None]]] = defaultdict(set)
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def waking(self, task: str, wake: Callable[[], None]) -> Iterator[None]:
        """Have a function called, in the bell's thread, each time that this task's log has grown; "" for any task."""
        with self._lock:
            self._waiting[task].add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._waiting[task].discard(wake)
                if not self._waiting[task]:
                    del self._waiting[task]

    def ring(self, task: str) -> None:
        """Wake who waits for a task."""
        with self._lock:
            woken = [*self._waiting.get(task, ()), *self._waiting.get("", ())]
        for wake in woken:
            wake()


@contextlib.contextmanager
def listening(address: str) -> Iterator[Bell]:
    """Listen to the database at an address while the context lasts."""
    bell, done = Bell(), threading.Event()

    def listen() -> None:
        while not done.is_set():
            try:
                with psycopg.connect(address, autocommit=True) as connection:
                    connection.execute(f"listen {CHANNEL}".encode())
                    while not done.is_set():
                        for notice in connection.notifies(timeout=RETRY_SECONDS):
                            bell.ring(notice.payload)
            except psycopg.OperationalError as error:
                log.warning("the bell is silent: %s", error)
                done.wait(RETRY_SECONDS)

    thread = threading.Thread(target=listen, name="bell", daemon=True)
    thread.start()
    try:
        yield bell
    finally:
        done.set()
        thread.join()
