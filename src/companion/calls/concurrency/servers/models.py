"""The six models by their names, and a listener for them."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from enum import StrEnum

from companion.errors import CompanionError

MOST_WORKERS = 1024
BACKLOG = 4096
"""Connections that may wait to be accepted; the system may allow fewer."""


class Model(StrEnum):
    """How a server serves several clients at once."""

    cgi = "cgi"
    prefork = "prefork"
    threads = "threads"
    pool = "pool"
    loop = "loop"
    actors = "actors"


class ServerError(CompanionError, RuntimeError):
    """A server that cannot be had, or has ended by itself; the message says why."""


def missing(model: str) -> str:
    """Say in one line why a model cannot be had on this platform, or nothing."""
    if Model(model) is Model.prefork and not hasattr(os, "fork"):
        return "prefork needs fork, which this platform has not"
    return ""


@contextlib.contextmanager
def serving(model: str, host: str, port: int, workers: int = 16, language: str = "python") -> Iterator[tuple[str, int]]:
    """Serve in this process, which has no other threads yet, and give the address.

    Raises
    ------
    ServerError
        If there is no such model here, or no such number of workers.
    OSError
        If it cannot listen there.
    """
    if model not in list(Model):
        raise ServerError(f"{model} is none of {', '.join(Model)}")
    if why := missing(model):
        raise ServerError(why)
    if not 1 <= workers <= MOST_WORKERS:
        raise ServerError(f"{workers} workers: 1 to {MOST_WORKERS} can be had")
    from companion.calls.concurrency.servers import cgi, loop, pool, prefork, threads

    with socket.create_server((host, port), backlog=BACKLOG) as listener:
        address = listener.getsockname()[:2]
        if model == Model.cgi:
            stop = cgi.start(listener, workers, language)
        elif model == Model.actors:
            from companion.calls.concurrency.servers import actors

            stop = actors.start(listener, workers)
        else:
            stop = {"prefork": prefork, "threads": threads, "pool": pool, "loop": loop}[model].start(listener, workers)
        try:
            yield address
        finally:
            stop()
