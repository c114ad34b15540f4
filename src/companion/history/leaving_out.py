"""What leaves a history together, so that what stays could have been a history by itself.

Leaving out a write alone proves nothing: a read of its value would then be a read of what nobody wrote, and any such
history is wrong. So what was seen of an operation leaves with it.

* A register: a read or a cas goes if nobody who stays had asked for its value by then.
* A text (`kv`): a read goes if what was written is in it, and nobody who stays wrote the same.
* A list or a set: reads lose the element. Where elements are removed too, all that was done to one goes together.
* A counter: a read goes if no sum of the adds that stay gives it.
* A mutex: an acquire and the release that follows it in its process.
* A queue: all that was done to an element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import inf

from companion.history.events import Operation
from companion.history.specifications import Model

WIDEST = 2**26
"""Sums of a counter that are told apart by a bit each; where they lie farther apart, they are listed."""

MOST_SUMS = 2**20
"""Sums that are listed before any is held possible."""


def without(part: Sequence[Operation], gone: Iterable[Operation], model: Model) -> list[Operation]:
    """Leave operations out, and with them what was seen of them.

    Parameters
    ----------
    part : sequence of Operation
        Operations of one object.
    gone : iterable of Operation
        Those to leave out.
    model : Model
        The object.
    """
    lost = set(gone)
    left = [one for one in part if one not in lost]
    return _RULES[model.name](part, lost, left, model)


def _of_register(
    part: Sequence[Operation], lost: set[Operation], left: list[Operation], model: Model
) -> list[Operation]:
    then, now = _explained(part, model), _explained(left, model)
    return [one for one in left if one in now or one not in then]


def _of_text(part: Sequence[Operation], lost: set[Operation], left: list[Operation], model: Model) -> list[Operation]:
    kept = {one.value for one in left if one.f != "read"}
    missed = {str(one.value) for one in lost if one.f != "read"} - kept
    return [one for one in left if one.f != "read" or not any(_shows(str(one.value), text) for text in missed)]


def _shows(read: str, text: str) -> bool:
    return text in read if text else not read


def _of_elements(
    part: Sequence[Operation], lost: set[Operation], left: list[Operation], model: Model
) -> list[Operation]:
    removed = {one.value for one in part if one.f == "remove"}
    updated = {one.value for one in lost if one.f != "read"}
    kept = {one.value for one in left if one.f != "read"}
    missed = (updated - kept) | (updated & removed)
    rest = [one for one in left if one.f == "read" or one.value not in missed]
    return [_stripped(one, missed) if one.f == "read" else one for one in rest]


def _stripped(read: Operation, missed: set[object]) -> Operation:
    value = read.value
    if isinstance(value, frozenset):
        return replace(read, value=value - missed)
    assert isinstance(value, tuple)
    return replace(read, value=tuple(element for element in value if element not in missed))


def _of_counter(
    part: Sequence[Operation], lost: set[Operation], left: list[Operation], model: Model
) -> list[Operation]:
    before, after = sums(part, model), sums(left, model)
    return [one for one in left if one.f != "read" or one.value in after or one.value not in before]


def _of_mutex(part: Sequence[Operation], lost: set[Operation], left: list[Operation], model: Model) -> list[Operation]:
    held: dict[str, Operation] = {}
    pairs: dict[Operation, Operation] = {}
    for one in sorted(part, key=lambda operation: operation.invoked):
        if one.f == "acquire":
            held[one.process] = one
        elif one.process in held:
            acquired = held.pop(one.process)
            pairs |= {acquired: one, one: acquired}
    return [one for one in left if pairs.get(one) not in lost]


def _of_queue(part: Sequence[Operation], lost: set[Operation], left: list[Operation], model: Model) -> list[Operation]:
    missed = {one.value for one in lost} - {None}
    return [one for one in left if one.value not in missed]


_RULES: Mapping[str, Callable[[Sequence[Operation], set[Operation], list[Operation], Model], list[Operation]]] = {
    "register": _of_register,
    "cas-register": _of_register,
    "kv": _of_text,
    "kv-append": _of_elements,
    "set": _of_elements,
    "counter": _of_counter,
    "mutex": _of_mutex,
    "queue": _of_queue,
}


def _explained(part: Iterable[Operation], model: Model) -> set[Operation]:
    """List the writes, and what saw a value that somebody asked to be there before it returned.

    A cas counts as that somebody when it is explained itself, so that a ring of them, or one from a value to the same
    value, does not explain itself.
    """
    operations = list(part)
    asked: dict[object, float] = {model.initial: -inf}  # a value, and the place where it was first asked for
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


@dataclass(frozen=True)
class Sums:
    """What a counter could show after some of its adds: a bit for each from `least` on, or a list.

    Attributes
    ----------
    exact : bool
        False where there are too many to tell: then any between the least and the greatest counts as one.
    """

    least: int
    bits: bytes = b""
    listed: frozenset[int] | range = frozenset()
    exact: bool = True

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, int):
            return False
        at = value - self.least
        return value in self.listed or (0 <= at < 8 * len(self.bits) and bool(self.bits[at // 8] >> at % 8 & 1))


def sums(part: Iterable[Operation], model: Model) -> Sums:
    """Give what a counter could show after some of the adds."""
    adds = [one.value for one in part if one.f == "add" and isinstance(one.value, int)]
    start = model.initial if isinstance(model.initial, int) else 0
    least, most = start + sum(add for add in adds if add < 0), start + sum(add for add in adds if add > 0)
    if most - least <= WIDEST:
        bits = 1 << start - least
        for add in adds:
            bits |= bits << add if add > 0 else bits >> -add
        return Sums(least, bits.to_bytes((most - least) // 8 + 1, "little"))
    found = {start}
    for add in adds:
        found = set(chain(found, (total + add for total in found)))
        if len(found) > MOST_SUMS:
            return Sums(least, listed=range(least, most + 1), exact=False)
    return Sums(least, listed=frozenset(found))
