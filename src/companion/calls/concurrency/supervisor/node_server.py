"""A node: a program that starts a process for whoever connects, and asks for one of the functions that it knows.

    python -I -S node_server.py serve < cookie

It prints its port. A caller sends one line, `{"cookie": ..., "spawn": "double"}`; the node answers with one line and
hands the connection over to a new process, which from then on reads a message a line and answers a line each. The node
itself keeps no end of the connection. So the caller sees the end of the process as the end of the connection, whoever
ended it; and the process sees the end of the caller in the same way, and ends.

What a caller sends is data. It names a function of `FUNCTIONS`, and never brings code.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

LONGEST_LINE = 65_536
"""Bytes of a line, with its end. Whoever sends more is not answered any more."""
GREETING_TIME = 5.0
"""Seconds that a caller has to say what it wants."""
MOST = 16
"""Processes at a time."""

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "double": lambda message: 2 * message,
    "echo": lambda message: message,
    "pid": lambda message: os.getpid(),
}
"""What may be spawned; each is called with the messages of its caller, one after the other."""


class Lines:
    """Read lines of at most `LONGEST_LINE` bytes from a file descriptor, whatever pieces they come in."""

    def __init__(self, source: int) -> None:
        self._source, self._rest = source, b""

    def next(self, seconds: float | None = None) -> bytes | None:
        """Return a line without its end; None when there are no more.

        Raises
        ------
        ValueError
            If a line is too long, or takes more than so many seconds.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._rest:
            if len(self._rest) >= LONGEST_LINE:
                raise ValueError(f"a line of more than {LONGEST_LINE} bytes")
            if end is not None and not select.select([self._source], [], [], max(0.0, end - time.monotonic()))[0]:
                raise ValueError(f"no line within {seconds:g} s")
            piece = os.read(self._source, LONGEST_LINE - len(self._rest))
            if not piece:
                return None
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line


def requested(line: bytes, cookie: str) -> str:
    """Return which function a caller's first line asks for.

    Raises
    ------
    ValueError
        If it is no such line, has another cookie, or names a function that this node does not have.
    """
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not a line of JSON") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("spawn"), str):
        raise ValueError('not of the form {"cookie": ..., "spawn": ...}')
    if not hmac.compare_digest(str(asked.get("cookie")).encode(errors="replace"), cookie.encode()):
        raise ValueError("another cookie")
    if asked["spawn"] not in FUNCTIONS:
        raise ValueError(f"no function {asked['spawn'][:40]!r} here")
    return str(asked["spawn"])


def answer(function: str, line: bytes) -> dict[str, Any]:
    """Call a function with a message, and return what is sent back: the value, or why there is none."""
    try:
        return {"value": FUNCTIONS[function](json.loads(line))}
    except (ValueError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        return {"error": type(error).__name__}


def work(function: str) -> None:
    """Be the process that was spawned: the connection is its standard input and output."""
    lines = Lines(0)
    while (line := lines.next()) is not None:
        send(1, answer(function, line))


def send(target: int, message: dict[str, Any]) -> None:
    """Write one line, however many pieces that takes; one that would be too long says so instead."""
    data = json.dumps(message).encode() + b"\n"
    if len(data) > LONGEST_LINE:
        data = b'{"error": "TooLong"}\n'
    while data:
        data = data[os.write(target, data) :]


def welcome(caller: socket.socket, cookie: str, running: list[subprocess.Popen[bytes]]) -> None:
    """Read what a caller wants, and start it."""
    lines = Lines(caller.fileno())
    try:
        line = lines.next(GREETING_TIME)
        function = requested(line or b"", cookie)
        if len(running) >= MOST:
            raise ValueError(f"{MOST} processes run here already")
    except ValueError as error:
        send(caller.fileno(), {"error": str(error)})
        return
    command = [sys.executable, "-I", "-S", __file__, "work", function]
    started = subprocess.Popen(command, stdin=caller.fileno(), stdout=caller.fileno(), stderr=subprocess.DEVNULL)
    running.append(started)
    send(caller.fileno(), {"pid": started.pid})


def serve() -> None:
    """Welcome callers, one at a time, until the standard input ends."""
    cookie = sys.stdin.readline().strip()
    running: list[subprocess.Popen[bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        print(door.getsockname()[1], flush=True)
        while True:
            ready, _, _ = select.select([door, sys.stdin], [], [], 1.0)
            running[:] = [process for process in running if process.poll() is None]
            if sys.stdin in ready:
                break
            if door in ready:
                caller, _ = door.accept()
                with caller, contextlib.suppress(OSError):
                    welcome(caller, cookie, running)
    for process in running:
        process.kill()
        process.wait()


if __name__ == "__main__":
    if sys.argv[1] == "work":
        with contextlib.suppress(OSError, ValueError):
            work(sys.argv[2])
    else:
        serve()
