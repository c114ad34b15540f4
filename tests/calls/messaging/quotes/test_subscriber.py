"""A follower goes on: at another instance, over another wire, and never back."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from itertools import islice

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from companion.calls.messaging.broker import connected, running
from companion.calls.messaging.quotes.instance import serving
from companion.calls.messaging.quotes.quote import Quote, QuotesError, quote_message
from companion.calls.messaging.quotes.source import open_stream, prices, publish
from companion.calls.messaging.quotes.subscriber import Subscriber

PATIENCE = 30.0


def test_a_poll_goes_from_instance_to_instance_and_misses_nothing() -> None:
    async def story(url: str) -> None:
        async with asyncio.timeout(PATIENCE), connected(url) as client:
            js = client.jetstream()
            await open_stream(js)
            walk = prices(1)
            await publish(js, islice(walk, 30))
            async with serving(url) as one, serving(url) as two:
                follower = Subscriber([f"127.0.0.1:{each.port}" for each in (one, two)], "ACME", wire="poll")
                quotes = [*islice(walk, 150), ("ACME", 10_000, 1.0)]
                expected = [number for symbol, number, _ in quotes if symbol == "ACME"]
                found, _ = await asyncio.gather(follower.until(181), publish(js, quotes))
                assert [quote.number for quote in found][-len(expected) :] == expected
                assert len(found) <= len(expected) + 1 and follower.joins > 1

    with running() as broker:
        asyncio.run(story(broker.url))


@asynccontextmanager
async def middlebox(port: int) -> AsyncIterator[str]:
    """A proxy that knows nothing of WebSocket: it does not pass on what is for this hop only, as HTTP has it."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = re.sub(rb"(?mi)^(upgrade|connection):[^\n]*\n", b"", await reader.readuntil(b"\r\n\r\n"))
        other_reader, other = await asyncio.open_connection("127.0.0.1", port)
        other.write(head)
        with contextlib.suppress(ConnectionError):
            while data := await other_reader.read(4096):
                writer.write(data)
        other.close()
        writer.close()

    async with await asyncio.start_server(pass_on, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def test_behind_a_middlebox_that_drops_the_upgrade_it_polls() -> None:
    async def story(url: str) -> None:
        async with asyncio.timeout(PATIENCE), connected(url) as client:
            js = client.jetstream()
            await open_stream(js)
            await publish(js, [("ACME", 1, 1.0)])
            async with serving(url) as instance, middlebox(instance.port) as address:
                follower = Subscriber([address], "ACME")
                found, _ = await asyncio.gather(
                    follower.until(4), publish(js, [("ACME", number, 1.0) for number in (2, 3, 4)])
                )
                assert follower.wire == "poll"
                assert [quote.number for quote in found] == [*range(found[0].number, 5)]

    with running() as broker:
        asyncio.run(story(broker.url))


@asynccontextmanager
async def scripted(*messages: str, then: str = "close", status: int = 101) -> AsyncIterator[str]:
    """An instance that says what it is told to, to whoever comes; then it closes, or keeps silent."""

    async def say(connection: ServerConnection) -> None:
        for message in messages:
            await connection.send(message)
        if then == "silence":
            await connection.wait_closed()

    def refuse(connection: ServerConnection, request: Request) -> Response | None:
        return None if status == 101 else connection.respond(status, "no\n")

    async with serve(say, "127.0.0.1", 0, process_request=refuse, compression=None, close_timeout=0.1) as server:
        yield f"127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def quote(seq: int, number: int) -> str:
    return quote_message(Quote(seq, "ACME", number, 1.0))


def follow(
    *servers: AbstractAsyncContextManager[str], seq: int, silence: float = PATIENCE
) -> tuple[Subscriber, list[int]]:
    async def story() -> tuple[Subscriber, list[int]]:
        async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
            addresses = [await stack.enter_async_context(server) for server in servers]
            follower = Subscriber(addresses, "ACME", silence=silence)
            return follower, [quote.number for quote in await follower.until(seq)]

    return asyncio.run(story())


def test_it_drops_what_is_not_newer_and_counts_what_is_missing() -> None:
    follower, found = follow(scripted(*(quote(*one) for one in [(3, 1), (5, 2), (4, 2), (5, 2), (9, 5)])), seq=9)
    assert found == [1, 2, 5]
    assert (follower.again, follower.missed) == (2, 2)


def test_an_instance_that_says_nothing_is_left_for_the_next() -> None:
    follower, found = follow(scripted(then="silence"), scripted(quote(3, 1)), seq=3, silence=0.2)
    assert (found, follower.joins) == ([1], 2)


def test_an_instance_that_has_no_room_is_left_for_the_next_and_asked_for_a_websocket_again() -> None:
    follower, found = follow(scripted(status=503), scripted(quote(3, 1)), seq=3)
    assert (found, follower.wire) == ([1], "stream")


@pytest.mark.parametrize("garbage", ["", "{", "[]", '{"type": "quote"}', "x" * 70_000])
def test_an_instance_that_talks_garbage_is_left_for_the_next(garbage: str) -> None:
    _, found = follow(scripted(quote(3, 1), garbage), scripted(quote(5, 2)), seq=5)
    assert found == [1, 2]


def test_a_reason_for_closing_is_kept() -> None:
    follower, _ = follow(scripted(quote(3, 1)), scripted(quote(5, 2)), seq=5)
    assert follower.why == [""]


def test_it_gives_up_when_nobody_has_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.calls.messaging.quotes.subscriber.IN_VAIN", 3)
    with pytest.raises(QuotesError, match="3 attempts in a row"):
        follow(scripted(), seq=1)
