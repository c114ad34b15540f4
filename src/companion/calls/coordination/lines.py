"""A request and an answer, each a line of JSON over TCP: the wire of the tuple space and of the lease services.

A line has a greatest length: what is longer is refused before it
is read to its end. `line_server` is the other side.
"""

from __future__ import annotations

import json
import socket
from typing import Any, NamedTuple

from companion.errors import CompanionError

MOST_BYTES = 65_536
"""Of a line, its end included."""
PATIENCE = 30.0
"""Seconds that a client waits for an answer; the right path never waits for it."""

Json = dict[str, Any]


class Address(NamedTuple):
    """Where a service listens."""

    host: str
    port: int


class LineError(CompanionError):
    """A line that is no request or no answer, or a request that was refused; the message says which and why."""


class Gone(LineError):
    """The other side has closed the connection."""


class NoAnswer(LineError):
    """The time for an answer is up; whether there will be one is not known."""


def encode(message: Json) -> bytes:
    """Write a message as one line."""
    try:
        line = json.dumps(message, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise LineError(f"JSON cannot write this: {error}") from None
    if len(line) > MOST_BYTES:
        raise LineError(f"a line of {len(line)} bytes; {MOST_BYTES} are allowed")
    return line


def _no_constant(word: str) -> float:
    raise LineError(f"{word} is no JSON")


def decode(line: bytes) -> Json:
    """Read a message from a line, or raise `LineError` whatever the bytes are."""
    if len(line) > MOST_BYTES:
        raise LineError(f"a line of more than {MOST_BYTES} bytes")
    if not line.endswith(b"\n"):
        raise LineError("a line that does not end")
    try:
        message = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise LineError(f"no JSON: {line[:30]!r}") from None
    if not isinstance(message, dict):
        raise LineError(f"an object is wanted: {line[:30]!r}")
    return message


class Caller:
    """A client: one connection, one request at a time.

    After `NoAnswer` the connection is closed, since an answer that came late would be taken for the next one's.
    """

    def __init__(self, address: tuple[str, int], patience: float = PATIENCE) -> None:
        self.patience = patience
        self._socket = socket.create_connection(address, timeout=patience)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def call(self, request: Json, patience: float | None = None) -> Json:
        """Send a request and wait for its answer; an answer that is an error is raised."""
        self._socket.settimeout(self.patience if patience is None else patience)
        try:
            self._socket.sendall(encode(request))
            while b"\n" not in self._rest:
                if len(self._rest) > MOST_BYTES:
                    raise LineError("an answer without an end")
                piece = self._socket.recv(65_536)
                if not piece:
                    raise Gone("the service closed the connection")
                self._rest += piece
        except TimeoutError:
            self.close()
            raise NoAnswer("no answer in time") from None
        except OSError as error:
            self.close()
            raise Gone(f"the connection is broken: {error}") from None
        line, _, self._rest = self._rest.partition(b"\n")
        answer = decode(line + b"\n")
        if "error" in answer:
            raise LineError(str(answer["error"]))
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
