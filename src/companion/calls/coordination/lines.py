"""A request and an answer, each a line of JSON over TCP: the wire of the tuple space and of the lease services.

A line has a greatest length, and so have the nesting and the number of connections: what is longer is refused before it
is read to its end. One thread serves all connections, so that requests are carried out one after the other and a
service needs no locks. A connection has one request under way at a time; who sends more waits for its answers.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from companion.errors import CompanionError

MOST_BYTES = 65_536
"""Of a line, its end included."""
MOST_CONNECTIONS = 200
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


class Talk:
    """A connection, as a service sees it: the answers that it is owed."""

    def __init__(self, number: int, write: Callable[[Json], None]) -> None:
        self.number = number
        self.answer = write


class Service(Protocol):
    """What carries out requests, all in one thread."""

    def handle(self, talk: Talk, request: Json) -> None:
        """Carry out a request; `talk.answer` is called once, now or later."""

    def closed(self, talk: Talk) -> None:
        """Forget a connection that is over."""

    def tend(self) -> float | None:
        """Do what is due by the clock; give the seconds until there is more to do, or None."""


class _Server:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.talks = 0
        self.writers: set[asyncio.StreamWriter] = set()
        self.over = asyncio.Condition()
        self.timer: asyncio.TimerHandle | None = None

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self.writers) >= MOST_CONNECTIONS:
            writer.close()
            return
        self.writers.add(writer)
        self.talks += 1
        answered = asyncio.Event()

        def answer(message: Json) -> None:
            if not writer.is_closing():
                writer.write(encode(message))
            answered.set()

        talk = Talk(self.talks, answer)
        line = asyncio.ensure_future(reader.readline())
        try:
            while data := await line:
                answered.clear()
                try:
                    self.service.handle(talk, decode(data))
                except CompanionError as error:
                    answer({"error": str(error)})
                self.wake()
                # While the caller waits we listen, so that the end of its connection is heard.
                line = asyncio.ensure_future(reader.readline())
                wait = asyncio.ensure_future(answered.wait())
                await asyncio.wait({line, wait}, return_when=asyncio.FIRST_COMPLETED)
                wait.cancel()
                if not answered.is_set():
                    if await line:
                        answer({"error": "a request upon one that still waits"})
                    break
                await writer.drain()
        except ValueError:  # of readline: too long
            answer({"error": f"a line of more than {MOST_BYTES} bytes"})
        except OSError as error:
            answer({"error": f"the connection is broken: {error}"})  # which nobody hears
        finally:
            line.cancel()
            self.service.closed(talk)
            self.wake()
            writer.close()
            self.writers.remove(writer)
            await asyncio.gather(line, return_exceptions=True)
            async with self.over:
                self.over.notify_all()

    async def end(self) -> None:
        """Break all connections, and wait until each has been seen to."""
        for writer in self.writers:
            writer.transport.abort()
        async with self.over:
            await self.over.wait_for(lambda: not self.writers)
        if self.timer is not None:
            self.timer.cancel()

    def wake(self) -> None:
        """Let the service do what is due, and come back when it says so."""
        if self.timer is not None:
            self.timer.cancel()
        seconds = self.service.tend()
        loop = asyncio.get_running_loop()
        self.timer = None if seconds is None else loop.call_later(max(seconds, 0.001), self.wake)


@contextmanager
def serving(service: Service) -> Iterator[Address]:
    """Serve on a free port of loopback, in a thread, until the block ends."""
    loop = asyncio.new_event_loop()
    listener = socket.create_server(("127.0.0.1", 0))
    stop = asyncio.Event()

    async def run() -> None:
        server = _Server(service)
        async with await asyncio.start_server(server.talk, sock=listener, limit=MOST_BYTES - 1):
            await stop.wait()
            await server.end()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    try:
        yield Address(*listener.getsockname())
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        listener.close()
        loop.close()


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
