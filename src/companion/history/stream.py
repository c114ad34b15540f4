"""Judgement of a history that is gone through once: each key is judged piece by piece, and what is judged is forgotten.

What lies between two moments at which nothing of a key is open is a piece (`companion.history.quiet`). Where nothing
overlaps, no more than one operation of a key is kept. What never returned leaves no later moment quiet: all that
follows it is kept, up to a number of bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from companion.history.check import Verdict, decide
from companion.history.events import HistoryError, Operation
from companion.history.quiet import Settled, pieces
from companion.history.reading.pairing import Step
from companion.history.search import MEMORY
from companion.history.specifications import Model

KEPT = 1_000
"""Bytes that an operation takes while it is kept and searched, beside its value; as measured, rounded up."""

OF_KEY = 1_000
"""Bytes that a key takes, likewise."""

MOST_SESSIONS = 100_000
"""Operations of a history whose session guarantees are looked at."""


class Key:
    """What is known of a key by now, and what is kept of it."""

    __slots__ = ("bytes", "forgotten", "open", "piece", "settled")

    def __init__(self, model: Model) -> None:
        self.settled = Settled(model)
        self.piece: list[Operation] = []
        self.open = 0
        self.bytes = 0
        self.forgotten = False

    def add_piece(self) -> int:
        """Judge what was kept since the last quiet moment, and give the bytes that this makes free."""
        if len(self.piece) == 1 and not self.settled.rest:
            self.settled.add(self.piece)
        else:
            for piece in pieces(self.piece):
                self.settled.add(piece)
        self.piece = []
        if self.settled.rest and self.settled.verdict is None:
            return 0
        free, self.bytes = self.bytes, 0
        return free

    def forget(self) -> int:
        """Keep nothing of it any more; what it would have been is unknown."""
        self.forgotten = True
        self.piece, self.settled.rest = [], []
        free, self.bytes = self.bytes, 0
        return free


@dataclass(frozen=True)
class Judged:
    """What was found by going through a history once.

    Attributes
    ----------
    keys : dict of Key
        What is known of each, in the order in which they came.
    operations : int
        How many there were.
    first : list of Operation
        The first of them, up to one more than `MOST_SESSIONS`.
    left : int
        Bytes that searches may take.
    """

    keys: dict[str, Key]
    operations: int
    first: list[Operation]
    left: int

    @property
    def forgotten(self) -> list[str]:
        """The keys of which too much was open to keep it."""
        return [key for key, one in self.keys.items() if one.forgotten]

    def verdict(self, deadline: float | None = None) -> Verdict:
        """Search what going through it did not settle, until a clock's moment."""
        known = {key: one for key, one in self.keys.items() if one.settled.operations}
        found = decide({key: one.settled for key, one in known.items()}, deadline, memory=self.left)
        keys = tuple(
            replace(one, linearizable=None) if known[one.key].forgotten and one.linearizable else one
            for one in found.keys
        )
        verdicts = {one.linearizable for one in keys}
        return Verdict(False if False in verdicts else None if None in verdicts else True, keys)


def judge(steps: Iterable[Step], model: Model, memory: int = MEMORY) -> Judged:
    """Go through a history once.

    Parameters
    ----------
    steps : iterable of Step
        What its events mean, in their order.
    model : Model
        What each key is.
    memory : int
        Bytes that may be kept.

    Raises
    ------
    HistoryError
        If there are more keys than memory.
    """
    keys: dict[str, Key] = {}
    first: list[Operation] = []
    operations, left = 0, memory
    for key, begins, one in steps:
        at = keys.get(key)
        if at is None:
            at = keys[key] = Key(model)
            left -= OF_KEY
            if left < 0 and len(keys) * OF_KEY > memory:
                raise HistoryError(f"{len(keys):,} keys are more than {memory // 2**20:,} MB hold; give more --memory")
        if begins:
            if not at.open and at.piece:
                left += at.add_piece()
            at.open += 1
            continue
        if one is None:
            at.open -= 1
            continue
        if one.returned is not None:
            at.open -= 1
        operations += 1
        if operations <= MOST_SESSIONS:
            first.append(one)
        if at.forgotten or at.settled.verdict is False:
            at.settled.operations += 1
            continue
        at.piece.append(one)
        size = KEPT + _size(one.value)
        at.bytes += size
        left -= size
        if left < 0:
            left += _make_room(keys, memory // 4)
    for at in keys.values():
        if at.piece:
            left += at.add_piece()
    return Judged(keys, operations, first, max(left, 0))


def _size(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    return 100 * len(value) if isinstance(value, tuple | frozenset) else 0


def _make_room(keys: dict[str, Key], wanted: int) -> int:
    """Forget the keys of which most is kept, until there is room."""
    free = 0
    for at in sorted(keys.values(), key=lambda one: one.bytes, reverse=True):
        if free >= wanted:
            break
        at.settled.operations += len(at.piece)
        free += at.forget()
    return free
