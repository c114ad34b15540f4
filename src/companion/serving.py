"""A web application, served from a thread while a context lasts.

    with running(app) as address:
        httpx.get(f"http://{address}/")

The server has an event loop of its own, so that it runs beside a notebook, whose main thread has one already.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

STOP_SECONDS = 2
"""How long a request may go on after the end. Without a bound, one client that sends half a request holds it up for
ever."""


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@contextlib.contextmanager
def running(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """Serve an application while the context lasts.

    Parameters
    ----------
    app : ASGIApp
        Its lifespan is run.
    host : str
        The address to listen at.
    port : int
        0 takes a free one.

    Yields
    ------
    Address
        Where it accepts requests.

    Raises
    ------
    OSError
        If the host is unknown or the port is taken.
    RuntimeError
        If the application does not start.
    """
    with _listener(host, port) as listener:
        server = uvicorn.Server(config(app))
        thread = threading.Thread(target=server.run, args=([listener],), name="serving", daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.002)
            if not server.started:
                raise RuntimeError("the application did not start")
            yield Address(host, listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def _listener(host: str, port: int) -> socket.socket:
    """Listen; a port is free again as soon as its server has ended."""
    family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # The protocol is named, as `socket.create_server` does not: asyncio turns Nagle's algorithm off only where it reads
    # IPPROTO_TCP, and an answer in two pieces would wait 40 ms for the acknowledgement of the first (chapter 2).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(1024)
    except BaseException:
        listener.close()
        raise
    return listener


def config(app: ASGIApp) -> uvicorn.Config:
    """Give the settings that the book's servers have in common.

    Their parser is h11, and not whichever is installed, so that the same bytes are refused everywhere; and they log
    nothing by themselves, since a line may hold what a caller has sent.
    """
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=1000,
    )
