"""Which isolation levels a history of transactions rules out, and why.

A history can rule a level out; it cannot prove one. And lists tell of single keys only: what a query by a condition
missed (a phantom) does not show, nor when a snapshot was taken, unless order in time is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from companion.history.transactions.anomalies import Anomaly, of_reads
from companion.history.transactions.cycles import ORDER, cycles, kind_of
from companion.history.transactions.dependencies import (
    UNREAD,
    Dependency,
    Graph,
    dependencies,
    too_many_unread,
    with_order,
)
from companion.history.transactions.events import Transaction, transactions
from companion.history.transactions.versions import observations, versions

_UNCOMMITTED = ("garbage-read", "duplicate-elements", "G0")
_COMMITTED = (*_UNCOMMITTED, "incompatible-order", "dirty-update", "future-read", "G1a", "G1b", "G1c")
_SNAPSHOT = (*_COMMITTED, "internal", "lost-update", "G-single", "G-nonadjacent")

LEVELS = {
    "read uncommitted": _UNCOMMITTED,
    "read committed": _COMMITTED,
    "snapshot isolation": _SNAPSHOT,
    "serializable": (*_SNAPSHOT, "G2-item"),
}
"""What each level forbids, of what lists can show; from the worst to what only serializability forbids."""

STRICTER = {"process": "strong session serializable", "realtime": "strict serializable"}
"""The level that order in time belongs to."""

SHOWN = 3
"""How many anomalies of a name are told in a terminal."""


@dataclass(frozen=True)
class Report:
    """What was found in one history.

    Attributes
    ----------
    file : str
        Where it came from.
    history : tuple of Transaction
        All that was begun.
    committed : frozenset of int
        The numbers of those that took place.
    anomalies : tuple of Anomaly
        The worst first.
    undecided : tuple of str
        What is not known, and why.
    order : str
        Which order in time was looked at: "", "process" or "realtime".
    """

    file: str
    history: tuple[Transaction, ...]
    committed: frozenset[int]
    anomalies: tuple[Anomaly, ...]
    undecided: tuple[str, ...]
    order: str

    def of(self, name: str) -> list[Anomaly]:
        """Give the anomalies of one name."""
        return [one for one in self.anomalies if one.name == name]

    @property
    def names(self) -> list[str]:
        """The names of what was found, the worst first."""
        return list(dict.fromkeys(one.name for one in self.anomalies))

    @property
    def levels(self) -> dict[str, list[str]]:
        """For each level what rules it out; an empty list where it may still hold."""
        found = {level: [name for name in self.names if name in forbidden] for level, forbidden in LEVELS.items()}
        return found | ({STRICTER[self.order]: self.names} if self.order else {})


def check_transactions(
    events: Iterable[tuple[int, dict[str, Any]]], *, order: str = "", file: str = "history"
) -> Report:
    """Look for what isolation levels forbid.

    Parameters
    ----------
    events : iterable of (int, dict)
        The number of a line, and its event.
    order : str
        Which order in time counts beside what was read: none, that of each process ("process": what it ran first
        came first), or that of all events ("realtime").
    file : str
        What the report calls the history.

    Raises
    ------
    HistoryError
        If it is no history of transactions on lists.
    ValueError
        If the order is none of these.
    """
    if order not in ("", *ORDER):
        raise ValueError(f"order {order!r} is not known; give process, realtime or nothing")
    history = transactions(events)
    known = versions(history)
    seen = observations(history, known)
    graph = dependencies(seen, known)
    found = list(of_reads(history, seen, known))
    undecided = [
        f"of key {key}, the first {UNREAD} appends that nobody read are looked at" for key in too_many_unread(known)
    ]
    if not known.committed:
        undecided.append("no transaction took place, so that nothing was judged")
    found += _cycles(graph, "", undecided)
    if order:
        found += _cycles(with_order(graph, history, known, order), order, undecided)
    ranks = {name: rank for rank, name in enumerate(LEVELS["serializable"])}
    found.sort(key=lambda one: (bool(_in_time(one.steps)), ranks[one.name.removesuffix(f"-{order}")]))
    return Report(file, tuple(history), known.committed, tuple(found), tuple(undecided), order)


def _cycles(graph: Graph, order: str, undecided: list[str]) -> Iterator[Anomaly]:
    found, unknown = cycles(graph)
    undecided += [f"the search for {kind}{order and '-'}{order} was ended before it was done" for kind in unknown]
    for cycle in found:
        in_time = _in_time(cycle)
        if bool(order) == bool(in_time):  # one without order in time has been found without it
            yield _cycle(kind_of(cycle) + (f"-{order}" if in_time else ""), cycle)


def _in_time(cycle: Iterable[Dependency]) -> list[Dependency]:
    return [one for one in cycle if one.kind in ORDER]


def _cycle(name: str, cycle: tuple[Dependency, ...]) -> Anomaly:
    numbers = tuple(one.source for one in cycle)
    before = " before ".join(f"T{number}" for number in (*numbers, numbers[0]))
    return Anomaly(name, f"each must come {before}", numbers, None, cycle)


def render(report: Report) -> Iterator[str]:
    """Tell the report line by line."""
    count = len(report.history)
    aborted = sum(one.status == "fail" for one in report.history)
    unknown = count - aborted - len(report.committed)
    yield (
        f"{report.file}: {count:,} transaction{'' if count == 1 else 's'}; {len(report.committed):,} took place, "
        f"{aborted:,} rolled back, {unknown:,} unknown"
    )
    for level, names in report.levels.items():
        yield f"  {level:20} {'ruled out by ' + ', '.join(names) if names else 'may hold'}"
    for name in report.names:
        same = report.of(name)
        for one in same[:SHOWN]:
            yield from _told(report, one)
        if len(same) > SHOWN:
            yield f"  {name}: {len(same) - SHOWN:,} more"
    for why in report.undecided:
        yield f"  not known: {why}"


def _told(report: Report, one: Anomaly) -> Iterator[str]:
    yield f"  {one.name}: {one.why}"
    for step in one.steps:
        yield f"    T{step.source} before T{step.target}: {step.told}"
    for number in one.transactions:
        yield f"    {_line(report.history[number - 1])}"


def _line(one: Transaction) -> str:
    place = f"line {one.invoked}" if one.returned is None else f"lines {one.invoked} and {one.returned}"
    return f"{one.name} ({place}, process {one.process}): {one.told}"


def as_json(report: Report) -> dict[str, Any]:
    """Give the report as plain data; transactions are those that an anomaly names."""
    named = sorted({number for one in report.anomalies for number in one.transactions})
    aborted = sum(one.status == "fail" for one in report.history)
    return {
        "file": report.file,
        "model": "list-append",
        "order": report.order or None,
        "counts": {
            "transactions": len(report.history),
            "committed": len(report.committed),
            "aborted": aborted,
            "unknown": len(report.history) - aborted - len(report.committed),
        },
        "levels": [
            {"level": level, "may_hold": not names, "ruled_out_by": names} for level, names in report.levels.items()
        ],
        "anomalies": [
            {
                "name": one.name,
                "why": one.why,
                "key": one.key,
                "transactions": list(one.transactions),
                "steps": [
                    {"before": step.source, "after": step.target, "kind": step.kind, "key": step.key, "why": step.told}
                    for step in one.steps
                ],
            }
            for one in report.anomalies
        ],
        "transactions": [_transaction(report.history[number - 1]) for number in named],
        "undecided": list(report.undecided),
    }


def _transaction(one: Transaction) -> dict[str, Any]:
    return {
        "number": one.number,
        "process": one.process,
        "type": one.status,
        "invoked": one.invoked,
        "returned": one.returned,
        "does": one.told,
    }
