"""Why a history is not linearizable: how far it still was, and a part that already is not.

Leaving out a write alone proves nothing: a read of its value would then be a read of what nobody wrote, and any such
history is wrong. So a write leaves together with what saw it: a read of a register or a cas goes if nobody who stays
had asked for its value by then, a read of a list or a set loses the element, a read of a counter goes if no sum of the
adds that stay gives it. Of the part that is left,
nothing can be left out in this way without making it linearizable.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from companion.history.events import Operation
from companion.history.search import Search
from companion.history.specifications import MODELS

STEPS = 20_000
"""Steps of one search on the way down; a part that needs more counts as linearizable, and so is not taken."""

MOST_SUMS = 10_000
"""Sums of a counter that are listed before any is held possible."""


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
        Whether every operation was tried; False if the time was over before.
    """

    operations: tuple[Operation, ...]
    prefix: int | None
    minimal: bool


def counterexample(
    operations: Sequence[Operation], model: str = "register", timeout: float | None = None
) -> Counterexample:
    """Shrink the operations of one object, which are not linearizable, to a part that says why.

    Parameters
    ----------
    operations : sequence of Operation
        Of one key, not linearizable.
    model : str
        One of `companion.history.specifications.MODELS`.
    timeout : float, optional
        Seconds after which what is found so far is given.

    Raises
    ------
    ValueError
        If the operations are linearizable.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    last, known = _first_wrong(operations, model, deadline)
    part, minimal = _shrunk(until(operations, last), model, deadline)
    places = [place for one in operations for place in (one.invoked, one.returned) if place is not None]
    prefix = max((place for place in places if place < last), default=0)
    return Counterexample(tuple(part), prefix if known else None, minimal and known)


def until(operations: Iterable[Operation], place: int) -> list[Operation]:
    """Cut a history after an event: what had not returned by then is pending, and a pending read is nothing."""
    begun = [one for one in operations if one.invoked <= place]
    cut = [one if one.returned is not None and one.returned <= place else replace(one, returned=None) for one in begun]
    return [one for one in cut if one.f != "read" or not one.pending]


def _first_wrong(operations: Sequence[Operation], model: str, deadline: float | None) -> tuple[int, bool]:
    """Find the first return that no order explains (what is right once is right in each prefix), if time allows."""
    returns = sorted(one.returned for one in operations if one.returned is not None)
    low, high, known = 0, len(returns), True  # the first `low` returns are explained, the first `high + 1` are not
    while low < high and known:
        middle = (low + high) // 2
        right = _decided(until(operations, returns[middle]), model, deadline)
        known = right is not None
        low, high = (middle + 1, high) if right else (low, middle if known else high)
    if known and low == len(returns):
        raise ValueError("these operations are linearizable; there is nothing to explain")
    return returns[low] if known else returns[min(high, len(returns) - 1)], known


def _decided(operations: Sequence[Operation], model: str, deadline: float | None) -> bool | None:
    search = Search(operations, MODELS[model])
    while search.verdict is None and not search.exhausted:
        if deadline is not None and time.monotonic() > deadline:
            break
        search.run(STEPS)
    return search.verdict


def _shrunk(part: list[Operation], model: str, deadline: float | None) -> tuple[list[Operation], bool]:
    """Leave out halves, quarters, ... and at last one after the other, as long as what stays is still wrong."""
    size = max(1, len(part) // 2)
    while True:
        start, found = 0, False
        while start < len(part):
            if deadline is not None and time.monotonic() > deadline:
                return part, False
            smaller = without(part, part[start : start + size], model)
            if len(smaller) < len(part) and Search(smaller, MODELS[model]).run(STEPS) is False:
                part, found = smaller, True
            else:
                start += size
        if size == 1 and not found:
            return part, True
        size = size if found and size == 1 else max(1, size // 2)


def without(part: Sequence[Operation], gone: Sequence[Operation], model: str) -> list[Operation]:
    """Leave operations out, and with them what was seen of them.

    Parameters
    ----------
    part : sequence of Operation
        Operations of one object.
    gone : sequence of Operation
        Those to leave out.
    model : str
        One of `companion.history.specifications.MODELS`.
    """
    left = [one for one in part if one not in gone]
    if MODELS[model].elements:
        kept = {one.value for one in left if one.f != "read"}
        lost = {one.value for one in gone if one.f != "read"} - kept
        return [_stripped(one, lost) if one.f == "read" else one for one in left]
    if model == "counter":
        before, after = _sums(part), _sums(left)
        return [one for one in left if one.f != "read" or one.value in after or one.value not in before]
    then, now = _explained(part), _explained(left)
    return [one for one in left if one in now or one not in then]


def _stripped(read: Operation, lost: set[object]) -> Operation:
    value = read.value
    if isinstance(value, frozenset):
        return replace(read, value=value - lost)
    assert isinstance(value, tuple)
    return replace(read, value=tuple(element for element in value if element not in lost))


def _explained(part: Iterable[Operation]) -> set[Operation]:
    """List the writes, and what saw a value that somebody asked to be there before it returned.

    A cas counts as that somebody when it is explained itself, so that a ring of them, or one from a value to the same
    value, does not explain itself.
    """
    operations = list(part)
    asked: dict[object, float] = {None: -inf}  # a value, and the place where it was first asked for
    for one in operations:
        if one.f == "write":
            asked[one.value] = min(one.invoked, asked.get(one.value, inf))
    waiting = {one: one.value[1] for one in operations if isinstance(one.value, tuple)}
    while due := [one for one in waiting if _in_time(one, asked)]:
        for one in due:
            new = waiting.pop(one)
            asked[new] = min(one.invoked, asked.get(new, inf))
    return {one for one in operations if one.f == "write" or _in_time(one, asked)}


def _in_time(one: Operation, asked: Mapping[object, float]) -> bool:
    value = one.value[0] if isinstance(one.value, tuple) else one.value
    return asked.get(value, inf) < (inf if one.returned is None else one.returned)


def _sums(part: Iterable[Operation]) -> range | set[int]:
    """List what a counter could show after some of the adds."""
    found = {0}
    for one in part:
        if one.f == "add" and isinstance(one.value, int):
            found |= {total + one.value for total in found}
        if len(found) > MOST_SUMS:
            return range(min(found), max(found) + 1)
    return found
