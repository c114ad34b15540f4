"""Sets: a wrong one, one that keeps a tombstone for everything it ever removed, and one that need not.

A dot names one addition: the replica, and the number of its addition there. References: Shapiro et al. 2011; Bieniusa
et al. 2012 (ORSWOT); Almeida et al. 2018 (deltas); Enes et al. 2019 (what a delta says that is new).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Dot = tuple[str, int]
Dots = frozenset[Dot]


@dataclass(frozen=True)
class NaiveORSet:
    """The set as one would first write it, and wrong: a removal deletes the dots, and a merge is their union.

    Whoever has not heard of the removal brings the element back.
    """

    entries: Mapping[str, Dots] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> frozenset[str]:
        """The elements with a dot."""
        return frozenset(element for element, dots in self.entries.items() if dots)

    def add(self, replica: str, element: str) -> NaiveORSet:
        """Add an element under a new dot."""
        number = self.counts.get(replica, 0) + 1
        dots = self.entries.get(element, frozenset()) | {(replica, number)}
        return NaiveORSet({**self.entries, element: dots}, {**self.counts, replica: number})

    def remove(self, element: str) -> NaiveORSet:
        """Forget the dots of an element."""
        return NaiveORSet({**self.entries, element: frozenset()}, self.counts)

    def merge(self, other: NaiveORSet) -> NaiveORSet:
        """Unite the dots of each element."""
        names = self.entries.keys() | other.entries.keys()
        none: Dots = frozenset()
        entries = {name: self.entries.get(name, none) | other.entries.get(name, none) for name in sorted(names)}
        return NaiveORSet(entries, _larger(self.counts, other.counts))

    def plain(self) -> Any:
        """Give the state as plain data."""
        return {element: sorted(map(list, dots)) for element, dots in sorted(self.entries.items())}


@dataclass(frozen=True)
class ORSet:
    """A set that remembers by a tombstone every dot that it removed."""

    live: Mapping[Dot, str] = field(default_factory=dict)
    tombstones: Dots = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> frozenset[str]:
        """The elements with a live dot."""
        return frozenset(self.live.values())

    def add(self, replica: str, element: str) -> ORSet:
        """Add an element under a new dot."""
        number = self.counts.get(replica, 0) + 1
        return ORSet({**self.live, (replica, number): element}, self.tombstones, {**self.counts, replica: number})

    def remove(self, element: str) -> ORSet:
        """Bury the dots of an element that are known here; those added elsewhere at the same time survive."""
        gone = frozenset(dot for dot, name in self.live.items() if name == element)
        return ORSet(_without(self.live, gone), self.tombstones | gone, self.counts)

    def merge(self, other: ORSet) -> ORSet:
        """Unite the live and the dead; what is dead anywhere is dead."""
        tombstones = self.tombstones | other.tombstones
        live = dict(sorted({**self.live, **other.live}.items()))
        return ORSet(_without(live, tombstones), tombstones, _larger(self.counts, other.counts))

    def collected(self, dots: Dots) -> ORSet:
        """Forget tombstones; safe only if nothing that can still arrive lacks the removal."""
        return ORSet(self.live, self.tombstones - dots, self.counts)

    def plain(self) -> Any:
        """Give the state as plain data."""
        return [[[*dot, name] for dot, name in sorted(self.live.items())], sorted(map(list, self.tombstones))]


@dataclass(frozen=True)
class ORSWOT:
    """A set without tombstones: it remembers which dots it has seen, and a seen dot that is not there was removed.

    Attributes
    ----------
    seen : mapping of str to int
        Of each replica, the dots up to which all were seen.
    beyond : frozenset of (str, int)
        Dots that were seen beyond a gap: only a delta, or what received one, has any.
    entries : mapping of str to frozenset of (str, int)
        The dots of each element that is there.
    """

    seen: Mapping[str, int] = field(default_factory=dict)
    beyond: Dots = frozenset()
    entries: Mapping[str, Dots] = field(default_factory=dict)

    @property
    def value(self) -> frozenset[str]:
        """The elements."""
        return frozenset(self.entries)

    def covers(self, dot: Dot) -> bool:
        """Tell whether a dot was seen here."""
        return dot[1] <= self.seen.get(dot[0], 0) or dot in self.beyond

    def add(self, replica: str, element: str) -> ORSWOT:
        """Add an element under a new dot, which stands for all that were known of it."""
        return self.merge(self.add_delta(replica, element))

    def add_delta(self, replica: str, element: str) -> ORSWOT:
        """Give what an addition changes, to be merged here and elsewhere."""
        dot = (replica, self.seen.get(replica, 0) + 1)
        return _compact({}, self.entries.get(element, frozenset()) | {dot}, {element: frozenset({dot})})

    def remove(self, element: str) -> ORSWOT:
        """Drop an element: its dots stay seen, and are not there."""
        return self.merge(self.remove_delta(element))

    def remove_delta(self, element: str) -> ORSWOT:
        """Give what a removal changes."""
        return _compact({}, self.entries.get(element, frozenset()), {})

    def merge(self, other: ORSWOT) -> ORSWOT:
        """Keep a dot that both have, or that one has and the other has not seen."""
        entries = {}
        none: Dots = frozenset()
        for element in sorted(self.entries.keys() | other.entries.keys()):
            mine, yours = self.entries.get(element, none), other.entries.get(element, none)
            kept = (mine & yours) | {d for d in mine if not other.covers(d)} | {d for d in yours if not self.covers(d)}
            if kept:
                entries[element] = frozenset(kept)
        return _compact(_larger(self.seen, other.seen), self.beyond | other.beyond, entries)

    def news(self, other: ORSWOT) -> ORSWOT:
        """Give the least part of another state that, merged here, does what merging all of it does."""
        told = {(name, n) for name, last in other.seen.items() for n in range(self.seen.get(name, 0) + 1, last + 1)}
        unseen = frozenset(dot for dot in told | other.beyond if not self.covers(dot))
        theirs: Dots = frozenset().union(*other.entries.values())
        gone = {dot for dots in self.entries.values() for dot in dots - theirs if other.covers(dot)}
        entries = {element: dots & unseen for element, dots in other.entries.items() if dots & unseen}
        return _compact({}, unseen | gone, entries)

    def plain(self) -> Any:
        """Give the state as plain data."""
        entries = {element: sorted(map(list, dots)) for element, dots in sorted(self.entries.items())}
        return [dict(sorted(self.seen.items())), entries] + ([sorted(map(list, self.beyond))] if self.beyond else [])


def _compact(seen: Mapping[str, int], beyond: Dots, entries: Mapping[str, Dots]) -> ORSWOT:
    """Move dots that follow without a gap into the vector."""
    vector = dict(seen)
    left = set()
    for replica, number in sorted(beyond):
        if number == vector.get(replica, 0) + 1:
            vector[replica] = number
        elif number > vector.get(replica, 0):
            left.add((replica, number))
    return ORSWOT(vector, frozenset(left), entries)


def _without(live: Mapping[Dot, str], gone: Dots) -> Mapping[Dot, str]:
    return {dot: name for dot, name in live.items() if dot not in gone}


def _larger(mine: Mapping[str, int], yours: Mapping[str, int]) -> Mapping[str, int]:
    return {name: max(mine.get(name, 0), yours.get(name, 0)) for name in sorted(mine.keys() | yours.keys())}
