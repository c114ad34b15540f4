"""A service behind lines of JSON: one thread serves all connections, so that a service needs no locks.

Requests are carried out one after the other. A connection has one request under way at a time, and its end is heard
while its request waits for an answer.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from companion.calls.coordination.lines import MOST_BYTES, Address, Json, decode, encode
from companion.errors import CompanionError

MOST_CONNECTIONS = 200


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
        self.ending = False
        self.timer: asyncio.TimerHandle | None = None

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.ending or len(self.writers) >= MOST_CONNECTIONS:
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

    def end(self) -> None:
        """Break all connections, and take no more."""
        self.ending = True
        for writer in self.writers:
            writer.transport.abort()

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
            server.end()
            # Each connection sees to its own end, those of the last moment, too: asyncio complains of tasks that are
            # lost and of those that we cancel, and a listener that is closed leaves what it has accepted open.
            while left := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(left)
        if server.timer is not None:
            server.timer.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    try:
        yield Address(*listener.getsockname())
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        listener.close()
        loop.close()
