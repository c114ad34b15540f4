"""The feed and its server: long poll, server-sent events and WebSocket at one address.

An experiment is driven from outside: it waits until a reader is in place, publishes, and reads. So what is told to whom
depends on no clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from companion.calls.messaging.feeds.quotes import FeedError, Quote
from companion.calls.wire.tcp import bind

KEPT = 1_000
"""Events that are kept for those who ask for what they missed."""
MOST_WAITING = 1_000
"""Events that wait for one stream; whoever has more is hung up on."""
POLL_SECONDS = 30.0
"""How long a poll is held open, as in the article."""
PATIENCE = 30.0
"""Seconds; the right path never waits for it."""
RETRY_MS = 50

Queue = asyncio.Queue[Quote | None]


class Feed:
    """What was published, and who waits for more; used in the server's thread only."""

    def __init__(self) -> None:
        self.kept: deque[Quote] = deque(maxlen=KEPT)
        self.polls: set[asyncio.Future[list[Quote]]] = set()
        self.streams: set[Queue] = set()
        self.changed = threading.Condition()
        self.left: float | None = None
        self.cycles: list[float] = []
        self.ended = False

    def readers(self) -> int:
        """How many are in place; also a poll whose client has left, until it is answered: nobody tells us."""
        return len(self.polls) + len(self.streams)

    def publish(self, quote: Quote) -> None:
        """Tell everybody who is in place."""
        self.kept.append(quote)
        for answer in self.polls:
            if not answer.done():
                answer.set_result([quote])
        self.polls.clear()
        for queue in list(self.streams):
            self._put(queue, quote)

    def since(self, number: int) -> list[Quote]:
        """Give what came after that number, or raise `Gone` if that is not kept any more."""
        if self.kept and number < self.kept[0][0] - 1:
            raise Gone(f"what came after {number} is not kept any more")
        return [quote for quote in self.kept if quote[0] > number]

    async def next_only(self) -> list[Quote]:
        """Wait as in the article, and note the time since the last such answer; of use with one such reader."""
        if self.left is not None:
            self.cycles.append(time.monotonic() - self.left)
        found = await self.next()
        self.left = time.monotonic()
        return found

    async def next(self) -> list[Quote]:
        """Wait for the next event, or for the time to be up."""
        answer: asyncio.Future[list[Quote]] = asyncio.get_running_loop().create_future()
        self.polls.add(answer)
        self.tell()
        try:
            return [] if self.ended else await asyncio.wait_for(answer, POLL_SECONDS)
        except TimeoutError:
            return []
        finally:
            self.polls.discard(answer)
            self.tell()

    @contextlib.contextmanager
    def subscription(self, after: int | None) -> Iterator[Queue]:
        """Be told of all events from now on, and before that of those after a number."""
        queue: Queue = asyncio.Queue(MOST_WAITING + KEPT)
        for quote in [] if after is None else self.since(after):
            queue.put_nowait(quote)
        if self.ended:
            queue.put_nowait(None)
        self.streams.add(queue)
        self.tell()
        try:
            yield queue
        finally:
            self.streams.discard(queue)
            self.tell()

    def _put(self, queue: Queue, quote: Quote) -> None:
        if queue.qsize() < MOST_WAITING:
            queue.put_nowait(quote)
        else:
            self.hang_up(queue)

    def hang_up(self, queue: Queue) -> None:
        """End a stream, after what waits for it."""
        self.streams.discard(queue)
        queue.put_nowait(None)
        self.tell()

    def end(self) -> None:
        """Let everybody go."""
        self.ended = True
        for answer in self.polls:
            if not answer.done():
                answer.set_result([])
        for queue in list(self.streams):
            self.hang_up(queue)

    def tell(self) -> None:
        """Wake whoever waits for readers."""
        with self.changed:
            self.changed.notify_all()


class Gone(FeedError):
    """Somebody asks for more than is kept."""


def _refusal(error: FeedError) -> Response:
    return PlainTextResponse(str(error), 410 if isinstance(error, Gone) else 400)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise FeedError("the number of an event is wanted")
    return int(text)


def app_of(feed: Feed) -> Starlette:
    """Serve a feed at ``/poll``, ``/poll?after=N``, ``/sse`` and ``/ws``."""

    async def poll(request: Request) -> Response:
        after = request.query_params.get("after")
        try:
            if after is None:
                found = await feed.next_only()  # the article's: whoever waits gets it
            else:
                found = feed.since(_number(after)) or await feed.next()
        except FeedError as error:
            return _refusal(error)
        return Response("[" + ",".join(text for _, text in found) + "]", media_type="application/json")

    async def sse(request: Request) -> Response:
        last = request.headers.get("last-event-id")
        try:
            after = _number(last) if last else None
            if after is not None:
                feed.since(after)
        except FeedError as error:
            return _refusal(error)

        async def events() -> AsyncIterator[str]:
            yield f"retry: {RETRY_MS}\n\n"
            with feed.subscription(after) as queue:
                while (quote := await queue.get()) is not None:
                    yield f"id: {quote[0]}\ndata: {quote[1]}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream", headers={"cache-control": "no-store"})

    async def ws(socket: WebSocket) -> None:
        await socket.accept()
        with feed.subscription(None) as queue:

            async def listen() -> None:
                while (await socket.receive())["type"] != "websocket.disconnect":
                    continue  # whatever it says
                if queue in feed.streams:
                    feed.hang_up(queue)

            ear = asyncio.ensure_future(listen())
            with contextlib.suppress(WebSocketDisconnect):
                while (quote := await queue.get()) is not None:
                    await socket.send_text(quote[1])
                await socket.close()
            await ear

    routes = [Route("/poll", poll), Route("/sse", sse), WebSocketRoute("/ws", ws)]
    return Starlette(routes=routes)


class Running:
    """A feed that is being served, as an experiment sees it from its own thread."""

    def __init__(self, address: tuple[str, int], feed: Feed, loop: asyncio.AbstractEventLoop) -> None:
        self.address, self.feed, self._loop = address, feed, loop
        self.latest = 0

    def publish(self, quote: Quote) -> None:
        """Publish, and wait until everybody in place has been told."""
        done = threading.Event()

        def publish() -> None:
            self.feed.publish(quote)
            done.set()

        self._loop.call_soon_threadsafe(publish)
        if not done.wait(PATIENCE):
            raise FeedError("the server does not publish")
        self.latest = quote[0]

    def end(self) -> None:
        """Let all readers go; a poll is answered with nothing, a stream ends."""
        self._loop.call_soon_threadsafe(self.feed.end)

    def wait_for_readers(self, count: int) -> None:
        """Wait until so many are in place."""
        with self.feed.changed:
            if not self.feed.changed.wait_for(lambda: self.feed.readers() == count, PATIENCE):
                raise FeedError(f"{self.feed.readers()} readers are in place and not {count}")


@contextlib.contextmanager
def serving() -> Iterator[Running]:
    """Serve a feed on a free port of loopback, in a thread, while the context lasts."""
    feed = Feed()
    listener = bind("127.0.0.1", 0)
    config = uvicorn.Config(
        app_of(feed),
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_max_size=65_536,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=2,
        limit_concurrency=200,
    )
    server = uvicorn.Server(config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve([listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="feed-server", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.002)
        if not server.started:
            raise FeedError("the server did not start")
        yield Running(listener.getsockname()[:2], feed, loops[0])
    finally:
        if thread.is_alive():
            loops[0].call_soon_threadsafe(feed.end)
        server.should_exit = True
        thread.join()
        listener.close()
