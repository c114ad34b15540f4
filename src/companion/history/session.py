"""Which promises to a single session a history of registers has broken.

A value is older than another if its write had returned before the other's was invoked; what was read before any write
is older than all. That needs every value of a register to be written once, so that a read tells which write it saw.
What it finds is broken in every order that keeps to real time; writes that overlap are never held against a read.

References: Terry et al. 1994.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from companion.history.check import by_key
from companion.history.events import Operation

GUARANTEES = ("read your writes", "monotonic reads", "monotonic writes", "writes follow reads")


@dataclass(frozen=True)
class Broken:
    """A guarantee that was broken, and the two operations that show it: the later one went back behind the earlier."""

    guarantee: str
    earlier: Operation
    later: Operation


@dataclass(frozen=True)
class Sessions:
    """What is known of the session guarantees; `undecided` says why nothing is, else it is empty."""

    broken: tuple[Broken, ...]
    undecided: str = ""

    def of(self, guarantee: str) -> tuple[Broken, ...]:
        """Give where one of `GUARANTEES` was broken."""
        return tuple(one for one in self.broken if one.guarantee == guarantee)


def session_guarantees(operations: Sequence[Operation]) -> Sessions:
    """Look for broken session guarantees, each register by itself; a process is a session.

    Parameters
    ----------
    operations : sequence of Operation
        Reads and writes of any number of registers, each value of a register written once.
    """
    broken: list[Broken] = []
    for key, group in by_key(operations).items():
        writes = {one.value: one for one in group if one.f == "write"}
        if any(one.f not in ("read", "write") for one in group):
            return Sessions((), "session guarantees are decided for reads and writes of registers only")
        if len(writes) < sum(one.f == "write" for one in group):
            return Sessions((), f"key {key} had a value written twice: a read does not tell which it saw")
        ordered = sorted(group, key=lambda one: one.invoked)
        broken += _went_back(ordered, writes)
        broken += _out_of_order(ordered, writes)
    return Sessions(tuple(sorted(broken, key=lambda one: one.later.invoked)))


def stale_reads(operations: Iterable[Operation]) -> list[Operation]:
    """List the reads that gave something older than a write that was acknowledged before they began.

    What another process wrote meanwhile does not make a read stale.

    Parameters
    ----------
    operations : iterable of Operation
        Reads and writes of any number of registers, each value of a register written once.
    """
    ordered = list(operations)
    writes = {(one.key, one.value): one for one in ordered if one.f == "write"}
    events = sorted(
        [(one.invoked, False, one) for one in ordered]
        + [(one.returned, True, one) for one in ordered if one.returned is not None],
        key=lambda event: event[:2],
    )
    acknowledged: dict[str, int] = {}  # of each key, the latest invocation of a write that has returned
    found = []
    for _, returns, one in events:
        if one.f == "write" and returns:
            acknowledged[one.key] = max(acknowledged.get(one.key, one.invoked), one.invoked)
        if one.f == "read" and not returns and not one.pending and one.key in acknowledged:
            write = writes.get((one.key, one.value))
            if one.value is None or (
                write is not None and write.returned is not None and write.returned < acknowledged[one.key]
            ):
                found.append(one)
    return found


def _older(value: object, than: Operation, writes: dict[object, Operation]) -> bool:
    """Tell whether the write of a value had returned before another was invoked."""
    if value is None:
        return True
    write = writes.get(value)
    return write is not None and write.returned is not None and write.returned < than.invoked


def _went_back(ordered: Sequence[Operation], writes: dict[object, Operation]) -> Iterator[Broken]:
    """Find reads of something older than what the same process had written, or had read."""
    wrote: dict[str, Operation] = {}
    read: dict[str, tuple[Operation, Operation]] = {}  # the read that saw the newest write, and that write
    for one in ordered:
        if one.f == "write":
            if not one.pending:
                wrote[one.process] = one
            continue
        own = wrote.get(one.process)
        if own is not None and _older(one.value, own, writes):
            yield Broken("read your writes", own, one)
        seen = read.get(one.process)
        if seen is not None and _older(one.value, seen[1], writes):
            yield Broken("monotonic reads", seen[0], one)
        source = writes.get(one.value)
        if source is not None and (seen is None or source.invoked > seen[1].invoked):
            read[one.process] = (one, source)


def _out_of_order(ordered: Sequence[Operation], writes: dict[object, Operation]) -> Iterator[Broken]:
    """Find reads that see a write, and later what its writer had written, or read, before it."""
    place: dict[object, tuple[str, int]] = {}  # of each written value: its writer, and its number among the writer's
    before: dict[tuple[str, object], int] = {}  # of each value that a writer had read: the number of its next write
    count: dict[str, int] = {}
    for one in ordered:
        number = count.get(one.process, 0)
        if one.f == "write":
            place[one.value] = (one.process, number)
            count[one.process] = number + 1
        else:
            before.setdefault((one.process, one.value), number)
    seen: dict[str, dict[str, tuple[int, Operation]]] = {}  # a reader: of each writer the latest write that it saw
    for one in ordered:
        if one.f != "read":
            continue
        latest = seen.setdefault(one.process, {})
        writer, number = place.get(one.value, ("", -1))
        for other, (newest, earlier) in latest.items():
            if writer == other and number < newest:
                yield Broken("monotonic writes", earlier, one)
            if before.get((other, one.value), newest + 1) <= newest and one.value in writes:
                yield Broken("writes follow reads", earlier, one)
        if number >= 0 and (writer not in latest or latest[writer][0] < number):
            latest[writer] = (number, one)
