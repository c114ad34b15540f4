"""Registers and maps: the last write wins, in a total order and in two that are not; and one that keeps rivals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Entry = tuple[int, str, Any]
"""The stamp, the replica, the value."""


@dataclass(frozen=True)
class LWWMap:
    """A map in which the last write of a key wins: the largest (stamp, replica).

    Stamps of one replica strictly increase, so no two writes of a key are alike. A removed key holds None.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def value(self) -> Mapping[str, Any]:
        """The keys that hold something."""
        return {key: entry[2] for key, entry in sorted(self.entries.items()) if entry[2] is not None}

    def put(self, replica: str, key: str, value: Any, now: int = 0) -> LWWMap:
        """Write a key at a time of the replica's clock; the stamp is later than all that are known here."""
        stamp = max([now, *(1 + entry[0] for entry in self.entries.values())])
        return replace(self, entries={**self.entries, key: (stamp, replica, value)})

    def merge(self, other: LWWMap) -> LWWMap:
        """Keep the later entry of each key."""
        entries = dict(self.entries)
        for key, entry in other.entries.items():
            if key not in entries or self.later(entry, entries[key]):
                entries[key] = entry
        return replace(self, entries=dict(sorted(entries.items())))

    @staticmethod
    def later(one: Entry, other: Entry) -> bool:
        """Tell whether an entry wins over another."""
        return one[:2] > other[:2]

    def plain(self) -> Any:
        """Give the state as plain data."""
        return {key: list(entry) for key, entry in sorted(self.entries.items())}


@dataclass(frozen=True)
class LWWWithoutId(LWWMap):
    """Wrong: it compares stamps alone, so of two that tie each replica keeps its own."""

    def put(self, replica: str, key: str, value: Any, now: int = 0) -> LWWWithoutId:
        """Write a key with the clock's stamp."""
        return LWWWithoutId({**self.entries, key: (now, replica, value)})

    @staticmethod
    def later(one: Entry, other: Entry) -> bool:
        """Tell whether an entry has a larger stamp."""
        return one[0] > other[0]


@dataclass(frozen=True)
class LWWStandingClock(LWWMap):
    """Wrong: it compares (stamp, replica), but a replica may stamp two writes alike."""

    def put(self, replica: str, key: str, value: Any, now: int = 0) -> LWWStandingClock:
        """Write a key with the clock's stamp."""
        return LWWStandingClock({**self.entries, key: (now, replica, value)})


Version = tuple[tuple[str, int], ...]
"""A version vector as sorted pairs."""


@dataclass(frozen=True)
class MVRegister:
    """A register that keeps every value that no later write has seen; writing resolves the rivals that it saw."""

    versions: frozenset[tuple[Version, Any]] = frozenset()

    @property
    def value(self) -> tuple[Any, ...]:
        """The rivals, sorted."""
        return tuple(sorted((value for _, value in self.versions), key=repr))

    def put(self, replica: str, value: Any) -> MVRegister:
        """Write over all that is known here."""
        clock: dict[str, int] = {}
        for version, _ in self.versions:
            for name, number in version:
                clock[name] = max(clock.get(name, 0), number)
        clock[replica] = clock.get(replica, 0) + 1
        return MVRegister(frozenset({(tuple(sorted(clock.items())), value)}))

    def merge(self, other: MVRegister) -> MVRegister:
        """Keep what no other version has seen."""
        every = self.versions | other.versions
        return MVRegister(frozenset(one for one in every if not any(_saw(later, one) for later in every)))

    def plain(self) -> Any:
        """Give the state as plain data."""
        return [[dict(version), value] for version, value in sorted(self.versions, key=repr)]


def _saw(later: tuple[Version, Any], one: tuple[Version, Any]) -> bool:
    clock = dict(later[0])
    return later[0] != one[0] and all(clock.get(name, 0) >= number for name, number in one[0])
