"""What no merge can keep, "at most", and what can be dealt out beforehand so that nobody need be asked.

References: O'Neil 1986 (escrow); Balegas et al. 2015 (bounded counters).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from companion.simulators.crdts.sets import ORSWOT


def booked_on_both_sides(slot: str = "10:00") -> tuple[frozenset[str], frozenset[str]]:
    """Let two users book one slot while their replicas cannot hear each other, each having seen that it is free.

    Returns
    -------
    tuple of frozenset of str
        What the two replicas hold once they have merged: the same, and two bookings.
    """
    one, other = ORSWOT(), ORSWOT()
    if not one.value:
        one = one.add("A", f"{slot} ann")
    if not other.value:
        other = other.add("B", f"{slot} bob")
    return one.merge(other).value, other.merge(one).value


@dataclass(frozen=True)
class BoundedCounter:
    """Units of which no more are taken than there are, without asking: each replica takes from its own share.

    Attributes
    ----------
    given : mapping of (str, str) to int
        How much a replica has ever handed to another; to itself, what it began with.
    taken : mapping of str to int
        How much each has taken.
    """

    given: Mapping[tuple[str, str], int] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> int:
        """What is left, as far as is known here."""
        begun = sum(amount for (source, target), amount in self.given.items() if source == target)
        return begun - sum(self.taken.values())

    def share(self, replica: str) -> int:
        """Give what a replica may still take or hand on."""
        got = sum(amount for (_, target), amount in self.given.items() if target == replica)
        gone = sum(amount for (source, target), amount in self.given.items() if source == replica != target)
        return got - gone - self.taken.get(replica, 0)

    def take(self, replica: str, amount: int = 1) -> BoundedCounter:
        """Take from a replica's own share.

        Raises
        ------
        ValueError
            If the share is too small. There may be enough elsewhere: then another replica must be asked to `hand` over.
        """
        self._need(replica, amount)
        return replace(self, taken={**self.taken, replica: self.taken.get(replica, 0) + amount})

    def hand(self, source: str, target: str, amount: int) -> BoundedCounter:
        """Hand part of a replica's own share to another one.

        Raises
        ------
        ValueError
            If the share is too small.
        """
        self._need(source, amount)
        if source == target:
            return self
        pair = (source, target)
        return replace(self, given={**self.given, pair: self.given.get(pair, 0) + amount})

    def merge(self, other: BoundedCounter) -> BoundedCounter:
        """Join: each entry has one writer and only grows, so the larger is the later."""
        pairs, names = self.given.keys() | other.given.keys(), self.taken.keys() | other.taken.keys()
        return BoundedCounter(
            {pair: max(self.given.get(pair, 0), other.given.get(pair, 0)) for pair in sorted(pairs)},
            {name: max(self.taken.get(name, 0), other.taken.get(name, 0)) for name in sorted(names)},
        )

    def plain(self) -> Any:
        """Give the state as plain data."""
        return [[[*pair, amount] for pair, amount in sorted(self.given.items())], dict(sorted(self.taken.items()))]

    def _need(self, replica: str, amount: int) -> None:
        if not 0 <= amount <= self.share(replica):
            raise ValueError(f"{replica} has {self.share(replica)} to give, not {amount}")


def dealt(shares: Mapping[str, int]) -> BoundedCounter:
    """Begin with what each replica may take; agreed on once, before anybody works alone."""
    return BoundedCounter({(name, name): amount for name, amount in sorted(shares.items())})
