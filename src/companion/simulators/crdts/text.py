"""Sequences of characters: one that interleaves what two people write at the same place, and one that does not.

References: Kleppmann et al. 2019 (interleaving anomalies); Roh et al. 2011 (RGA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Id = tuple[int, str]
"""A number that grows with what is known, and the replica."""


@dataclass(frozen=True)
class FractionText:
    """Each character stands at a fraction between its neighbours'; equal fractions are ordered by replica."""

    characters: Mapping[tuple[Fraction, str], str] = field(default_factory=dict)
    removed: frozenset[tuple[Fraction, str]] = frozenset()

    @property
    def value(self) -> str:
        """The text."""
        return "".join(self.characters[place] for place in self._places())

    def _places(self) -> list[tuple[Fraction, str]]:
        return [place for place in sorted(self.characters) if place not in self.removed]

    def insert(self, replica: str, at: int, character: str) -> FractionText:
        """Insert a character so that it is number `at`."""
        places = sorted(self.characters)  # also the removed, whose places are taken
        visible = self._places()
        after = visible[at - 1] if at else None
        start = places.index(after) + 1 if after else 0
        low = after[0] if after else Fraction(0)
        high = next((place[0] for place in places[start:] if place[0] > low), Fraction(1))
        return FractionText({**self.characters, ((low + high) / 2, replica): character}, self.removed)

    def remove(self, at: int) -> FractionText:
        """Remove character number `at`."""
        return FractionText(self.characters, self.removed | {self._places()[at]})

    def merge(self, other: FractionText) -> FractionText:
        """Unite the characters, and the removed."""
        return FractionText(dict(sorted({**self.characters, **other.characters}.items())), self.removed | other.removed)

    def plain(self) -> Any:
        """Give the state as plain data."""
        return [[str(place), replica, one, (place, replica) in self.removed]
                for (place, replica), one in sorted(self.characters.items())]  # fmt: skip


@dataclass(frozen=True)
class RGA:
    """Each character knows which one it was typed after; of several after the same one, the newest comes first.

    Words that are typed forwards stay whole; typed backwards, each character before the last, they interleave here too.
    """

    characters: Mapping[Id, tuple[Id | None, str]] = field(default_factory=dict)
    removed: frozenset[Id] = frozenset()

    @property
    def value(self) -> str:
        """The text."""
        return "".join(self.characters[one][1] for one in self._visible())

    def _visible(self) -> list[Id]:
        after: dict[Id | None, list[Id]] = {}
        for one in sorted(self.characters):  # the stack below gives the largest first
            after.setdefault(self.characters[one][0], []).append(one)
        found, stack = [], list(after.get(None, []))
        while stack:
            one = stack.pop()
            found.append(one)
            stack.extend(after.get(one, []))
        return [one for one in found if one not in self.removed]

    def insert(self, replica: str, at: int, character: str) -> RGA:
        """Insert a character so that it is number `at`."""
        number = 1 + max((one[0] for one in self.characters), default=0)
        parent = self._visible()[at - 1] if at else None
        return RGA({**self.characters, (number, replica): (parent, character)}, self.removed)

    def remove(self, at: int) -> RGA:
        """Remove character number `at`; it stays, unseen, since others may have been typed after it."""
        return RGA(self.characters, self.removed | {self._visible()[at]})

    def merge(self, other: RGA) -> RGA:
        """Unite the characters, and the removed."""
        return RGA(dict(sorted({**self.characters, **other.characters}.items())), self.removed | other.removed)

    def plain(self) -> Any:
        """Give the state as plain data."""
        return [[list(one), list(parent or ()), character, one in self.removed]
                for one, (parent, character) in sorted(self.characters.items())]  # fmt: skip


def typed(text: Any, replica: str, at: int, word: str) -> Any:
    """Type a word, character after character."""
    for offset, character in enumerate(word):
        text = text.insert(replica, at + offset, character)
    return text
