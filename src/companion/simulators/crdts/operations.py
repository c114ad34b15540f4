"""Replicas that send what was done instead of what there is: smaller messages, and a network that must do more.

Every operation must arrive once, and after those that its author knew. Here a vector clock on each sees to both: what
comes too early waits, and what comes again is dropped. References: Shapiro et al. 2011 (operation-based types), Birman
et al. 1991 (causal delivery).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from companion.simulators.crdts.sets import Dot, Dots
from companion.simulators.crdts.spec import Event, add_wins

NAMES = ("A", "B", "C")


@dataclass(frozen=True)
class Operation:
    """What one replica did, for the others to do.

    Attributes
    ----------
    source : str
        The replica.
    clock : mapping of str to int
        How many operations of each replica it had applied, this one included.
    adds : bool
        Whether it adds the element; otherwise it removes the dots.
    element : str
        Which element.
    dots : frozenset of (str, int)
        The new dot, or those that the removal saw.
    """

    source: str
    clock: Mapping[str, int]
    adds: bool
    element: str
    dots: Dots


@dataclass
class OperationSet:
    """One replica of a set.

    Attributes
    ----------
    name : str
        Of the replica.
    causal : bool
        Whether it waits for what an operation depends on and drops repetitions. Without, it is wrong.
    live : dict of (str, int) to str
        The element of each dot that is there.
    clock : dict of str to int
        How many operations of each replica were applied.
    waiting : list of Operation
        What came too early.
    applied : set of (str, int)
        Which operations were applied, by replica and number: what a specification needs to know, and the set does not.
    """

    name: str
    causal: bool = True
    live: dict[Dot, str] = field(default_factory=dict)
    clock: dict[str, int] = field(default_factory=dict)
    waiting: list[Operation] = field(default_factory=list)
    applied: set[tuple[str, int]] = field(default_factory=set)

    @property
    def value(self) -> frozenset[str]:
        """The elements."""
        return frozenset(self.live.values())

    def add(self, element: str) -> Operation:
        """Add here; the operation is for all other replicas."""
        return self._do(element, frozenset({(self.name, self.clock.get(self.name, 0) + 1)}), adds=True)

    def remove(self, element: str) -> Operation:
        """Remove what is known here; the operation is for all other replicas."""
        return self._do(element, frozenset(dot for dot, name in self.live.items() if name == element), adds=False)

    def receive(self, operation: Operation) -> None:
        """Take an operation from the network: apply it, keep it until its turn, or drop it."""
        if not self.causal:
            self._apply(operation)
            return
        self.waiting.append(operation)
        while due := next((one for one in self.waiting if self._is_due(one)), None):
            self._apply(due)
        self.waiting = [one for one in self.waiting if one.clock[one.source] > self.clock.get(one.source, 0)]

    def _do(self, element: str, dots: Dots, *, adds: bool) -> Operation:
        clock = {**self.clock, self.name: self.clock.get(self.name, 0) + 1}
        operation = Operation(self.name, clock, adds, element, dots)
        self._apply(operation)
        return operation

    def _is_due(self, operation: Operation) -> bool:
        next_one = operation.clock[operation.source] == self.clock.get(operation.source, 0) + 1
        others = ((name, number) for name, number in operation.clock.items() if name != operation.source)
        return next_one and all(self.clock.get(name, 0) >= number for name, number in others)

    def _apply(self, operation: Operation) -> None:
        for dot in sorted(operation.dots):
            if operation.adds:
                self.live[dot] = operation.element
            else:
                self.live.pop(dot, None)
        number = operation.clock[operation.source]
        self.clock[operation.source] = max(number, self.clock.get(operation.source, 0))
        self.applied.add((operation.source, number))


def delivered(steps: Sequence[tuple[int, int]], rng: random.Random, *, causal: bool) -> bool:
    """Let three replicas work while their operations travel in any order, some of them twice.

    Parameters
    ----------
    steps : sequence of (int, int)
        Who acts (0 to 2), and a number: its remainder by 3 is the element, and odd removes it if it is there.
    rng : random.Random
        What arrives when, and what arrives twice.
    causal : bool
        Whether replicas wait for what an operation depends on and drop repetitions.

    Returns
    -------
    bool
        Whether all replicas end with what `spec.add_wins` says.
    """
    replicas = [OperationSet(name, causal) for name in NAMES]
    events: list[Event] = []
    number_of: dict[tuple[str, int], int] = {}  # which event was the n-th operation of a replica
    links: list[list[Operation]] = [[] for _ in NAMES]
    for at, what in steps:
        replica, element = replicas[at], "xyz"[what % 3]
        knew = frozenset(number_of[one] for one in replica.applied)
        removes = what % 2 == 1 and element in replica.value
        operation = replica.remove(element) if removes else replica.add(element)
        number_of[operation.source, operation.clock[operation.source]] = len(events)
        events.append(Event(len(events), element, not removes, knew))
        for other, link in enumerate(links):
            if other != at:
                link.extend([operation] * (1 + (rng.random() < 0.2)))
        _deliver(replicas, links, rng, some=True)
    _deliver(replicas, links, rng, some=False)
    return all(replica.value == add_wins(events) for replica in replicas)


def _deliver(
    replicas: Sequence[OperationSet], links: Sequence[list[Operation]], rng: random.Random, *, some: bool
) -> None:
    """Deliver a random part of what is under way, or all of it, in random order."""
    for replica, link in zip(replicas, links, strict=True):
        rng.shuffle(link)
        for _ in range(rng.randrange(len(link) + 1) if some else len(link)):
            replica.receive(link.pop())
