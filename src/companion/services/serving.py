"""A web application, served from a thread while a context lasts.

    with running(app) as address:
        httpx.get(f"http://{address}/")

The server has an event loop of its own, so that it runs beside a notebook, whose main thread has one already.

A client that is slow on purpose costs nothing but a connection, and has it for seconds only: for the head of a request,
and for each piece of an answer that it does not read. How long a body may take is the application's to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

STOP_SECONDS = 2
"""How long a request may go on after the end. Without a bound, one client that sends half a request holds it up for
ever."""
HEAD_SECONDS = 10.0
"""How long the head of a request may take, from its first byte, or that of a connection's first one from the start."""
UNREAD_SECONDS = 30.0
"""How long an answer may wait for its client to read on: to read anything, since a slow reader is no deaf one."""
MOST_CONNECTIONS = 1000
"""Who comes when there are as many is answered by a 503."""


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


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
    with listening(host, port) as (listener, address), running_on(listener, app):
        yield address


@contextlib.contextmanager
def running_on(listener: socket.socket, app: ASGIApp) -> Iterator[None]:
    """Serve an application to whoever connects to a socket that `listening` has given: `running`, in two steps.

    Raises
    ------
    RuntimeError
        If the application does not start.
    """
    server = uvicorn.Server(config(app))
    thread = threading.Thread(target=server.run, args=([listener],), name="serving", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.002)
        if not server.started:
            raise RuntimeError("the application did not start")
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def listening(host: str = "127.0.0.1", port: int = 0) -> Iterator[tuple[socket.socket, Address]]:
    """Listen while the context lasts; who connects waits until somebody serves.

    Raises
    ------
    OSError
        If the host is unknown or the port is taken.
    """
    with _listener(host, port) as listener:
        yield listener, Address(host, listener.getsockname()[1])


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
        http=Impatient,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
    )


class Impatient(H11Protocol):
    """A connection whose client has a bounded time for each thing, as uvicorn bounds the pause between two requests."""

    _head: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._head = self.loop.call_later(HEAD_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Read on; the time runs until the next head is whole, also while a body comes that was refused unread."""
        super().data_received(data)
        between = self.conn.their_state is h11.IDLE or (self.cycle is not None and self.cycle.response_complete)
        if not between:
            self._stop_waiting_for_head()
        elif self._head is None:
            self._head = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def pause_writing(self) -> None:
        """Begin to wait for the client to read what is on its way."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        self._stop_waiting_for_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        super().connection_lost(exc)
        self._stop_waiting_for_head()
        self._stop_waiting_for_reader()

    def _wait_for_reader(self, left: int | None = None) -> None:
        """Give the client up if of the bytes that were left none has gone since; else wait again."""
        waiting = self.transport.get_write_buffer_size()  # nobody writes more before `resume_writing`
        if left is not None and waiting >= left:
            self.transport.abort()
        else:
            self._unread = self.loop.call_later(UNREAD_SECONDS, self._wait_for_reader, waiting)

    def _stop_waiting_for_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _stop_waiting_for_reader(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
