"""From events, one a line, to transactions on lists, as Jepsen's list-append workload records them.

The value of an event is a list of micro-operations: ``["append", key, value]`` and ``["r", key, [value, ...]]``. An
invocation does not know what its reads will give, and says null there. An end has the type ``ok``, ``fail`` (it was
rolled back) or ``info`` (nobody knows).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from companion.history.events import HistoryError
from companion.history.reading.formats import short
from companion.history.reading.pairing import ENDS, text_of

Scalar = int | str
"""What a key is, and a value: no list, so that two of them are the same or not."""

Status = Literal["ok", "fail", "info"]


@dataclass(frozen=True, slots=True)
class Append:
    """A value put at the end of a key's list."""

    key: Scalar
    value: Scalar

    @property
    def told(self) -> str:
        """The append in a few words."""
        return f"append {self.value} to {self.key}"


@dataclass(frozen=True, slots=True)
class Read:
    """What a key's list was; None where nobody heard the answer."""

    key: Scalar
    seen: tuple[Scalar, ...] | None

    @property
    def told(self) -> str:
        """The read in a few words."""
        return f"read {self.key} = {'?' if self.seen is None else list_text(self.seen)}"


@dataclass(frozen=True, slots=True)
class Transaction:
    """What one client did as one transaction.

    Attributes
    ----------
    number : int
        Transactions are counted from 1 in the order of their invocations.
    process : str
        Who ran it; a process does one thing after the other.
    status : {"ok", "fail", "info"}
        How it ended.
    does : tuple of Append and Read
        Its micro-operations, in their order.
    invoked : int
        The line in which it begins.
    returned : int or None
        The line in which it ends; None where nobody knows how it ended.
    began, ended : int or None
        Likewise, the places in the order of events, which need not be that of the lines.
    """

    number: int
    process: str
    status: Status
    does: tuple[Append | Read, ...]
    invoked: int
    returned: int | None
    began: int
    ended: int | None

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"T{self.number}"

    @property
    def told(self) -> str:
        """All that it did, in a few words."""
        return ", ".join(one.told for one in self.does) or "nothing"


def list_text(values: Iterable[Scalar]) -> str:
    """Show a list; only the end of one that is long, as it is there that lists differ."""
    shown = [str(value) for value in values]
    return "[" + ", ".join(shown if len(shown) <= 12 else ["...", *shown[-10:]]) + "]"


def transactions(events: Iterable[tuple[int, dict[str, Any]]]) -> list[Transaction]:
    """Pair invocations with their ends.

    Parameters
    ----------
    events : iterable of (int, dict)
        The number of a line, and its event; their order is the order of events. Those of a nemesis are left out.

    Raises
    ------
    HistoryError
        If an event does not fit the one before it, or a value is appended to a key twice: then nobody could say whose
        append a read saw.
    """
    under_way: dict[str, tuple[int, int, dict[str, Any]]] = {}
    found: list[Transaction] = []
    for place, (line, event) in enumerate(events):
        process, kind = text_of(event, "process", line), event.get("type")
        if process.lstrip(":") == "nemesis":
            continue
        if kind == "invoke":
            if process in under_way:
                raise HistoryError(
                    f"line {line}: process {process} invokes while its transaction of line "
                    f"{under_way[process][1]} has not ended; end that with ok, fail or info"
                )
            under_way[process] = (place, line, event)
        elif kind in ENDS:
            if process not in under_way:
                raise HistoryError(
                    f"line {line}: {kind} of process {process}, which has invoked nothing; "
                    'put a line with "type": "invoke" before it'
                )
            found.append(_ended(process, under_way.pop(process), (place, line, event)))
        else:
            raise HistoryError(f'line {line}: "type" is {short(kind)}; give invoke, ok, fail or info')
    for process, asked in under_way.items():
        found.append(_ended(process, asked, (*asked[:2], {"type": "info"})))
    return _numbered(found)


def _numbered(found: list[Transaction]) -> list[Transaction]:
    """Count them by their invocations, and see that each append can be told from the others."""
    found.sort(key=lambda one: one.began)
    counted = [replace(one, number=number) for number, one in enumerate(found, start=1)]
    first: dict[tuple[Scalar, Scalar], int] = {}
    for one in counted:
        for micro in one.does:
            if isinstance(micro, Append):
                if (micro.key, micro.value) in first:
                    raise HistoryError(
                        f"line {one.invoked}: {short(micro.value)} is appended to {short(micro.key)} a second time "
                        f"(first in line {first[micro.key, micro.value]}); append each value to a key once, also when "
                        "a transaction is tried again"
                    )
                first[micro.key, micro.value] = one.invoked
    return counted


Event = tuple[int, int, dict[str, Any]]
"""Its place in the order of events, its line, and what stands there."""


def _ended(process: str, invocation: Event, completion: Event) -> Transaction:
    began, line, asked = invocation
    ended, at, end = completion
    status: Status = end["type"]
    does = _micro_operations(asked, line, answered=False)
    if status == "ok" or end.get("value") is not None:
        told = _micro_operations(end, at, answered=status == "ok")
        if [_question(one) for one in told] != [_question(one) for one in does]:
            raise HistoryError(
                f'line {at}: "value" differs from its invocation in line {line}; only what reads gave may be added'
            )
        does = told if status == "ok" else does
    known = status != "info"
    return Transaction(0, process, status, does, line, at if known else None, began, ended if known else None)


def _question(one: Append | Read) -> Append | Scalar:
    return one if isinstance(one, Append) else one.key


def _micro_operations(event: dict[str, Any], line: int, *, answered: bool) -> tuple[Append | Read, ...]:
    if str(event.get("f", "txn")).lstrip(":") != "txn":
        raise HistoryError(f'line {line}: "f" is {short(event["f"])}; in a list-append history it is "txn"')
    value = event.get("value")
    if not isinstance(value, list):
        raise HistoryError(
            f'line {line}: "value" is {short(value)}; give a list of ["append", key, value] and ["r", key, null]'
        )
    return tuple(_micro_operation(one, line, answered=answered) for one in value)


def _micro_operation(one: Any, line: int, *, answered: bool) -> Append | Read:
    f = str(one[0]).lstrip(":") if isinstance(one, list) and 2 <= len(one) <= 3 else ""
    given: Any = one[2] if f and len(one) == 3 else None
    if f == "append" and _is_scalar(one[1]) and _is_scalar(given):
        return Append(one[1], given)
    if f == "r" and _is_scalar(one[1]) and (given is None or (isinstance(given, list) and all(map(_is_scalar, given)))):
        return Read(one[1], tuple(given or ()) if answered else None)
    raise HistoryError(
        f'line {line}: {short(one)} is no micro-operation; give ["append", key, value], or ["r", key, list or null], '
        "with keys and values that are whole numbers or texts"
    )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)
