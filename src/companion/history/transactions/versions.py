"""In which order the values of each key were appended, as far as the reads tell.

A list shows its past: who reads ``[1, 2, 5]`` knows that 2 was appended after 1, and 5 after 2. So the longest read of
a key is the order of its versions, and every other read should be a beginning of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from companion.history.transactions.events import Append, Read, Scalar, Transaction


@dataclass(frozen=True)
class Versions:
    """What the reads of a history say together.

    Attributes
    ----------
    writers : dict
        Who appended a value to a key, or tried to: ``{key: {value: transaction}}``.
    orders : dict
        For each key the longest list that was read; of one with a value twice, without the second.
    read : dict
        For each key the values that somebody has read.
    committed : frozenset of int
        The numbers of the transactions that took place: those that say so, and those without an answer of which
        somebody has read a value.
    """

    writers: dict[Scalar, dict[Scalar, Transaction]]
    orders: dict[Scalar, tuple[Scalar, ...]]
    read: dict[Scalar, set[Scalar]]
    committed: frozenset[int]

    def writer(self, key: Scalar, value: Scalar) -> Transaction | None:
        """Give who appended a value, if that took place."""
        found = self.writers.get(key, {}).get(value)
        return found if found is not None and found.number in self.committed else None

    def agrees(self, read: Read) -> bool:
        """Whether a read is a beginning of the longest one."""
        seen = read.seen or ()
        return self.orders.get(read.key, ())[: len(seen)] == seen


@dataclass(frozen=True, slots=True)
class Observation:
    """What a read saw of others: the list without what the transaction itself had put at its end.

    Attributes
    ----------
    transaction : Transaction
        Who read.
    key : int or str
        What was read.
    seen : tuple
        What others had appended.
    agrees : bool
        Whether the read is a beginning of the longest one; only then does what it lacks say anything.
    """

    transaction: Transaction
    key: Scalar
    seen: tuple[Scalar, ...]
    agrees: bool


def versions(history: Sequence[Transaction]) -> Versions:
    """Put the versions of each key in order."""
    writers: dict[Scalar, dict[Scalar, Transaction]] = {}
    orders: dict[Scalar, tuple[Scalar, ...]] = {}
    read: dict[Scalar, set[Scalar]] = {}
    for one in history:
        for micro in one.does:
            if isinstance(micro, Append):
                writers.setdefault(micro.key, {})[micro.value] = one
            elif micro.seen is not None:
                once = tuple(dict.fromkeys(micro.seen))
                read.setdefault(micro.key, set()).update(once)
                if len(once) > len(orders.setdefault(micro.key, ())):
                    orders[micro.key] = once
    seen = {
        writers[key][value].number
        for key, values in read.items()
        for value in values
        if value in writers.get(key, {}) and writers[key][value].status == "info"
    }
    return Versions(writers, orders, read, frozenset(seen | {one.number for one in history if one.status == "ok"}))


def observations(history: Sequence[Transaction], known: Versions) -> list[Observation]:
    """List what each read of a transaction that ended well saw of others."""
    found = []
    for one in history:
        own: dict[Scalar, set[Scalar]] = {}
        for micro in one.does:
            if isinstance(micro, Append):
                own.setdefault(micro.key, set()).add(micro.value)
            elif micro.seen is not None:
                seen, mine = list(micro.seen), own.get(micro.key, set())
                while seen and seen[-1] in mine:
                    seen.pop()
                found.append(Observation(one, micro.key, tuple(seen), known.agrees(micro)))
    return found
