"""The article's service of quotes, as far as it decides who gets what: its sockets, its polls and its cache.

The names are its own. `send` and `respond` stand for the connections, `expire` for its timer of 30 s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

Say = Callable[[object], None]
HEARTBEAT = {"type": "heartbeat"}


class MarketDataServer:
    """Subscriptions by key, and a cache of the last quote of each symbol."""

    def __init__(self) -> None:
        self.subscriptions: defaultdict[str, list[Say]] = defaultdict(list)
        self.cache: dict[str, object] = {}

    def handle_web_socket(self, send: Say, symbol: str) -> None:
        """Register a socket, then send it what is in the cache."""
        self.subscriptions[symbol].append(send)
        if symbol in self.cache:
            send(self.cache[symbol])

    def handle_long_polling(self, respond: Say, symbol: str, last_event_id: str) -> Callable[[], None]:
        """Register a poll; what is returned is called when its 30 s are over. `last_event_id` has no reader."""
        self.subscriptions[symbol + ":poll"].append(respond)
        return lambda: respond(HEARTBEAT)

    def broadcast_to_subscribers(self, symbol: str, quote: object) -> None:
        """Send to the sockets, then put into the cache."""
        for send in self.subscriptions.get(symbol, ()):
            send(quote)
        self.cache[symbol] = quote


__all__ = ["HEARTBEAT", "MarketDataServer"]
