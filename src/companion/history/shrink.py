"""Why a history is not linearizable: how far it still was, and a part that already is not.

What leaves together is said in `companion.history.leaving_out`. Of the part that is left, no operation can be left out
in this way, and no set of operations of one process, without making it linearizable.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from companion.history.events import Operation
from companion.history.leaving_out import sums, without
from companion.history.quiet import Settled, pieces
from companion.history.search import Memory, Search
from companion.history.specifications import MODELS, UNKNOWN, Model

STEPS = 20_000
"""Steps of one search on the way down; a part that needs more is not taken, and the rest is not called minimal."""

MOST_SETS = 5_000
"""Sets of operations that are left out in trial; where there are more, the part is not called minimal."""


@dataclass(frozen=True)
class Counterexample:
    """A part of one object's history that is not linearizable.

    Attributes
    ----------
    operations : tuple of Operation
        The part, by invocation; what had not returned when it went wrong is pending.
    prefix : int or None
        The place up to which the whole history of the object was still linearizable: the event after it is the one
        that no order can explain. None if the time was over before it was found.
    minimal : bool
        Whether it is proven that nothing can be left out; False if time or memory was over before.
    """

    operations: tuple[Operation, ...]
    prefix: int | None
    minimal: bool


def counterexample(
    operations: Sequence[Operation], model: str | Model = "register", timeout: float | None = None
) -> Counterexample:
    """Shrink the operations of one object, which are not linearizable, to a part that says why.

    Parameters
    ----------
    operations : sequence of Operation
        Of one key, not linearizable.
    model : str or Model
        One of `companion.history.specifications.MODELS`, or such a model with another initial value.
    timeout : float, optional
        Seconds after which what is found so far is given.

    Raises
    ------
    ValueError
        If the operations are linearizable.
    """
    shrinking = _Shrinking(
        MODELS[model] if isinstance(model, str) else model, None if timeout is None else time.monotonic() + timeout
    )
    last, known = shrinking.first_wrong(operations)
    part, minimal = shrinking.shrunk(until(operations, last))
    places = [place for one in operations for place in (one.invoked, one.returned) if place is not None]
    prefix = max((place for place in places if place < last), default=0)
    return Counterexample(tuple(part), prefix if known else None, minimal and known)


def until(operations: Iterable[Operation], place: int) -> list[Operation]:
    """Cut a history after an event: what had not returned by then is pending, and a pending read is nothing."""
    begun = [one for one in operations if one.invoked <= place]
    cut = [one if one.returned is not None and one.returned <= place else _left_open(one) for one in begun]
    return [one for one in cut if one.f != "read" or not one.pending]


def _left_open(one: Operation) -> Operation:
    return replace(one, returned=None, value=UNKNOWN if one.f == "dequeue" else one.value)


@dataclass
class _Shrinking:
    """The object, and the moment at which the time is over."""

    model: Model
    deadline: float | None

    @property
    def late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def first_wrong(self, operations: Sequence[Operation]) -> tuple[int, bool]:
        """Find the first return that no order explains (what is right once is right in each prefix), if time allows."""
        settled = self._settled(operations)
        piece, before = settled.wrong or settled.rest, settled.before
        returns = sorted(one.returned for one in piece if one.returned is not None)
        low, high, known = 0, len(returns), True  # the first `low` returns are explained, the first `high + 1` are not
        while low < high and known:
            middle = (low + high) // 2
            right = self._decided(until(piece, returns[middle]), before)
            known = right is not None
            low, high = (middle + 1, high) if right else (low, middle if known else high)
        if known and low == len(returns):
            raise ValueError("these operations are linearizable; there is nothing to explain")
        return returns[low] if known else returns[min(high, len(returns) - 1)], known

    def shrunk(self, part: list[Operation]) -> tuple[list[Operation], bool]:
        """Leave out all that is far, then halves, quarters, ..., single operations, and at last sets of a process's."""
        unheard = [one for one in part if one.value == UNKNOWN]  # it is wrong whatever they took, and so without them
        part = self._near([one for one in part if one.value != UNKNOWN], unheard)
        size = max(1, len(part) // 2)
        undecided = False
        while True:
            start, found = 0, False
            while start < len(part):
                if self.late:
                    return part, False
                smaller = without(part, part[start : start + size], self.model)
                wrong = len(smaller) < len(part) and self._wrong(smaller + unheard)
                undecided = undecided or wrong is None
                if wrong:
                    part, found = smaller, True
                else:
                    start += size
            if size > 1 or found:
                size, undecided = size if found and size == 1 else max(1, size // 2), False
                continue
            smaller_still = self._without_a_set(part, unheard)
            if smaller_still is None or smaller_still == part:
                exact = self.model.name != "counter" or sums(part, self.model).exact
                return part, exact and not undecided and smaller_still is not None
            part, undecided = smaller_still, False

    def _near(self, part: list[Operation], unheard: list[Operation]) -> list[Operation]:
        """Try what is near the end, with the sources of what was seen there."""
        part = sorted(part, key=lambda one: one.invoked)
        size = 16
        while 2 * size < len(part) and not self.late:
            seen = {value for one in part[-size:] for value in _values(one.value)}
            gone = [one for one in part[:-size] if one.f in self.model.answers or seen.isdisjoint(_values(one.value))]
            smaller = without(part, gone, self.model)
            if self._wrong(smaller + unheard):
                return smaller
            size *= 8
        return part

    def _without_a_set(self, part: list[Operation], unheard: list[Operation]) -> list[Operation] | None:
        """Leave out two or more operations of one process, if what stays is wrong; None when that is not decided."""
        decided = True
        for tried, gone in enumerate(_sets(part)):
            if self.late or tried >= MOST_SETS:
                return None
            smaller = without(part, gone, self.model)
            wrong = self._wrong(smaller + unheard)
            if wrong:
                return smaller
            decided = decided and wrong is not None
        return part if decided else None

    def _settled(self, operations: Sequence[Operation]) -> Settled:
        settled = Settled(self.model)
        for piece in pieces(operations):
            settled.add(piece)
        return settled

    def _wrong(self, operations: Sequence[Operation]) -> bool | None:
        """Whether no order explains these; None when that takes too long."""
        settled = self._settled(operations)
        if settled.verdict is False or not settled.rest:
            return settled.verdict is False
        right = settled.search(Memory()).run(STEPS)
        return None if right is None else not right

    def _decided(self, operations: Sequence[Operation], before: Sequence[Any]) -> bool | None:
        search = Search(operations, self.model, states=before)
        while search.verdict is None and not search.exhausted and not self.late:
            search.run(STEPS)
        return search.verdict


def _values(value: Any) -> Iterable[Any]:
    return value if isinstance(value, tuple | frozenset) else (value,)


def _sets(part: Sequence[Operation]) -> Iterator[tuple[Operation, ...]]:
    """List the sets of two or more operations of one process, the large ones first."""
    by_process: dict[str, list[Operation]] = {}
    for one in part:
        by_process.setdefault(one.process, []).append(one)
    for own in by_process.values():
        for size in range(len(own), 1, -1):
            yield from combinations(own, size)
