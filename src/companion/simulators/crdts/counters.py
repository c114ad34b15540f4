"""Counters: what each replica has counted, and the maximum of each on merging (Shapiro et al. 2011)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class GCounter:
    """A counter that only grows: for each replica, how much it has added."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> int:
        """The sum."""
        return sum(self.counts.values())

    def add(self, replica: str, amount: int = 1) -> GCounter:
        """Count at a replica.

        Raises
        ------
        ValueError
            If the amount is negative: a maximum would forget it.
        """
        if amount < 0:
            raise ValueError(f"a G-Counter only grows; use a PN-Counter to add {amount}")
        return GCounter({**self.counts, replica: self.counts.get(replica, 0) + amount})

    def merge(self, other: GCounter) -> GCounter:
        """Join: the larger count of each replica."""
        names = self.counts.keys() | other.counts.keys()
        return GCounter({name: max(self.counts.get(name, 0), other.counts.get(name, 0)) for name in sorted(names)})

    def plain(self) -> Any:
        """Give the state as plain data."""
        return dict(sorted(self.counts.items()))


@dataclass(frozen=True)
class PNCounter:
    """A counter that goes both ways: two that only grow."""

    up: GCounter = GCounter()
    down: GCounter = GCounter()

    @property
    def value(self) -> int:
        """The difference."""
        return self.up.value - self.down.value

    def add(self, replica: str, amount: int = 1) -> PNCounter:
        """Count at a replica, up or down."""
        if amount >= 0:
            return PNCounter(self.up.add(replica, amount), self.down)
        return PNCounter(self.up, self.down.add(replica, -amount))

    def merge(self, other: PNCounter) -> PNCounter:
        """Join both counters."""
        return PNCounter(self.up.merge(other.up), self.down.merge(other.down))

    def plain(self) -> Any:
        """Give the state as plain data."""
        return [self.up.plain(), self.down.plain()]
