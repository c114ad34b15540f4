"""One problem in six paradigms: which airports can be reached by these flights, from this one?

Each function takes the flights, pairs of airports, and returns the airports to which a journey of one flight or more
leads; the start is among them only if a journey leads back. They agree on every network. `logic` knows no start: it
gives all pairs, and whoever asks chooses.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import reduce
from queue import Queue
from threading import Thread
from typing import Any

Flight = tuple[str, str]
AIRPORTS = ("SFO", "LAX", "SEA", "DEN", "ORD", "JFK", "BOS", "MIA")


def functional(flights: Collection[Flight], start: str) -> frozenset[str]:
    """Take one step from what is known, as many times as there are flights; nothing is ever changed."""

    def more(known: frozenset[str], _: object) -> frozenset[str]:
        return known | {b for a, b in flights if a == start or a in known}

    return reduce(more, flights, frozenset())


def logic(flights: Collection[Flight]) -> set[Flight]:
    """Derive all pairs (a, b) with a journey from a to b: semi-naive, each round joins only what the last one found."""
    reach = new = set(flights)
    while new := {(a, c) for a, b in flights for d, c in new if b == d} - reach:
        reach = reach | new
    return reach


def objects(flights: Collection[Flight], start: str) -> set[str]:
    """Let each airport ask those that it flies to."""

    class Airport:
        def __init__(self) -> None:
            self.flights: dict[str, Airport] = {}

        def reached(self, seen: set[str]) -> set[str]:
            for name, airport in self.flights.items():
                if name not in seen:
                    seen.add(name)
                    airport.reached(seen)
            return seen

    airports = {name: Airport() for name in {start}.union(*flights)}
    for a, b in flights:
        airports[a].flights[b] = airports[b]
    return airports[start].reached(set())


def imperative(flights: Collection[Flight], start: str) -> set[str]:
    """Keep a list of what is still to be looked at."""
    found: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        for a, b in flights:
            if a == here and b not in found:
                found.add(b)
                todo.append(b)
    return found


def ignore(what: object) -> None:
    """Take note of nothing."""


def dataflow(
    flights: Collection[Flight], start: str, woken: Callable[[str], None] = ignore, pick: int = -1
) -> set[str]:
    """Give each airport a formula, and wake it whenever a value changes that its formula reads.

    Parameters
    ----------
    flights : collection of (str, str)
        Each distinct.
    start : str
        Where the journeys begin.
    woken : callable
        Is told the name of each cell that wakes up.
    pick : int
        Which of those that wait wakes next: -1 the last, 0 the first. The result does not depend on it.
    """
    cells = dict.fromkeys({start}.union(*flights), False)
    waiting = [b for a, b in flights if a == start]
    while waiting:
        cell = waiting.pop(pick)
        woken(cell)
        if not cells[cell] and any(a == start or cells[a] for a, b in flights if b == cell):
            cells[cell] = True
            waiting += [b for a, b in flights if a == cell]
    return {name for name, value in cells.items() if value}


Box = Queue[Any]
"""A mailbox: of pairs of what a message says and the mailbox that its answer goes to; None ends its reader."""


def airport(
    name: str, flights: Collection[Flight], boxes: Mapping[str, Box], home: Box, sent: Callable[[str], None]
) -> None:
    """Live as one airport: visit those that can be flown to, once, and answer each visit when it is done.

    The visit that finds nothing owed is answered last, when all that it led to has been answered; any other at once.
    """
    inbox, to = boxes[name], [b for a, b in flights if a == name]
    owed, reached = 0, False
    first: Box | None = None

    def send(box: Box, what: str) -> None:
        sent(what)
        box.put((what, inbox))

    while message := inbox.get():
        what, sender = message
        if what == "done":
            owed -= 1
        else:
            reached = reached or sender is not home
            if first is None:
                first = sender
            else:
                send(sender, "done")
        while to:
            send(boxes[to.pop()], "visit")
            owed += 1
        if first is not None and owed == 0:
            send(first, "done")
            first = None
    home.put(name if reached else None)


def actors(flights: Collection[Flight], start: str, sent: Callable[[str], None] = ignore) -> set[str]:
    """Give each airport a thread and a mailbox, and no other way to know of the others.

    That it is over is found as by Dijkstra and Scholten: home's visit is answered when nobody owes an answer.

    Parameters
    ----------
    flights : collection of (str, str)
        Each distinct.
    start : str
        Where the journeys begin.
    sent : callable
        Is told the kind of each message: "visit" or "done". Called by many threads.
    """
    home: Box = Queue()
    boxes: dict[str, Box] = {name: Queue() for name in {start}.union(*flights)}
    for name in boxes:
        given = (name, flights, boxes, home, sent)
        Thread(target=airport, args=given, daemon=True).start()
    sent("visit")
    boxes[start].put(("visit", home))
    home.get()
    for box in boxes.values():
        box.put(None)
    return {name for _ in boxes if (name := home.get())}


def leaving(flights: Iterable[Flight], start: str) -> int:
    """Count the flights that leave the start or an airport that can be reached from it: the closed form of messages."""
    known = list(flights)
    found = functional(known, start) | {start}
    return sum(a in found for a, _ in known)


def some_flights(draw: random.Random) -> list[Flight]:
    """Draw a network of up to eight airports and sixteen flights; loops and flights in circles are in it."""
    names = AIRPORTS[: draw.randint(2, len(AIRPORTS))]
    pairs = [(a, b) for a in names for b in names]
    return draw.sample(pairs, draw.randint(0, min(16, len(pairs))))
