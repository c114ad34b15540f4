"""A join beside a broadcast, step by step: what a new follower sees, in every order of the steps.

The broadcast takes its steps for each quote, 1, 2, 3 and so on; quote 0 is in the store from the start. The new
follower takes its own, once. Between any two steps of the one there may be steps of the other.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

QUOTES = 3
BETWEEN = 10
"""Milliseconds from one quote to the next, in the schedule of random moments."""
ACCESS = 2.0
"""Milliseconds that an access to the store takes at most there; any time below is as likely."""


@dataclass(frozen=True)
class Design:
    """In which order things are done.

    Attributes
    ----------
    broadcast : tuple of str
        Of "put" (into the store) and "send" (to all followers); or "append", which is both in one step.
    join : tuple of str
        Of "add" (to the followers), "get" (out of the store) and "write" (what was got, to the follower); or "start",
        which is all in one step.
    newer_only : bool
        Whether the follower is shown only what is newer than what it was shown last.
    """

    broadcast: tuple[str, ...]
    join: tuple[str, ...]
    newer_only: bool = False


class Step(NamedTuple):
    """A step, and the number of the quote if it is the broadcast's."""

    name: str
    quote: int = 0


class Counts(NamedTuple):
    """In how many orders, and of these how many with a quote that is missing, and how many with a step back."""

    orders: int
    holes: int
    back: int


STEPS = ("add", "get", "write")
DESIGNS = {
    "send, put": Design(("send", "put"), STEPS),
    "put, send": Design(("put", "send"), STEPS),
    "put, send; newer only": Design(("put", "send"), STEPS, newer_only=True),
    "one log": Design(("append",), ("start",)),
}
"""The article's order; the other order; that with the rule of what is newer; and what LAST_PER_SUBJECT does."""


def shown(design: Design, steps: Iterable[Step]) -> list[int]:
    """Give the numbers of the quotes that the follower is shown, as they come."""
    store, got, following = 0, 0, False
    seen: list[int] = []

    def show(quote: int) -> None:
        if not design.newer_only or not seen or quote > seen[-1]:
            seen.append(quote)

    for name, quote in steps:
        if name in ("put", "append"):
            store = quote
        if name in ("send", "append") and following:
            show(quote)
        if name in ("add", "start"):
            following = True
        if name in ("get", "start"):
            got = store
        if name in ("write", "start"):
            show(got)
    return seen


def orders(design: Design, quotes: int = QUOTES) -> Iterator[list[Step]]:
    """Give every order in which the steps of both can be taken."""
    broadcast = [Step(name, quote) for quote in range(1, quotes + 1) for name in design.broadcast]
    total = len(broadcast) + len(design.join)
    for places in itertools.combinations(range(total), len(design.join)):
        joining, sending = iter(design.join), iter(broadcast)
        yield [Step(next(joining)) if place in places else next(sending) for place in range(total)]


def holes(seen: Sequence[int], quotes: int = QUOTES) -> set[int]:
    """Give the quotes that are missing, from the oldest one shown up to the last."""
    return set(range(min(seen), quotes + 1)) - set(seen)


def steps_back(seen: Sequence[int]) -> int:
    """Count how often an older quote was shown after a newer one."""
    return sum(later < earlier for earlier, later in itertools.pairwise(seen))


def count(design: Design, runs: Iterable[list[Step]], quotes: int = QUOTES) -> Counts:
    """Count the orders that go wrong, and how."""
    seen = [shown(design, steps) for steps in runs]
    return Counts(len(seen), sum(map(bool, (holes(s, quotes) for s in seen))), sum(map(bool, map(steps_back, seen))))


def random_orders(
    design: Design, joins: int, seed: int, access: float = ACCESS, quotes: int = 10
) -> Iterator[list[Step]]:
    """Give the orders of joins at random moments: a quote each 10 ms, and each access to the store takes its time.

    A broadcast has its second step one access after the first, a join each step one access after the one before.
    """
    rng = random.Random(seed)
    for _ in range(joins):
        moments: list[tuple[float, int, Step]] = []
        for quote in range(1, quotes + 1):
            moment = float(BETWEEN * quote)
            for name in design.broadcast:
                moments.append((moment, len(moments), Step(name, quote)))
                moment += access * rng.random()
        moment = BETWEEN * (1 + (quotes - 5) * rng.random())
        for name in design.join:
            moments.append((moment, len(moments), Step(name)))
            moment += access * rng.random()
        yield [step for _, _, step in sorted(moments)]


__all__ = [
    "ACCESS", "BETWEEN", "DESIGNS", "Counts", "Design", "Step", "count", "holes", "orders", "random_orders", "shown",
    "steps_back",
]  # fmt: skip
