"""Actors behind a reader: one thread reads from all connections, and hands each whole request to the next actor.

No actor owns a connection. It gets a message, does the work, sends the answer, and tells the reader that the
connection is free to ask again.
"""

from __future__ import annotations

import contextlib
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pykka

from companion.calls.concurrency.load.http1 import BadMessage, Request, read_request
from companion.calls.concurrency.servers.blocking import IDLE
from companion.calls.concurrency.servers.service import refusal, respond

PATIENCE = 5.0
"""Seconds that an actor waits for a client to take its answer."""


@dataclass
class Client:
    """A connection, what has arrived on it, and when it was last heard of."""

    connection: socket.socket
    data: bytes = b""
    heard: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A message to an actor: a request, and whom to answer."""

    request: Request
    client: Client


class Worker(pykka.ThreadingActor):
    """Answers one request after the other."""

    use_daemon_thread = True

    def __init__(self, done: Callable[[Client, bool], None]) -> None:
        super().__init__()
        self._done = done

    def on_receive(self, message: Any) -> None:
        """Do the work and answer."""
        keep = message.request.keep_alive
        try:
            answer = respond(message.request)
        except BadMessage as error:
            answer, keep = refusal(error), False
        try:
            message.client.connection.sendall(answer)
        except OSError:
            keep = False
        self._done(message.client, keep)


class Reader:
    """Reads from all connections in one thread."""

    def __init__(self, listener: socket.socket, workers: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._listener = listener
        self._answered: list[tuple[Client, bool]] = []
        self._bell, self._rung = socket.socketpair()
        self._selector.register(self._rung, selectors.EVENT_READ)
        self._rung.setblocking(False)
        self._bell.setblocking(False)
        self._team = itertools.cycle([Worker.start(self.answered) for _ in range(workers)])

    def answered(self, client: Client, keep: bool) -> None:
        """Hear from an actor, in its thread, that a client has its answer."""
        self._answered.append((client, keep))
        with contextlib.suppress(BlockingIOError):  # it has been rung often enough
            self._bell.send(b"!")

    def run(self) -> None:
        """Read for ever."""
        swept = time.monotonic()
        while True:
            for key, _ in self._selector.select(1.0):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._rung:
                    with contextlib.suppress(BlockingIOError):
                        self._rung.recv(4096)
                else:
                    self._read(key.data)
            while self._answered:
                client, keep = self._answered.pop(0)
                self._listen(client) if keep else client.connection.close()
            if time.monotonic() - swept > 1:
                swept = time.monotonic()
                self._sweep()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
            connection.settimeout(PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:  # its client left at once, or this process may open no more files for the moment
            time.sleep(0.01)
            return
        self._listen(Client(connection))

    def _listen(self, client: Client) -> None:
        client.heard = time.monotonic()
        self._selector.register(client.connection, selectors.EVENT_READ, client)
        if client.data:
            self._hand_on(client)

    def _read(self, client: Client) -> None:
        try:
            more = client.connection.recv(65_536)
        except OSError:
            more = b""
        if not more:
            self._drop(client)
            return
        client.data += more
        client.heard = time.monotonic()
        self._hand_on(client)

    def _hand_on(self, client: Client) -> None:
        """Give a whole request to the next actor; until it has answered, nothing more is read from its client."""
        try:
            found = read_request(client.data)
        except BadMessage as error:
            with contextlib.suppress(OSError):
                client.connection.sendall(refusal(error))
            self._drop(client)
            return
        if found is not None:
            request, taken = found
            client.data = client.data[taken:]
            self._selector.unregister(client.connection)
            next(self._team).tell(Asked(request, client))

    def _drop(self, client: Client) -> None:
        self._selector.unregister(client.connection)
        client.connection.close()

    def _sweep(self) -> None:
        """Let go of who has been silent for too long."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.data, Client) and time.monotonic() - key.data.heard > IDLE:
                self._drop(key.data)


def start(listener: socket.socket, workers: int) -> Callable[[], None]:
    """Serve with so many actors. Return what stops it."""
    threading.Thread(target=Reader(listener, workers).run, daemon=True).start()
    return lambda: None  # reader and actors end with the process
