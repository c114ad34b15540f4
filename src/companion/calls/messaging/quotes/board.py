"""What one instance knows, and who follows it. Nothing here waits, so nothing comes between a quote and a join."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from companion.calls.messaging.quotes.quote import Quote

KEPT = 100
"""Quotes of a symbol that an instance has at hand; the stream has more."""


class Follower:
    """Someone who follows a symbol, and how far they are.

    Attributes
    ----------
    last : int
        The place in the stream up to which they have all; 0 is before the first.
    """

    def __init__(self, tell: Callable[[Quote], None], last: int = 0) -> None:
        self.last = last
        self._tell = tell

    def offer(self, quote: Quote) -> None:
        """Tell it, unless it is not newer: from a snapshot, another instance, or a poll the quote is known."""
        if quote.seq > self.last:
            self.last = quote.seq
            self._tell(quote)


class Board:
    """The newest quotes of each symbol, and their followers."""

    def __init__(self, kept: int = KEPT) -> None:
        self.newest = 0
        self._kept = kept
        self._recent: dict[str, deque[Quote]] = {}
        self._followers: dict[str, set[Follower]] = {}

    def put(self, quote: Quote) -> None:
        """Take in what the stream delivers, and pass it on. A quote that is not newer changes nothing."""
        recent = self._recent.setdefault(quote.symbol, deque(maxlen=self._kept))
        if recent and quote.seq <= recent[-1].seq:
            return
        recent.append(quote)
        self.newest = max(self.newest, quote.seq)
        for follower in tuple(self._followers.get(quote.symbol, ())):
            follower.offer(quote)

    def join(self, symbol: str, follower: Follower) -> None:
        """Offer what is at hand, and from now on all that comes: one step.

        Who has nothing yet gets the last quote; who has something, what came after it.
        """
        recent = self._recent.get(symbol, deque())
        for quote in tuple(recent) if follower.last else tuple(recent)[-1:]:
            follower.offer(quote)
        self._followers.setdefault(symbol, set()).add(follower)

    def leave(self, symbol: str, follower: Follower) -> None:
        """Offer nothing any more; nothing happens when they have left before."""
        followers = self._followers.get(symbol, set())
        followers.discard(follower)
        if not followers:
            self._followers.pop(symbol, None)

    def first(self, symbol: str) -> int | None:
        """Give the place of the oldest quote at hand: what is older must be fetched from the stream."""
        recent = self._recent.get(symbol)
        return recent[0].seq if recent else None

    @property
    def followers(self) -> int:
        """How many follow something."""
        return sum(map(len, self._followers.values()))


__all__ = ["KEPT", "Board", "Follower"]
