"""A sidecar: a process beside the service that takes its calls, does auth, timing and the log, and passes them on.

python -m companion.calls.contracts.concerns.sidecar service|inbound|outbound [PORT]

A call is a line, ``TOKEN balance``; the sidecar before the service (inbound) puts the user's name in the token's place,
and the service believes it. One beside the caller (outbound) passes the line on as it is.
"""

from __future__ import annotations

import asyncio
import socket
import socketserver
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from companion.calls.contracts.concerns.filters import BALANCES, TOKENS
from companion.calls.coordination.naming.children import Child, questions, say

MODULE = "companion.calls.contracts.concerns.sidecar"
MOST_BYTES = 1000
NO = b"401\n"
MOST_CONNECTIONS = 20
LIFETIME_S = 600.0
"""Seconds after which a connection is closed, whoever holds it."""
PATIENCE = 30.0


class Service(socketserver.StreamRequestHandler):
    """The service: it answers for the user that a line names."""

    timeout = LIFETIME_S
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer line after line."""
        if threading.active_count() > 2 * MOST_CONNECTIONS:
            return
        while (line := self.rfile.readline(MOST_BYTES)).endswith(b"\n"):
            user, _, what = line.decode("utf-8", "replace").strip().partition(" ")
            known = what == "balance" and user in BALANCES
            self.wfile.write(f"{user} has {BALANCES[user]}\n".encode() if known else b"404\n")


class Sidecar:
    """What stands in front: it looks at the token, takes the time, keeps a line for each call."""

    def __init__(self, port: int, outbound: bool) -> None:
        self.port, self.outbound = port, outbound
        self.lines: deque[str] = deque(maxlen=100)
        self.calls = 0
        self.seconds = 0.0
        self.open = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection's calls on, over one connection of its own."""
        self.open += 1
        timer = asyncio.get_running_loop().call_later(LIFETIME_S, writer.close)
        behind = None
        try:
            if self.open > MOST_CONNECTIONS:
                return
            answers, behind = await asyncio.open_connection("127.0.0.1", self.port, limit=MOST_BYTES)
            while (line := await reader.readline()).endswith(b"\n"):
                start = time.perf_counter()
                token, _, what = line.decode("utf-8", "replace").strip().partition(" ")
                answer = NO
                if user := TOKENS.get(token):
                    behind.write(line if self.outbound else f"{user} {what}\n".encode())
                    answer = await answers.readline()
                    if not answer.endswith(b"\n"):
                        raise ConnectionError("the service has ended")
                self.calls += 1
                self.seconds += time.perf_counter() - start
                self.lines.append(f"{user or '-'} {what[:40]!r} {401 if answer == NO else 200}")
                writer.write(answer)
                await writer.drain()
        except (OSError, ValueError):  # the service is gone, or a line is too long: the caller sees the end
            writer.write(b"503\n")
        finally:
            self.open -= 1
            timer.cancel()
            for one in (writer, behind):
                if one is not None:
                    one.close()


def main(role: str, port: str = "0") -> None:
    """Be the service or the sidecar, until standard input ends; to each line there, say what was noted."""
    noted = Sidecar(int(port), role == "outbound")
    if role == "service":
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Service, bind_and_activate=True)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        say(port=server.server_address[1])
    else:
        listener = socket.create_server(("127.0.0.1", 0))

        async def serve() -> None:
            async with await asyncio.start_server(noted.talk, sock=listener, limit=MOST_BYTES):
                say(port=listener.getsockname()[1])
                await asyncio.Event().wait()

        threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    for _ in questions():
        say(lines=list(noted.lines), calls=noted.calls)


class Caller:
    """A client: one connection, a line for each call."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def call(self, who: str) -> str:
        """Ask for a balance, with a token, or with a user's name where there is no sidecar."""
        self._socket.sendall(f"{who} balance\n".encode())
        return self._file.readline(MOST_BYTES).decode().strip()

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()


@dataclass(frozen=True)
class Pod:
    """The service's port, the sidecars' from the innermost to the outermost, and the processes in the same order."""

    service: int
    sidecars: list[int]
    processes: list[Child]

    def ask(self, port: int, who: str) -> str:
        """One call over a connection of its own; what comes back, or the error's name."""
        try:
            caller = Caller(port)
        except ConnectionRefusedError:
            return "ConnectionRefusedError"
        try:
            return caller.call(who)
        finally:
            caller.close()

    def log(self) -> list[str]:
        """What the outermost sidecar has written about the calls."""
        return [str(line) for line in self.processes[-1].ask()["lines"]]


@contextmanager
def pod(sidecars: int = 1) -> Iterator[Pod]:
    """Start the service and so many sidecars, one before the other, each a process."""
    with ExitStack() as stack:
        processes = [stack.enter_context(Child(MODULE, "service"))]
        ports = [int(processes[0].ready["port"])]
        for _ in range(sidecars):
            role = "inbound" if len(ports) == 1 else "outbound"
            processes.append(stack.enter_context(Child(MODULE, role, str(ports[-1]))))
            ports.append(int(processes[-1].ready["port"]))
        yield Pod(ports[0], ports[1:], processes)


def ways() -> dict[str, str]:
    """A call through the sidecar with a token and without, past it, and after it has ended."""
    with pod() as running:
        (port,), seen = running.sidecars, {}
        seen["through the sidecar, with a token"] = running.ask(port, "t-ada")
        seen["through the sidecar, without"] = running.ask(port, "nothing")
        seen["past it, to the service's port"] = running.ask(running.service, "bob")
        running.processes[-1].kill()
        seen["the sidecar has ended first"] = running.ask(port, "t-ada")
    return seen


if __name__ == "__main__":
    main(*sys.argv[1:])
