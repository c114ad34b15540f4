"""The article's design: sockets are served, polls never, and a place in the stream is not looked at."""

from companion.calls.messaging.quotes.article import HEARTBEAT, MarketDataServer


def test_a_poll_gets_heartbeats_and_no_quote() -> None:
    server, socket, poll = MarketDataServer(), list[object](), list[object]()
    server.handle_web_socket(socket.append, "ACME")
    expire = server.handle_long_polling(poll.append, "ACME", "")
    for price in (1, 2, 3):
        server.broadcast_to_subscribers("ACME", price)
    assert (socket, poll) == ([1, 2, 3], [])
    expire()
    assert poll == [HEARTBEAT]


def test_what_a_poll_says_that_it_has_makes_no_difference() -> None:
    for last in ("", "2", "nonsense"):
        server, poll = MarketDataServer(), list[object]()
        server.broadcast_to_subscribers("ACME", 1)
        server.handle_long_polling(poll.append, "ACME", last)
        assert poll == []


def test_a_poll_that_is_over_stays_registered() -> None:
    server = MarketDataServer()
    for _ in range(10):
        server.handle_long_polling(lambda _: None, "ACME", "")()
    assert len(server.subscriptions["ACME:poll"]) == 10


def test_a_symbol_that_ends_in_poll_would_be_taken_for_one() -> None:
    server, poll = MarketDataServer(), list[object]()
    server.handle_long_polling(poll.append, "ACME", "")
    server.broadcast_to_subscribers("ACME:poll", 1)
    assert poll == [1]


def test_a_socket_begins_with_the_cache() -> None:
    server, socket = MarketDataServer(), list[object]()
    server.broadcast_to_subscribers("ACME", 1)
    server.handle_web_socket(socket.append, "ACME")
    assert socket == [1]
