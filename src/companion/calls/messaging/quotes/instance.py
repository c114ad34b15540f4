"""One instance of the service: it listens to the stream, and followers come over WebSocket or by long poll.

    GET /stream/ACME?after=17    a WebSocket: what came after place 17, then each quote as it comes
    GET /poll/ACME?after=17      one answer: what came after place 17, or the next quote, or a heartbeat

Without `after` both begin with the last quote. An instance keeps nothing that the stream has not: a follower may go on
at any other one. One event loop does everything, and no step waits for a follower: what one does not read lies in a
buffer, and above a bound it is sent away.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

from nats.aio.msg import Msg
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import DeliverPolicy
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from companion.calls.messaging.broker import connected
from companion.calls.messaging.quotes.board import Board, Follower
from companion.calls.messaging.quotes.quote import (
    LARGEST,
    Batch,
    Quote,
    QuotesError,
    batch_message,
    from_broker,
    heartbeat_message,
    is_symbol,
    quote_message,
    subject_of,
)
from companion.calls.messaging.quotes.source import LAST_QUOTES, STREAM, earlier

HEARTBEAT = 30.0
"""Seconds without a word after which an instance says that it is there."""
BOUND = 256 * 1024
"""Bytes that may wait for one follower, beside what the system buffers for it."""
MOST_FOLLOWERS = 5000
MOST_IN_AN_ANSWER = 100
SYSTEM_BUFFER = 64 * 1024
"""Bytes that the system is asked to buffer for a connection; left alone, it may take megabytes before we notice."""
GRACE = 5.0
"""Seconds for a follower to take its leave before its connection is broken."""
NAME = "companion"
_SILENT = logging.getLogger("companion.calls.quotes")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Instance:
    """A running instance; made by `serving`.

    Attributes
    ----------
    port : int
    board : Board
    sent_away : int
        Followers that did not read.
    """

    def __init__(self, js: JetStreamContext, heartbeat: float, bound: int) -> None:
        self.port = 0
        self.board = Board()
        self.sent_away = 0
        self.streams: dict[ServerConnection, Follower] = {}
        self._js = js
        self._heartbeat = heartbeat
        self._bound = bound
        self._polls = 0
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ends: set[asyncio.Task[None]] = set()

    async def hear(self, message: Msg) -> None:
        """Take in what the broker delivers; what is no quote is passed over."""
        with suppress(QuotesError):
            self.board.put(from_broker(message.subject, message.metadata.sequence.stream, message.data))

    async def caught_up(self, seq: int) -> None:
        """Wait until the stream has been heard up to a place."""
        while self.board.newest < seq and not self._over.done():
            await asyncio.sleep(0.002)

    def beat(self) -> None:
        """Say to all streams that we are there, and up to where they have everything."""
        for connection, follower in tuple(self.streams.items()):
            self._send(connection, heartbeat_message(follower.last))

    def end(self) -> None:
        """Let the polls answer, and take no more."""
        if not self._over.done():
            self._over.set_result(None)

    async def ended(self) -> None:
        """Wait for the end: ours, or that of the feed."""
        await asyncio.shield(self._over)

    async def route(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a poll; None makes the request a WebSocket."""
        if request.method != "GET":
            return connection.respond(405, "here is only GET\n")
        try:
            wire, symbol, after = asked(request.path)
        except QuotesError as error:
            return connection.respond(404, f"{error}\n")
        if self._over.done() or len(self.streams) + self._polls >= MOST_FOLLOWERS:
            return connection.respond(503, "no room, try another instance\n")
        if wire == "stream":
            return None
        self._polls += 1
        try:
            batch = await self._poll(connection, symbol, after)
        finally:
            self._polls -= 1
        response = connection.respond(200, batch_message(batch) + "\n")
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        response.headers["Cache-Control"] = "no-store"
        return response

    async def stream(self, connection: ServerConnection) -> None:
        """Serve a WebSocket until either side ends it."""
        assert connection.request is not None  # that it was read is why we are here
        _, symbol, after = asked(connection.request.path)
        follower = Follower(lambda quote: self._send(connection, quote_message(quote)), after)
        self.streams[connection] = follower
        try:
            await self._bring_up(symbol, follower, 10 * LAST_QUOTES)
            self.board.join(symbol, follower)
            with suppress(ConnectionClosed):
                async for _ in connection:  # they have nothing to say
                    pass
        finally:
            self.streams.pop(connection, None)
            self.board.leave(symbol, follower)

    async def _poll(self, connection: ServerConnection, symbol: str, after: int) -> Batch:
        batch: list[Quote] = []
        come: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def tell(quote: Quote) -> None:
            batch.append(quote)
            if not come.done():
                come.set_result(None)

        follower = Follower(tell, after)
        await self._bring_up(symbol, follower, MOST_IN_AN_ANSWER)
        if len(batch) < MOST_IN_AN_ANSWER:
            self.board.join(symbol, follower)
        try:
            if not batch:
                lost = connection.connection_lost_waiter
                await asyncio.wait(
                    {come, self._over, lost}, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            self.board.leave(symbol, follower)
        if not batch:
            return Batch(max(after, self.board.newest))
        told = tuple(batch[:MOST_IN_AN_ANSWER])
        return Batch(told[-1].seq, told)

    async def _bring_up(self, symbol: str, follower: Follower, most: int) -> None:
        """Fetch from the stream what is older than what we have at hand, until nothing lies between."""
        if not follower.last:
            return
        seen = None
        while (first := self.board.first(symbol)) is not None and follower.last < first != seen and most > 0:
            older = await earlier(self._js, symbol, follower.last, first, most)
            for quote in older:
                follower.offer(quote)
            most -= len(older)
            seen = first

    def _send(self, connection: ServerConnection, text: str) -> None:
        """Send without waiting; who has more than the bound before it is sent away."""
        if connection not in self.streams:
            return
        if connection.transport.get_write_buffer_size() > self._bound:
            self.streams.pop(connection)
            self.sent_away += 1
            task = asyncio.create_task(_take_leave(connection, CloseCode.POLICY_VIOLATION, "does not read"))
            self._ends.add(task)
            task.add_done_callback(self._ends.discard)
            return
        broadcast([connection], text)

    async def run(self, server: Server) -> None:
        """Beat until the end."""
        while True:
            _, waits = await asyncio.wait({self._over}, timeout=self._heartbeat)
            if not waits:
                break
            self.beat()
        server.close(code=CloseCode.SERVICE_RESTART, reason="go on elsewhere")
        await server.wait_closed()
        while self._ends:
            await asyncio.wait(self._ends)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1000)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
        raise QuotesError(
            f"cannot listen at {host}:{port}: {why}; take another port or host (port 0: a free one)"
        ) from error


def asked(path: str) -> tuple[str, str, int]:
    """Read wire, symbol and place out of a path.

    Raises
    ------
    QuotesError
        There is nothing of that name.
    """
    parts = urlsplit(path)
    wire, _, symbol = parts.path.removeprefix("/").partition("/")
    if wire not in ("stream", "poll") or not is_symbol(symbol):
        raise QuotesError("here are /stream/SYMBOL and /poll/SYMBOL, with ?after=PLACE")
    try:
        (after,) = parse_qs(parts.query, max_num_fields=10).get("after", ["0"])[:1]
    except ValueError as error:
        raise QuotesError("too many parameters") from error
    if not (after.isascii() and after.isdigit() and len(after) < 17 and int(after) <= LARGEST):
        raise QuotesError("after is a place in the stream, a whole number")
    return wire, symbol, int(after)


async def _take_leave(connection: ServerConnection, code: CloseCode, reason: str) -> None:
    """Close a connection; one that takes nothing any more is broken."""
    try:
        async with asyncio.timeout(GRACE):
            await connection.close(code, reason)
    except TimeoutError:
        connection.transport.abort()


@asynccontextmanager
async def serving(
    url: str, host: str = "127.0.0.1", port: int = 0, *, heartbeat: float = HEARTBEAT, bound: int = BOUND
) -> AsyncIterator[Instance]:
    """Run an instance while the block lasts, beside others on the same broker.

    Parameters
    ----------
    url : str
        The broker's; the stream is there already.
    host, port : str, int
        Where to listen; port 0 takes a free one.
    heartbeat : float
        Seconds.
    bound : int
        Bytes that may wait for one follower.

    Raises
    ------
    QuotesError
        The broker is not there, or has no stream of quotes; or the address cannot be listened at.
    """
    ends: list[Instance] = []

    async def lost() -> None:
        for each in ends:
            each.end()

    try:
        async with connected(url, disconnected_cb=lost) as client:
            js = client.jetstream()
            info = await js.stream_info(STREAM)
            instance = Instance(js, heartbeat, bound)
            ends.append(instance)
            heard = await js.subscribe(
                subject_of("*"),
                cb=instance.hear,
                ordered_consumer=True,
                deliver_policy=DeliverPolicy.LAST_PER_SUBJECT,
            )
            await instance.caught_up(info.state.last_seq)  # the very last is the last of its symbol
            listener = _listener(host, port)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_BUFFER)  # connections inherit it
            async with serve(
                instance.stream,
                sock=listener,
                process_request=instance.route,
                open_timeout=heartbeat + 10,  # a poll waits inside of what the library takes for a handshake
                compression=None,
                ping_interval=heartbeat,
                ping_timeout=heartbeat,
                close_timeout=GRACE,
                max_size=1024,
                server_header=NAME,
                logger=_SILENT,
            ) as server:
                instance.port = listener.getsockname()[1]
                running = asyncio.create_task(instance.run(server))
                try:
                    yield instance
                finally:
                    instance.end()
                    await running
            with suppress(Error):  # of a connection that has ended
                await heard.unsubscribe()
    except Error as error:
        raise QuotesError(f"the broker at {url}: {str(error) or type(error).__name__}") from error


__all__ = ["BOUND", "HEARTBEAT", "Instance", "asked", "serving"]
