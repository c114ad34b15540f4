"""What a type must obey: the laws of a state and its merge, and what a set should hold, said of its history.

The laws are needed and not enough. Union is associative, commutative and idempotent, so they cannot tell a right set
from the naive one. That an addition stands until a removal saw it can, and so can the demand that every update grows:
``old.merge(new) == new``. Reference: Shapiro et al. 2011.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet


def grows(old: Any, new: Any) -> bool:
    """Tell whether an update is an inflation in the type's own order: merging the old into the new changes nothing."""
    return bool(old.merge(new) == new and new.merge(old) == new)


def broken(a: Any, b: Any, c: Any) -> list[str]:
    """Name the laws of a join that three states break.

    Parameters
    ----------
    a, b, c : object
        States of one type that can occur in one execution.

    Returns
    -------
    list of str
        Some of ``idempotent``, ``commutative`` and ``associative``, in this order.
    """
    laws = {
        "idempotent": a.merge(a) == a and a.merge(b).merge(b) == a.merge(b),
        "commutative": a.merge(b) == b.merge(a),
        "associative": a.merge(b).merge(c) == a.merge(b.merge(c)),
    }
    return [name for name, holds in laws.items() if not holds]


SETS: dict[str, Any] = {"naive": NaiveORSet, "tombstones": ORSet, "orswot": ORSWOT}


@dataclass(frozen=True)
class Event:
    """An addition or a removal, and the numbers of the events that its replica knew."""

    number: int
    element: str
    adds: bool
    knew: frozenset[int]


def add_wins(events: Iterable[Event]) -> frozenset[str]:
    """Give the elements of which an addition has been seen by no removal."""
    known = list(events)
    removed = {(event.element, number) for event in known if not event.adds for number in event.knew}
    return frozenset(event.element for event in known if event.adds and (event.element, event.number) not in removed)


@dataclass
class Replicas:
    """Replicas of a set beside what each of them knows, so that state and specification can be compared at any time."""

    kind: Any
    count: int = 3
    states: list[Any] = field(default_factory=list)
    known: list[frozenset[int]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states = [self.kind() for _ in range(self.count)]
        self.known = [frozenset() for _ in range(self.count)]

    def add(self, at: int, element: str) -> None:
        """Add at a replica."""
        self.states[at] = self.states[at].add("ABCDEFGHIJ"[at], element)
        self._note(at, element, adds=True)

    def remove(self, at: int, element: str) -> None:
        """Remove at a replica."""
        self.states[at] = self.states[at].remove(element)
        self._note(at, element, adds=False)

    def merge(self, source: int, target: int) -> None:
        """Let a replica hear all that another knows."""
        self.states[target] = self.states[target].merge(self.states[source])
        self.known[target] |= self.known[source]

    def expected(self, at: int) -> frozenset[str]:
        """Give what the specification says of a replica."""
        return add_wins(self.events[number] for number in sorted(self.known[at]))

    def right(self) -> bool:
        """Tell whether every replica holds what it should."""
        return all(self.states[at].value == self.expected(at) for at in range(self.count))

    def _note(self, at: int, element: str, *, adds: bool) -> None:
        number = len(self.events)
        self.events.append(Event(number, element, adds, self.known[at]))
        self.known[at] |= {number}


def random_run(kind: Any, steps: int = 30, seed: int = 0, elements: str = "xyz") -> bool:
    """Let three replicas add, remove and merge at random; tell whether all was right all the time."""
    rng = random.Random(seed)
    replicas = Replicas(kind)
    for _ in range(steps):
        at, what = rng.randrange(3), rng.randrange(3)
        here = sorted(replicas.states[at].value)
        if what == 0:
            replicas.add(at, rng.choice(elements))
        elif what == 1 and here:
            replicas.remove(at, rng.choice(here))
        else:
            replicas.merge(rng.randrange(3), at)
        if not replicas.right():
            return False
    return True


def encoded(plain: Any) -> bytes:
    """Write a state as JSON, the encoding of all sizes here."""
    return json.dumps(plain).encode()
