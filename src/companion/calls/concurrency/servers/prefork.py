"""A fixed number of processes, forked beforehand; each accepts a connection and owns it until it is closed.

A worker dies with the process that forked it, however that ends: it reads from a pipe, whose other end its parent
alone holds.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable

from companion.calls.concurrency.servers.blocking import accepted, serve_connection


def start(listener: socket.socket, workers: int) -> Callable[[], None]:
    """Fork so many workers, from a process that has no other threads yet. Return what stops them and waits for them."""
    ours, parents = os.pipe()
    children = []
    for _ in range(workers):
        child = os.fork()  # type: ignore[attr-defined,unused-ignore]
        if child == 0:
            os.close(parents)
            _work(listener, ours)
        children.append(child)
    os.close(ours)

    def stop() -> None:
        os.close(parents)
        listener.close()
        for child in children:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(child, signal.SIGKILL)  # type: ignore[attr-defined,unused-ignore]
                os.waitpid(child, 0)

    return stop


def _work(listener: socket.socket, until_closed: int) -> None:
    """Serve as a worker, and never return."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # which a terminal sends to all; the parent decides

        def watch() -> None:
            os.read(until_closed, 1)
            os._exit(0)

        threading.Thread(target=watch, daemon=True).start()
        for connection in accepted(listener):
            serve_connection(connection)
    finally:
        os._exit(1)
