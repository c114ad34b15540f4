"""A fixed number of threads; each takes a connection and owns it until it is closed."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable

from companion.calls.concurrency.servers.blocking import accepted, serve_connection

MOST_WAITING = 4096
"""Connections that wait for a thread; further clients wait in the listener's queue."""


def start(listener: socket.socket, workers: int) -> Callable[[], None]:
    """Serve with so many threads. Return what stops it."""
    waiting: queue.Queue[socket.socket] = queue.Queue(MOST_WAITING)

    def work() -> None:
        while True:
            serve_connection(waiting.get())

    def accept() -> None:
        for connection in accepted(listener):
            waiting.put(connection)

    for target in (*[work] * workers, accept):
        threading.Thread(target=target, daemon=True).start()
    return listener.close
