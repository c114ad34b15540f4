"""What servers with threads or processes share: to accept connections, and to serve one until it ends."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

from companion.calls.concurrency.load.http1 import BadMessage, Request, read_request
from companion.calls.concurrency.servers.service import refusal, respond

IDLE = 60.0
"""Seconds that a connection may be silent, in the middle of a request too."""


def serve_connection(connection: socket.socket, respond: Callable[[Request], bytes] = respond) -> None:
    """Answer requests on a connection until its client or an answer ends it."""
    with contextlib.suppress(OSError), connection:
        connection.settimeout(IDLE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data, going_on = b"", True
        while going_on:
            try:
                while (found := read_request(data)) is None:
                    more = connection.recv(65_536)
                    if not more:
                        return
                    data += more
                request, taken = found
                answer, going_on = respond(request), request.keep_alive
                data = data[taken:]
            except BadMessage as error:
                answer, going_on = refusal(error), False
            connection.sendall(answer)


def accepted(listener: socket.socket) -> Iterator[socket.socket]:
    """Give the connections that clients open, until the listener is closed."""
    while listener.fileno() >= 0:
        try:
            connection, _ = listener.accept()
        except OSError:  # its client left at once, or this process may open no more files for the moment
            time.sleep(0.01)
            continue
        yield connection
