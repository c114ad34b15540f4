"""A balancer of connections: it gives each new connection to the next server, and copies bytes.

It knows TCP and nothing of what goes over it, as a Kubernetes service or a network load balancer does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from companion.calls.wire.customers import Address
from companion.calls.wire.tcp import bind

MOST_CONNECTIONS = 200
PIECE = 1 << 16


class Balancer:
    """What deals out connections in turn.

    Attributes
    ----------
    servers : list of Address
        Whose turn comes; one may be added while the balancer runs.
    taken : list of Address
        For each connection so far, who got it.
    """

    def __init__(self, servers: Sequence[Address]) -> None:
        self.servers = list(servers)
        self.taken: list[Address] = []
        self.address = Address("127.0.0.1", 0)
        self._open: set[asyncio.StreamWriter] = set()
        self._ending = False

    def add(self, server: Address) -> None:
        """Let one more server have its turn."""
        self.servers.append(server)

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        if self._ending or len(self._open) >= MOST_CONNECTIONS:
            writer.close()
            return
        server = self.servers[len(self.taken) % len(self.servers)]
        self.taken.append(server)
        self._open.add(writer)
        try:
            back_reader, back_writer = await asyncio.open_connection(*server)
        except OSError:  # nobody is there, which the caller sees at its connection's end
            self._open.remove(writer)
            writer.close()
            return
        self._open.add(back_writer)
        if self._ending:
            back_writer.transport.abort()
        try:
            await asyncio.gather(_copy(reader, back_writer), _copy(back_reader, writer))
        finally:
            self._open -= {writer, back_writer}

    def end(self) -> None:
        """Break all connections."""
        self._ending = True
        for writer in self._open:
            writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
    except OSError:  # one end is gone, and so is the other, now
        writer.transport.abort()
    finally:
        writer.close()


@contextmanager
def balancing(servers: Sequence[Address]) -> Iterator[Balancer]:
    """Balance connections to a free port of loopback, in a thread, until the block ends."""
    loop = asyncio.new_event_loop()
    listener = bind("127.0.0.1", 0)
    balancer = Balancer(servers)
    balancer.address = Address("127.0.0.1", listener.getsockname()[1])
    stop = asyncio.Event()

    async def run() -> None:
        async with await asyncio.start_server(balancer.connection, sock=listener):
            await stop.wait()
            balancer.end()
        # Each connection sees to its own end: asyncio complains of tasks that are lost, and of those that we cancel.
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), name="balancer", daemon=True)
    thread.start()
    try:
        yield balancer
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        listener.close()
        loop.close()
