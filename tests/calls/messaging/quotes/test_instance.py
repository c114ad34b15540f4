"""An instance over real sockets: both wires, and followers of every bad manner."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from companion.calls.messaging.broker import Broker, connected, running
from companion.calls.messaging.quotes.instance import Instance, asked, serving
from companion.calls.messaging.quotes.quote import QuotesError, read_message
from companion.calls.messaging.quotes.source import STREAM, open_stream, publish
from companion.calls.messaging.quotes.subscriber import Subscriber

PATIENCE = 30.0


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with running() as broker:
        yield broker


@pytest.fixture
def mortal() -> Iterator[Broker]:
    """A broker that a test may kill."""
    with running() as broker:
        yield broker


def run(
    broker: Broker, story: Callable[[JetStreamContext, Instance], Coroutine[None, None, None]], heartbeat: float = 30.0
) -> None:
    async def main() -> None:
        async with asyncio.timeout(PATIENCE), connected(broker.url) as client:
            js = client.jetstream()
            with suppress(NotFoundError):
                await js.delete_stream(STREAM)
            await open_stream(js)
            await publish(js, acme(1, 2, 3))
            async with serving(broker.url, heartbeat=heartbeat) as instance:
                await story(js, instance)

    asyncio.run(main())


def acme(*numbers: int) -> list[tuple[str, int, float]]:
    return [("ACME", number, 100.0) for number in numbers]


@asynccontextmanager
async def stream(instance: Instance, query: str = "") -> AsyncIterator[ClientConnection]:
    url = f"ws://127.0.0.1:{instance.port}/stream/ACME{query}"
    async with connect(url, compression=None, proxy=None, ping_interval=None, close_timeout=5) as connection:
        yield connection


async def numbers(connection: ClientConnection, count: int) -> list[int]:
    batches = [read_message(await connection.recv()) for _ in range(count)]
    return [quote.number for batch in batches for quote in batch.quotes]


async def poll(instance: Instance, query: str = "", symbol: str = "ACME") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE, verify=False) as client:
        return await client.get(f"http://127.0.0.1:{instance.port}/poll/{symbol}{query}")


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def test_both_wires_begin_with_the_last_quote_and_go_on_from_a_place(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        async with stream(instance) as fresh, stream(instance, "?after=1") as back:
            assert await numbers(fresh, 1) == [3]
            assert await numbers(back, 2) == [2, 3]
            await publish(js, acme(4))
            assert await numbers(fresh, 1) == await numbers(back, 1) == [4]
        answer = await poll(instance)
        assert answer.headers["content-type"] == "application/json" and answer.headers["cache-control"] == "no-store"
        assert [quote.number for quote in read_message(answer.content).quotes] == [4]
        assert [quote.number for quote in read_message((await poll(instance, "?after=2")).content).quotes] == [3, 4]
        await until(lambda: not instance.board.followers)

    run(broker, story)


def test_a_poll_waits_for_the_next_quote_or_a_heartbeat(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        waiting = asyncio.create_task(poll(instance, "?after=3"))
        await until(lambda: instance.board.followers == 1)
        await publish(js, [("EMCA", 1, 1.0), *acme(4)])
        assert json.loads((await waiting).content)["quotes"][0]["number"] == 4

    run(broker, story)

    async def quiet(js: JetStreamContext, instance: Instance) -> None:
        assert (await poll(instance, "?after=9")).json() == {"type": "heartbeat", "seq": 9}, "never back"
        assert (await poll(instance, "?after=3", "EMCA")).json() == {"type": "heartbeat", "seq": 3}

    run(broker, quiet, heartbeat=0.05)


def test_a_stream_hears_a_heartbeat_with_the_place_up_to_which_it_has_everything(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        async with stream(instance) as connection:
            await numbers(connection, 1)
            await instance.caught_up(await publish(js, [("EMCA", 1, 1.0)]))
            instance.beat()
            assert json.loads(await connection.recv()) == {"type": "heartbeat", "seq": 3}

    run(broker, story)


def test_the_timer_beats_by_itself(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        async with stream(instance) as connection:
            await numbers(connection, 1)
            assert json.loads(await connection.recv())["type"] == "heartbeat"

    run(broker, story, heartbeat=0.05)


def test_what_an_instance_has_no_longer_at_hand_it_fetches(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        await instance.caught_up(await publish(js, acme(*range(4, 151))))
        assert instance.board.first("ACME") == 51
        async with stream(instance, "?after=1") as connection:
            assert await numbers(connection, 149) == list(range(2, 151))
        first = read_message((await poll(instance, "?after=1")).content)
        assert [quote.number for quote in first.quotes] == list(range(2, 102)), "a hundred in one answer"
        async with serving(broker.url) as fresh:
            assert fresh.board.first("ACME") == 150, "a new instance begins with the snapshot"
            follower = Subscriber([f"127.0.0.1:{fresh.port}"], "ACME", wire="poll")
            follower.last = 1
            assert [quote.number for quote in await follower.until(150)] == list(range(2, 151))

    run(broker, story)


def test_a_heartbeat_never_claims_more_than_was_sent(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        await instance.caught_up(await publish(js, acme(*range(4, 151))))
        async with serving(broker.url) as fresh, stream(fresh, "?after=1") as connection:
            last, beats = 1, 0
            while last < 150:
                fresh.beat()  # while it still fetches what the follower has not
                message = json.loads(await connection.recv())
                if message["type"] == "quote":
                    assert message["seq"] == last + 1
                    last += 1
                else:
                    assert message["seq"] == last
                    beats += 1
            assert beats
            connection.transport.abort()  # with heartbeats unread, a closing handshake would wait

    run(broker, story)


def test_what_is_no_quote_is_passed_over(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        await js.publish("quotes.ACME", b"{")
        await js.publish("quotes.acme", b'{"number": 1, "price": 1}')
        async with stream(instance) as connection:
            await publish(js, acme(4))
            assert await numbers(connection, 2) == [3, 4]

    run(broker, story)


@pytest.mark.parametrize("path", [
    "/", "/poll", "/poll/", "/poll/acme", "/poll/*", "/poll/ACME/1", "/other/ACME", "/poll/ACME?after=-1",
    "/poll/ACME?after=1.5", "/poll/ACME?after=" + "9" * 17, "/poll/ACME?after=%C2%B2", "/stream/A.B",
    "/poll/ACME?" + "&".join("after=1" for _ in range(11)), "//poll/ACME", "/poll/ACME?after=",
])  # fmt: skip
def test_there_is_nothing_else(path: str) -> None:
    if path.endswith("after="):
        assert asked(path) == ("poll", "ACME", 0)
        return
    with pytest.raises(QuotesError):
        asked(path)


def test_a_wrong_path_is_404_and_a_poll_is_no_websocket(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        assert (await poll(instance, "?after=x")).status_code == 404
        for path, status in (("other/ACME", 404), ("poll/ACME", 200)):
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"ws://127.0.0.1:{instance.port}/{path}", proxy=None)
            assert refused.value.response.status_code == status
        async with httpx.AsyncClient(trust_env=False) as client:  # a GET that asks for no WebSocket
            assert (await client.get(f"http://127.0.0.1:{instance.port}/stream/ACME")).status_code == 426

    run(broker, story)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"\x00" * 9000,
        b"POST /poll/ACME HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_garbage_ends_its_own_connection_only(broker: Broker, garbage: bytes) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        async with stream(instance) as connection:
            reader, writer = await asyncio.open_connection("127.0.0.1", instance.port)
            writer.write(garbage)
            answer = await reader.read()
            assert not answer.startswith(b"HTTP/1.1 200")
            writer.close()
            await publish(js, acme(4))
            assert await numbers(connection, 2) == [3, 4]

    run(broker, story)


def test_who_talks_too_long_is_closed_and_who_talks_is_not_heard(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        async with stream(instance) as loud, stream(instance) as chatty:
            await loud.send("x" * 5000)
            with pytest.raises(ConnectionClosed) as closed:
                await numbers(loud, 9)
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009
            for _ in range(50):
                await chatty.send("x")
            await publish(js, acme(4))
            assert await numbers(chatty, 2) == [3, 4]

    run(broker, story)


def test_a_poller_who_hangs_up_is_forgotten(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", instance.port)
        writer.write(b"GET /poll/ACME?after=3 HTTP/1.1\r\nHost: a\r\n\r\n")
        await until(lambda: instance.board.followers == 1)
        writer.transport.abort()
        await until(lambda: not instance.board.followers)

    run(broker, story)


def test_when_an_instance_ends_streams_are_told_and_polls_are_answered(broker: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        async with stream(instance) as connection:
            waiting = asyncio.create_task(poll(instance, "?after=3"))
            await until(lambda: instance.board.followers == 2)
            instance.end()
            assert (await waiting).json() == {"type": "heartbeat", "seq": 3}
            with pytest.raises(ConnectionClosed) as closed:
                await numbers(connection, 9)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1012, "go on elsewhere")

    run(broker, story)


def test_when_the_broker_is_killed_nobody_is_left_waiting(mortal: Broker) -> None:
    async def story(js: JetStreamContext, instance: Instance) -> None:
        async with stream(instance) as connection:
            await numbers(connection, 1)
            mortal.kill()
            with pytest.raises(ConnectionClosed) as closed:
                await connection.recv()
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
        await instance.ended()

    run(mortal, story)


def test_without_a_broker_or_a_stream_there_is_no_instance(mortal: Broker) -> None:
    async def start() -> None:
        async with serving(mortal.url):
            raise AssertionError("it started")

    with pytest.raises(QuotesError):
        asyncio.run(start())
    mortal.kill()
    with pytest.raises(QuotesError):
        asyncio.run(start())
