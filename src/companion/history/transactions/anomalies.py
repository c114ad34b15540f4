"""What is wrong with single reads, and with two transactions at one key: all that needs no cycle to be seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from companion.history.transactions.dependencies import Dependency
from companion.history.transactions.events import Append, Read, Scalar, Transaction, list_text
from companion.history.transactions.versions import Observation, Versions


@dataclass(frozen=True)
class Anomaly:
    """Something that an isolation level forbids.

    Attributes
    ----------
    name : str
        What it is called: by Adya (G0, G1a, ...) where he has a name for it, else by Elle.
    why : str
        What was seen, in a sentence.
    transactions : tuple of int
        Who took part, by number; of a cycle in its order.
    key : int, str or None
        Where; None of a cycle.
    steps : tuple of Dependency
        The cycle, from each transaction to the next, and from the last to the first; empty otherwise.
    """

    name: str
    why: str
    transactions: tuple[int, ...]
    key: Scalar | None = None
    steps: tuple[Dependency, ...] = ()


def of_reads(history: Sequence[Transaction], seen: Sequence[Observation], known: Versions) -> Iterator[Anomaly]:
    """Find what is wrong without looking at dependencies."""
    for one in history:
        if one.status == "ok":
            yield from _in_itself(one)
            yield from _wrong_values(one, known)
    yield from _orders(history, known)
    yield from _intermediate(seen, known)
    yield from _dirty_updates(known)
    yield from _lost_updates(history)


def _in_itself(one: Transaction) -> Iterator[Anomaly]:
    """Hold each read against what the same transaction read and appended before."""
    last: dict[Scalar, tuple[Scalar, ...]] = {}
    since: dict[Scalar, tuple[Scalar, ...]] = {}
    later = {(micro.key, micro.value) for micro in one.does if isinstance(micro, Append)}
    for micro in one.does:
        key, own = micro.key, since.get(micro.key, ())
        if isinstance(micro, Append):
            since[key] = (*own, micro.value)
            later.discard((key, micro.value))
            continue
        read = micro.seen or ()
        if key in last and read != last[key] + own:
            yield Anomaly(
                "internal",
                f"{one.name} read {key} = {list_text(read)} where its own acts make it {list_text(last[key] + own)}",
                (one.number,),
                key,
            )
        elif own and read[-len(own) :] != own:
            yield Anomaly(
                "internal",
                f"{one.name} read {key} = {list_text(read)}, which does not end in its own {list_text(own)}",
                (one.number,),
                key,
            )
        early = next((value for value in read if (key, value) in later), None)
        if early is not None:
            why = f"{one.name} read {key} with {early}, which it appended only later"
            yield Anomaly("future-read", why, (one.number,), key)
        last[key], since[key] = read, ()


def _wrong_values(one: Transaction, known: Versions) -> Iterator[Anomaly]:
    """Find values that a read should not have: of nobody, of who was rolled back, and values that stand there twice."""
    for micro in one.does:
        if not isinstance(micro, Read) or not micro.seen:
            continue
        key, writers = micro.key, known.writers.get(micro.key, {})
        once = dict.fromkeys(micro.seen)
        if len(once) < len(micro.seen):
            twice = next(value for value in once if micro.seen.count(value) > 1)
            why = f"{one.name} read {key} with {twice} in it {micro.seen.count(twice)} times"
            yield Anomaly("duplicate-elements", why, (one.number,), key)
        for value in once:
            writer = writers.get(value)
            if writer is None:
                why = f"{one.name} read {key} with {value}, which nobody appended"
                yield Anomaly("garbage-read", why, (one.number,), key)
            elif writer.status == "fail":
                why = f"{one.name} read {key} with {value} of {writer.name}, which was rolled back"
                yield Anomaly("G1a", why, (one.number, writer.number), key)


def _orders(history: Sequence[Transaction], known: Versions) -> Iterator[Anomaly]:
    for one in history:
        for micro in one.does:
            if isinstance(micro, Read) and micro.seen is not None:
                once = Read(micro.key, tuple(dict.fromkeys(micro.seen)))
                if not known.agrees(once):
                    longest = known.orders[micro.key]
                    why = f"{one.name} read {micro.key} = {list_text(micro.seen)}, no beginning of {list_text(longest)}"
                    yield Anomaly("incompatible-order", why, (one.number,), micro.key)


def _intermediate(seen: Sequence[Observation], known: Versions) -> Iterator[Anomaly]:
    """Find reads that end in a value behind which the same transaction put another."""
    final = {
        (micro.key, one.number): micro.value
        for writers in known.writers.values()
        for one in writers.values()
        for micro in one.does
        if isinstance(micro, Append)
    }
    for read in seen:
        writer = known.writer(read.key, read.seen[-1]) if read.seen else None
        if writer is None or writer is read.transaction:
            continue
        value, last = read.seen[-1], final[read.key, writer.number]
        if value != last:
            why = f"{read.transaction.name} read {read.key} with {writer.name}'s {value} and without its {last}"
            yield Anomaly("G1b", why, (read.transaction.number, writer.number), read.key)


def _dirty_updates(known: Versions) -> Iterator[Anomaly]:
    """Find values that were put behind one of a transaction that was rolled back."""
    for key, order in known.orders.items():
        aborted: tuple[Scalar, Transaction] | None = None
        for value in order:
            writer = known.writers.get(key, {}).get(value)
            if writer is not None and writer.status == "fail":
                aborted = value, writer
            elif writer is not None and aborted is not None:
                why = (
                    f"{writer.name} appended {value} to {key} after {aborted[0]} of {aborted[1].name}, "
                    "which was rolled back"
                )
                yield Anomaly("dirty-update", why, (writer.number, aborted[1].number), key)
                aborted = None


def _lost_updates(history: Sequence[Transaction]) -> Iterator[Anomaly]:
    """Find transactions that read the same list, and then each appended to it."""
    updates: dict[tuple[Scalar, tuple[Scalar, ...]], list[int]] = {}
    for one in history:
        first: dict[Scalar, tuple[Scalar, ...]] = {}
        touched: set[Scalar] = set()
        for micro in one.does if one.status == "ok" else ():
            if isinstance(micro, Read):
                if micro.key not in touched:
                    first.setdefault(micro.key, micro.seen or ())
            elif micro.key not in touched:
                touched.add(micro.key)
                if micro.key in first:
                    updates.setdefault((micro.key, first[micro.key]), []).append(one.number)
    for (key, read), numbers in updates.items():
        if len(numbers) > 1:
            names = " and ".join(f"T{number}" for number in numbers[:4]) + (" and more" if len(numbers) > 4 else "")
            why = f"{names} each read {key} = {list_text(read)} and then appended to it"
            yield Anomaly("lost-update", why, tuple(numbers), key)
