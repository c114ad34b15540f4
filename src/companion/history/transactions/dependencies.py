"""Who must have come before whom: the dependencies between transactions, after Adya.

* ``ww``: one put its value directly behind the other's.
* ``wr``: one read the other's value.
* ``rw``: one read a list without the other's value, which came next (an anti-dependency).
* ``process``: one process ran the one after the other.
* ``realtime``: the one had returned before the other was invoked.

Between two transactions one dependency is kept, the first of these kinds that there is; of order in time, only when
it is asked for. For a cycle it makes no difference, as it is named by the weakest that explains it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from companion.history.transactions.events import Scalar, Transaction
from companion.history.transactions.versions import Observation, Versions

RANKS = {"ww": 0, "wr": 1, "process": 2, "realtime": 2, "rw": 3}
"""Which kind explains more; order in time is worth more than an anti-dependency, which it often stands beside."""

UNREAD = 100
"""Of the appends to a key that nobody has read, how many are looked at; more would be a square of them."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """That `target` came after `source`, and why.

    Attributes
    ----------
    source, target : int
        Numbers of transactions.
    kind : str
        One of `RANKS`.
    key : int, str or None
        The list that shows it; None for order in time.
    value : int, str or None
        What was appended by `target` (ww, rw), or by `source` and read (wr).
    before : int, str or None
        Of ww, the value of `source` behind which it stands.
    """

    source: int
    target: int
    kind: str
    key: Scalar | None = None
    value: Scalar | None = None
    before: Scalar | None = None

    @property
    def told(self) -> str:
        """The reason, in words."""
        one, other = f"T{self.source}", f"T{self.target}"
        return {
            "ww": f"{other} appended {self.value} to {self.key} after {one}'s {self.before}",
            "wr": f"{other} read {self.key} with {one}'s {self.value}",
            "rw": f"{one} read {self.key} without {other}'s {self.value}",
            "process": f"one process ran {one} and then {other}",
            "realtime": f"{one} had returned before {other} was invoked",
        }[self.kind]


Graph = dict[int, dict[int, Dependency]]
"""``{source: {target: dependency}}``."""


def dependencies(seen: Sequence[Observation], known: Versions) -> Graph:
    """Draw what the lists tell of transactions that took place."""
    unread = {key: _unread(key, known) for key in known.writers}
    graph: Graph = {}
    for found in (_write_write(known, unread), _of_reads(seen, known, unread)):
        for one in found:
            _add(graph, one)
    return graph


def too_many_unread(known: Versions) -> list[Scalar]:
    """Name the keys that somebody read, with so many appends behind what was read that some were not looked at."""
    return [key for key in known.orders if len(_unread(key, known, UNREAD + 1)) > UNREAD]


def with_order(graph: Graph, history: Sequence[Transaction], known: Versions, order: str) -> Graph:
    """Give the dependencies with order in time among them: that of each process, or that of the events."""
    both: Graph = {source: dict(targets) for source, targets in graph.items()}
    took_place = [one for one in history if one.number in known.committed]
    for one in _of_processes(took_place) if order == "process" else _of_events(took_place):
        _add(both, one)
    return both


def _add(graph: Graph, one: Dependency) -> None:
    if one.source == one.target:
        return
    targets = graph.setdefault(one.source, {})
    if one.target not in targets or RANKS[one.kind] < RANKS[targets[one.target].kind]:
        targets[one.target] = one


def _unread(key: Scalar, known: Versions, most: int = UNREAD) -> list[tuple[Scalar, Transaction]]:
    """List values that took place, and that nobody has read: they stand behind all that was read."""
    found: list[tuple[Scalar, Transaction]] = []
    for value, one in known.writers.get(key, {}).items():
        if len(found) < most and one.number in known.committed and value not in known.read.get(key, ()):
            found.append((value, one))
    return found


Unread = dict[Scalar, list[tuple[Scalar, Transaction]]]


def _write_write(known: Versions, unread: Unread) -> Iterator[Dependency]:
    for key, order in known.orders.items():
        last: tuple[Scalar, Transaction] | None = None
        for value in order:
            writer = known.writer(key, value)
            if writer is None:
                continue
            if last is not None:
                yield Dependency(last[1].number, writer.number, "ww", key, value, last[0])
            last = value, writer
        if last is not None:
            for value, writer in unread.get(key, ()):
                yield Dependency(last[1].number, writer.number, "ww", key, value, last[0])


def _of_reads(seen: Sequence[Observation], known: Versions, unread: Unread) -> Iterator[Dependency]:
    following = {key: _following(key, order, known) for key, order in known.orders.items()}
    for one in seen:
        number = one.transaction.number
        if one.seen:
            writer = known.writer(one.key, one.seen[-1])
            if writer is not None:
                yield Dependency(writer.number, number, "wr", one.key, one.seen[-1])
        if not one.agrees:
            continue
        after = following[one.key][len(one.seen)]
        for value, writer in [after] if after is not None else unread.get(one.key, ()):
            yield Dependency(number, writer.number, "rw", one.key, value)


def _following(key: Scalar, order: tuple[Scalar, ...], known: Versions) -> list[tuple[Scalar, Transaction] | None]:
    """Say for each length of a list which append came next."""
    after: list[tuple[Scalar, Transaction] | None] = [None] * (len(order) + 1)
    for at in range(len(order) - 1, -1, -1):
        writer = known.writer(key, order[at])
        after[at] = after[at + 1] if writer is None else (order[at], writer)
    return after


def _of_processes(history: Sequence[Transaction]) -> Iterator[Dependency]:
    last: dict[str, int] = {}
    for one in history:
        if one.process in last:
            yield Dependency(last[one.process], one.number, "process")
        if one.returned is not None:  # else it may still take place, after what the process does next
            last[one.process] = one.number


def _of_events(history: Sequence[Transaction]) -> Iterator[Dependency]:
    """Say what had returned before what was invoked, leaving out what follows from the rest."""
    steps = [(one.began, True, one) for one in history]
    steps += [(one.ended, False, one) for one in history if one.ended is not None]
    newest: dict[int, None] = {}
    earlier: dict[int, list[int]] = {}
    for _, begins, one in sorted(steps, key=lambda step: step[0]):
        if begins:
            earlier[one.number] = list(newest)
            for source in newest:
                yield Dependency(source, one.number, "realtime")
        else:
            for source in earlier[one.number]:
                newest.pop(source, None)
            newest[one.number] = None
