"""The four ways, played: the seed says when events come and who is away; what is told, the real server decides.

Time is the script's. A reader whose long poll was answered is away for a cycle: the answer travels to it, and its next
request back. A reader that was cut off is away for an outage. While it is away the script publishes without waiting.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from companion.calls.messaging.feeds.quotes import FeedError, Quote, arrivals, quotes
from companion.calls.messaging.feeds.readers import WAYS, Cut, Reader
from companion.calls.messaging.feeds.server import Running, serving
from companion.proxy import Faults, Proxy, proxy

HALF_AN_EVENT = 20
"""Bytes of an answer that a cut lets through."""


@dataclass
class Outcome:
    """What a reader got.

    Parameters
    ----------
    published : int
        How many events there were.
    seen : list of int
        The numbers that came, in this order.
    requests, connections : int
        How often it asked, and connected.
    received, sent : int
        Bytes to the reader and from it, without those of TCP.
    latencies : list of float
        Seconds, of the script's time, from an event to its reader.
    """

    published: int
    seen: list[int] = field(default_factory=list)
    requests: int = 0
    connections: int = 0
    received: int = 0
    sent: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def missed(self) -> int:
        """How many events never came."""
        return self.published - len(set(self.seen))

    @property
    def share(self) -> float:
        """The share that never came."""
        return self.missed / self.published

    @property
    def latency(self) -> float:
        """The mean of the latencies."""
        return statistics.fmean(self.latencies)


class _Play:
    """One reader, the server and the proxy between them."""

    def __init__(self, server: Running, between: Proxy, reader: Reader, cycle: float, outage: float) -> None:
        self.server, self.between, self.reader, self.cycle, self.outage = server, between, reader, cycle, outage
        self.there, self.back, self.requests = False, 0.0, 0
        self.cuts: list[float] = []
        self.at: dict[int, float] = {}
        self.latencies: list[float] = []

    def take(self, now: float) -> None:
        """Take an answer that left the server at that time; it may be cut off on its way."""
        try:
            found = self.reader.take()
        except Cut:
            self.between.faults = Faults()
            self.server.wait_for_readers(0)
            self.there, self.back = False, now + self.outage
            return
        self.latencies += [now + self.cycle / 2 - self.at[number] for number in found]
        if self.reader.polls:
            self.there, self.back = False, now + self.cycle

    def arm(self, now: float) -> None:
        """Have the answer that comes next cut off, if it is time."""
        if self.cuts and self.cuts[0] <= now:
            self.cuts.pop(0)
            self.between.faults = Faults(cut_after=HALF_AN_EVENT)

    def come_back(self) -> None:
        """Ask; whoever says what it saw last is first told the rest."""
        now = self.back
        behind = self.reader.resumes and self.reader.last < self.server.latest
        if behind and self.reader.polls:
            self.arm(now)
        self.reader.ask()
        self.requests += 1
        self.there = True
        while behind and self.there and self.reader.last < self.server.latest:
            self.take(now)
        if self.there:
            self.server.wait_for_readers(1)

    def event(self, now: float, quote: Quote) -> None:
        """Publish at that time."""
        self.at[quote[0]] = now
        while not self.there and self.back <= now:
            self.come_back()
        if self.there:
            self.arm(now)
        self.server.publish(quote)
        if self.there:
            self.take(now)


def play(
    way: str, times: Sequence[float], *, seed: int = 5, cycle: float = 0.04, cuts: Sequence[float] = (),
    outage: float = 0.04,
) -> Outcome:  # fmt: skip
    """Let a reader follow a feed.

    Parameters
    ----------
    way : str
        A key of `WAYS`.
    times : sequence of float
        When the events come, in seconds of the script.
    seed : int
        Of the prices.
    cycle : float
        Seconds from an answer's leaving the server to the next request's coming: the delay there and back.
    cuts : sequence of float
        From when on the next answer is cut off after `HALF_AN_EVENT` bytes.
    outage : float
        Seconds until a reader that was cut off is in place again.
    """
    told = quotes(seed, len(times))
    with serving() as server, proxy(server.address) as between, closing(WAYS[way](between.address)) as reader:
        script = _Play(server, between, reader, cycle, outage)
        script.cuts = list(cuts)
        for now, quote in zip(times, told, strict=True):
            script.event(now, quote)
        while reader.resumes and reader.last < server.latest:
            script.come_back()
        return Outcome(
            len(times), reader.seen, script.requests, reader.connections, len(between.to_client()),
            len(between.to_server()), script.latencies,
        )  # fmt: skip


def bytes_per_event(way: str, events: int = 50) -> tuple[int, int]:
    """Count what one more event costs when each is read before the next: bytes to the reader, and from it."""
    told = quotes(5, 10 + events)
    marks = []
    with serving() as server, proxy(server.address) as between, closing(WAYS[way](between.address)) as reader:
        for number, quote in enumerate(told):
            if number >= 10:  # from here on numbers have two digits, so that all events are equally long
                marks.append((len(between.to_client()), len(between.to_server())))
            reader.ask()
            server.wait_for_readers(1)
            server.publish(quote)
            reader.take()
        marks.append((len(between.to_client()), len(between.to_server())))
    steps = {(after[0] - before[0], after[1] - before[1]) for before, after in itertools.pairwise(marks)}
    if len(steps) != 1:
        raise FeedError(f"the events differ: {sorted(steps)}")
    return steps.pop()


def away(seed: int, load: float, events: int = 400) -> Outcome:
    """Let the article's long poll read a feed of which so many events come, on average, while it is away."""
    return play("long poll", arrivals(seed, load, events), cycle=1.0)
