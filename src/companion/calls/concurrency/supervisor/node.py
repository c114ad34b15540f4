"""Spawn a process on another node, and talk to it.

The node is a program of its own, reached through a socket: here on the same machine, and nothing but the address would
change with another. `Remote` is the handle that a caller holds, as Erlang's process identifier is; unlike that one it
shows that there is a network, since `call` may fail for reasons that no local call has.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from companion.calls.concurrency.supervisor.children import PATIENCE
from companion.calls.concurrency.supervisor.node_server import Lines
from companion.errors import CompanionError

SERVER = Path(__file__).with_name("node_server.py")


class NodeError(CompanionError):
    """A node that refuses, or a process on it that does not answer."""


@dataclass(frozen=True)
class Node:
    """Where a node is, and the secret that it wants to hear.

    Attributes
    ----------
    port : int
        On this machine.
    cookie : str
        What it was started with.
    pid : int
        The number of its process.
    """

    port: int
    cookie: str
    pid: int


@contextlib.contextmanager
def running_node() -> Iterator[Node]:
    """Run a node while the context lasts. It ends, and all its processes, when this Python does, however that ends."""
    cookie = secrets.token_hex(16)
    command = [sys.executable, "-I", "-S", str(SERVER), "serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            server.stdin.write(cookie + "\n")
            server.stdin.flush()
            port = server.stdout.readline().strip()
            if not port:
                raise NodeError("the node did not start")
            yield Node(int(port), cookie, server.pid)
        finally:
            with contextlib.suppress(BrokenPipeError):
                server.stdin.close()  # which ends it, and what it has started
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()


class Remote:
    """A process on another node.

    Parameters
    ----------
    node : Node
        Where to spawn it.
    function : str
        One of those that the node knows.

    Raises
    ------
    NodeError
        If the node refuses; the message says why.
    """

    def __init__(self, node: Node, function: str) -> None:
        self._wire = socket.create_connection(("127.0.0.1", node.port), timeout=PATIENCE)
        try:
            self._lines = Lines(self._wire.fileno())
            told = self._exchange({"cookie": node.cookie, "spawn": function}, PATIENCE)
            self.pid: int = told["pid"]
        except BaseException:
            self._wire.close()
            raise

    def call(self, message: Any, seconds: float = PATIENCE) -> Any:
        """Send a message, and return the answer.

        Raises
        ------
        NodeError
            If the process is gone ("down"), says nothing in time ("silent"), or could make nothing of the message. The
            handle is of no use afterwards if it was silent: the late answer would be taken for that of the next call.
        """
        return self._exchange(message, seconds)["value"]

    def _exchange(self, message: Any, seconds: float) -> dict[str, Any]:
        try:
            self._wire.sendall(json.dumps(message).encode() + b"\n")
            line = self._lines.next(seconds)
        except OSError:
            line = None
        except ValueError as error:
            raise NodeError(f"silent: {error}") from error
        if line is None:
            raise NodeError("down: the connection has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise NodeError(str(answer["error"]))
        return dict(answer)

    def close(self) -> None:
        """Hang up; the process ends."""
        self._wire.close()

    def __enter__(self) -> Remote:
        """Give the handle."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self.close()


__all__ = ["Node", "NodeError", "Remote", "running_node"]
