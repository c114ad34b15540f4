"""A thread for each connection, as long as it is open."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from companion.calls.concurrency.load.http1 import Request
from companion.calls.concurrency.servers.blocking import accepted, serve_connection
from companion.calls.concurrency.servers.service import respond

MOST_THREADS = 4096
"""At once; further clients wait in the listener's queue."""


def start(listener: socket.socket, workers: int, respond: Callable[[Request], bytes] = respond) -> Callable[[], None]:
    """Serve; `workers` means nothing here. Return what stops it."""
    room = threading.Semaphore(MOST_THREADS)

    def serve(connection: socket.socket) -> None:
        try:
            serve_connection(connection, respond)
        finally:
            room.release()

    def accept() -> None:
        for connection in accepted(listener):
            room.acquire()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.close
