"""One subscriber of a WebSocket feed stops reading, and the others go on reading: what becomes of them?

The next message is published when all who read have the last one. So nothing depends on how fast they are, and of
what the server holds back all belongs to the one that does not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, broadcast, serve

KERNEL_BYTES = 65_536
"""Asked for as the kernel's buffers of the deaf connection, so that they hold little; Linux takes twice as much."""
BOUND = 1_000_000
"""Bytes that may wait for one subscriber."""
LOOK_SECONDS, LOOKS = 0.02, 25
PATIENCE = 30.0
"""Seconds; the right path never waits for it."""
_HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: feed\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)

Send = Callable[[list[ServerConnection], bytes], Awaitable[None]]


async def one_by_one(everybody: list[ServerConnection], message: bytes) -> None:
    """The obvious loop: `send` waits while its connection's buffer is full."""
    for connection in everybody:
        await connection.send(message)


async def at_once(everybody: list[ServerConnection], message: bytes) -> None:
    """All at the same time; `gather` waits for the slowest."""
    await asyncio.gather(*(connection.send(message) for connection in everybody))


async def broadcast_all(everybody: list[ServerConnection], message: bytes) -> None:
    """The library's `broadcast`, which waits for nobody and keeps what does not fit."""
    broadcast(everybody, message)


async def broadcast_bounded(everybody: list[ServerConnection], message: bytes) -> None:
    """Broadcast, and hang up on whoever is too far behind.

    `close` would not do: its message waits behind all that the client does not read.
    """
    broadcast(everybody, message)
    for connection in everybody:
        if connection.transport.get_write_buffer_size() > BOUND:
            connection.transport.abort()


SENDERS: dict[str, Send] = {
    "await send, one by one": one_by_one,
    "await gather": at_once,
    "broadcast": broadcast_all,
    "broadcast, bounded": broadcast_bounded,
}
"""How a message is told to everybody."""


@dataclass(frozen=True)
class Heard:
    """What became of the feed.

    Parameters
    ----------
    sent : int
        Messages that all who read have got.
    stopped : bool
        Whether the feed stood still before its end.
    buffered : int
        Most bytes that the server held for the deaf one.
    hung_up : bool
        Whether the server closed the deaf one's connection.
    """

    sent: int
    stopped: bool
    buffered: int
    hung_up: bool


def feed(sender: str, *, messages: int = 500, size: int = 20_000, readers: int = 3, small: bool = True) -> Heard:
    """Tell so many messages to readers and to one that reads nothing after the handshake.

    Parameters
    ----------
    sender : str
        A key of `SENDERS`.
    messages, size, readers : int
        How many messages, of how many bytes each, to how many that read.
    small : bool
        Have small buffers in the kernel; else those that it gives by itself.
    """
    with ThreadPoolExecutor(1) as thread:  # a notebook's own thread has a loop already
        return thread.submit(asyncio.run, _feed(SENDERS[sender], messages, size, readers, small)).result()


async def _feed(send: Send, messages: int, size: int, readers: int, small: bool) -> Heard:
    everybody: list[ServerConnection] = []
    changed, got = asyncio.Condition(), [0] * readers

    async def until(what: Callable[[], bool]) -> None:
        async with changed:
            await asyncio.wait_for(changed.wait_for(what), PATIENCE)

    async def join(connection: ServerConnection) -> None:
        if small:
            kernel = connection.transport.get_extra_info("socket")
            kernel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        async with changed:
            everybody.append(connection)
            changed.notify_all()
        await connection.wait_closed()

    async def read(number: int, client: ClientConnection) -> None:
        async for _ in client:
            async with changed:
                got[number] += 1
                changed.notify_all()

    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(serve(join, "127.0.0.1", 0, compression=None, ping_interval=None))
        port = server.sockets[0].getsockname()[1]
        stack.callback(_deaf(port, small).close)
        await until(lambda: len(everybody) == 1)
        silent = everybody[0].transport
        ears = []
        for number in range(readers):
            client = await connect(f"ws://127.0.0.1:{port}", compression=None, ping_interval=None, proxy=None)
            stack.push_async_callback(client.close)
            ears.append(asyncio.ensure_future(read(number, client)))
        await until(lambda: len(everybody) == readers + 1)
        most, stopped = 0, False
        for number in range(1, messages + 1):
            told = asyncio.ensure_future(send(everybody, number.to_bytes(4, "big") * (size // 4)))
            stopped = not await _done(told, silent)
            most = max(most, silent.get_write_buffer_size())
            if stopped:
                break
            await until(lambda number=number: min(got) >= number)  # type: ignore[misc]
        heard = Heard(min(got), stopped, most, silent.is_closing())
        silent.abort()  # which also lets a sender go that waits for it
        await asyncio.gather(told, return_exceptions=True)
    await asyncio.gather(*ears)
    return heard


def _deaf(port: int, small: bool) -> socket.socket:
    """Ask for a WebSocket, and read nothing."""
    deaf = socket.socket()
    if small:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
    deaf.settimeout(PATIENCE)
    deaf.connect(("127.0.0.1", port))
    deaf.sendall(_HANDSHAKE)
    return deaf


async def _done(task: asyncio.Future[None], silent: asyncio.WriteTransport) -> bool:
    """Wait until everybody was told; False when nothing has moved for a while and the deaf one's buffer is full.

    How long a while is decides nothing: nobody will ever read what waits there.
    """
    looks, waiting = 0, -1
    while looks < LOOKS:
        await asyncio.wait({task}, timeout=LOOK_SECONDS)
        if task.done():
            task.result()
            return True
        now = silent.get_write_buffer_size()
        looks = looks + 1 if now and now == waiting else 0
        waiting = now
    return False
