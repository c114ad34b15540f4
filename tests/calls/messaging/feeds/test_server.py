"""The feed's server: what it refuses, forgets and lets go."""

import http.client
import threading
from contextlib import closing

import pytest
from websockets.sync.client import connect

from companion.calls.messaging.feeds.quotes import FeedError, quotes
from companion.calls.messaging.feeds.readers import WAYS, Cut, EventStream, LastEventPoll, LongPoll, WebSocketReader
from companion.calls.messaging.feeds.server import KEPT, MOST_WAITING, Feed, serving


def get(address: tuple[str, int], path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(*address, timeout=30)) as connection:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_a_number_that_is_none_or_that_is_not_kept_is_refused() -> None:
    with serving() as server:
        for number in ("x", "-1", "9" * 16, "%D9%A1"):
            assert get(server.address, f"/poll?after={number}")[0] == 400
        assert get(server.address, "/sse", {"Last-Event-ID": "x"})[0] == 400
        for quote in quotes(5, KEPT + 5):
            server.publish(quote)
        assert get(server.address, "/poll?after=4")[0] == 410
        assert get(server.address, "/sse", {"Last-Event-ID": "4"})[0] == 410
        status, body = get(server.address, "/poll?after=5")
        assert status == 200 and body.count(b'"id"') == KEPT


def test_a_reader_learns_that_what_it_asks_for_is_gone() -> None:
    with serving() as server:
        for quote in quotes(5, KEPT + 5):
            server.publish(quote)
        with closing(LastEventPoll(server.address)) as reader:
            reader.ask()
            with pytest.raises(FeedError, match="not kept"):
                reader.take()


def test_several_readers_of_every_way_are_told_the_same_event() -> None:
    with serving() as server:
        readers = [reader_of(server.address) for reader_of in WAYS.values() for _ in range(2)]
        for reader in readers:
            reader.ask()
        server.wait_for_readers(len(readers))
        server.publish(quotes(5, 1)[0])
        assert [reader.take() for reader in readers] == [[1]] * len(readers)
        for reader in readers:
            reader.close()
        server.wait_for_readers(0)


def test_at_the_end_polls_are_answered_and_streams_are_ended() -> None:
    with serving() as server:
        poll, stream, socket = (way(server.address) for way in (LongPoll, EventStream, WebSocketReader))
        for reader in (poll, stream, socket):
            reader.ask()
        server.wait_for_readers(3)
    assert poll.take() == []
    for reader in (stream, socket):
        with pytest.raises(Cut):
            reader.take()
    poll.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "feed-server"]


def test_a_stream_that_is_too_far_behind_is_ended_after_what_waits_for_it() -> None:
    feed = Feed()
    with feed.subscription(None) as queue:
        for quote in quotes(5, MOST_WAITING + 3):
            feed.publish(quote)
        assert feed.readers() == 0
        assert queue.qsize() == MOST_WAITING + 1
        told = [queue.get_nowait() for _ in range(MOST_WAITING + 1)]
    assert told == [*quotes(5, MOST_WAITING), None]


def test_whatever_a_websocket_client_says_it_is_told_the_feed_and_its_end_is_heard() -> None:
    with serving() as server:
        host, port = server.address
        with connect(f"ws://{host}:{port}/ws", proxy=None) as talker:
            for said in ("text", b"bytes", "", b"\0"):
                talker.send(said)
            server.wait_for_readers(1)
            server.publish(quotes(5, 1)[0])
            assert talker.recv(timeout=30) == quotes(5, 1)[0][1]
        server.wait_for_readers(0)


def test_a_reader_refuses_what_is_no_quote() -> None:
    with serving() as server, closing(WebSocketReader(server.address)) as reader:
        for text in ("", "{}", "[1]", '{"id": null}', "[" * 9000):
            reader.ask()
            server.wait_for_readers(1)
            server.publish((1, text))
            with pytest.raises(FeedError, match="no quote"):
                reader.take()
