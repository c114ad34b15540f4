"""What a type must obey: the laws of a state and its merge, and what a set should hold, said of its history.

The laws are needed and not enough. Union is associative, commutative and idempotent, so they cannot tell a right set
from the naive one. That an addition stands until a removal saw it can, and so can the demand that every update grows:
``old.merge(new) == new``. Reference: Shapiro et al. 2011.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
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


def remove_wins(events: Iterable[Event]) -> frozenset[str]:
    """Give the elements that were added and of which every removal has been seen by an addition."""
    known = list(events)
    undone = {(event.element, number) for event in known if event.adds for number in event.knew}
    standing = {event.element for event in known if not event.adds and (event.element, event.number) not in undone}
    return frozenset(event.element for event in known if event.adds) - standing


@dataclass
class Replicas:
    """Replicas of a set beside what each of them knows, so that state and specification can be compared at any time.

    Attributes
    ----------
    kind : callable
        Makes an empty set.
    count : int
        How many replicas there are.
    says : callable
        The specification: what events come to.
    signed : bool
        Whether a removal names the replica where it happens, as an addition does.
    states, known, events : list
        What each replica holds, the numbers of the events that it knows, and all events.
    """

    kind: Any
    count: int = 3
    says: Callable[[Iterable[Event]], frozenset[str]] = add_wins
    signed: bool = False
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
        by = ("ABCDEFGHIJ"[at],) if self.signed else ()
        self.states[at] = self.states[at].remove(*by, element)
        self._note(at, element, adds=False)

    def merge(self, source: int, target: int) -> None:
        """Let a replica hear all that another knows."""
        self.states[target] = self.states[target].merge(self.states[source])
        self.known[target] |= self.known[source]

    def expected(self, at: int) -> frozenset[str]:
        """Give what the specification says of a replica."""
        return self.says([self.events[number] for number in sorted(self.known[at])])

    def right(self) -> bool:
        """Tell whether every replica holds what it should."""
        return all(self.states[at].value == self.expected(at) for at in range(self.count))

    def _note(self, at: int, element: str, *, adds: bool) -> None:
        number = len(self.events)
        self.events.append(Event(number, element, adds, self.known[at]))
        self.known[at] |= {number}


def random_run(kind: Any, steps: int = 30, seed: int = 0, elements: Sequence[str] = "xyz", **rules: Any) -> bool:
    """Let three replicas add, remove and merge at random; tell whether all was right all the time.

    Parameters
    ----------
    kind : callable
        Makes an empty set.
    steps : int
        How much is done.
    seed : int
        Where every random draw comes from.
    elements : sequence of str
        What is added and removed.
    **rules
        Further fields of `Replicas`: ``says``, ``signed``.
    """
    return not _wrong(kind, steps, seed, elements, rules)


def shortest_wrong(
    kind: Any, seeds: Iterable[int], steps: int = 30, elements: Sequence[str] = "xyz", **rules: Any
) -> str:
    """Tell, in words, the shortest of the random runs that go wrong; nothing if none does."""
    runs = [run for seed in seeds if (run := _wrong(kind, steps, seed, elements, rules))]
    shortest: list[str] = min(runs, key=len, default=[])
    return ", ".join(shortest)


def _wrong(kind: Any, steps: int, seed: int, elements: Sequence[str], rules: dict[str, Any]) -> list[str]:
    """Tell what was done up to the first moment that was wrong, and what was wrong; empty if all was right."""
    rng = random.Random(seed)
    replicas = Replicas(kind, **rules)
    done, changed = [], {0, 1, 2}  # at first nobody has looked at any
    for _ in range(steps):
        at, what = rng.randrange(3), rng.randrange(3)
        if what == 0:
            element = rng.choice(elements)
            replicas.add(at, element)
            done.append(f"{'ABC'[at]} adds {element}")
        elif what == 1 and (here := sorted(replicas.states[at].value)):
            element = rng.choice(here)
            replicas.remove(at, element)
            done.append(f"{'ABC'[at]} removes {element}")
        else:
            source = rng.randrange(3)
            replicas.merge(source, at)
            done.append(f"{'ABC'[at]} merges {'ABC'[source]}")
        for one in sorted(changed | {at}):
            holds, should = (
                "".join(sorted(held)) or "nothing" for held in (replicas.states[one].value, replicas.expected(one))
            )
            if holds != should:
                return [*done, f"and {'ABC'[one]} holds {holds}, not {should}"]
        changed = set()
    return []


def of_functions(
    empty: Callable[[], Any],
    add: Callable[[Any, str, str], Any],
    remove: Callable[[Any, str, str], Any],
    merge: Callable[[Any, Any], Any],
    value: Callable[[Any], Iterable[str]],
) -> Any:
    """Make a kind of set, for `random_run`, of functions over plain states.

    Raises
    ------
    AssertionError
        While it runs, if a function changes the state that it is given; names the function.
    """

    @dataclass(frozen=True)
    class Made:
        state: Any = field(default_factory=empty)

        @property
        def value(self) -> frozenset[str]:
            return frozenset(value(deepcopy(self.state)))

        def add(self, replica: str, element: str) -> Made:
            return self._by("add", add, replica, element)

        def remove(self, replica: str, element: str) -> Made:
            return self._by("remove", remove, replica, element)

        def merge(self, other: Made) -> Made:
            return self._by("merge", merge, deepcopy(other.state))

        def _by(self, name: str, change: Callable[..., Any], *given: Any) -> Made:
            kept = deepcopy(self.state)
            after = change(self.state, *given)
            if self.state != kept:
                raise AssertionError(f"{name} changed the state that it was given")
            return Made(deepcopy(after))

    return Made


def encoded(plain: Any) -> bytes:
    """Write a state as JSON, the encoding of all sizes here."""
    return json.dumps(plain).encode()
