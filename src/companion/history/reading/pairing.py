"""From events to operations: Jepsen's convention, read with suspicion.

A process invokes an operation, and later reports how it ended: ``ok``, ``fail`` (it did not take place) or ``info``
(nobody knows: it may take place at any time after its invocation, or never).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from companion.history.events import HistoryError, Operation
from companion.history.reading.formats import Event, short
from companion.history.specifications import SYNONYMS, UNKNOWN, Model, canonical

ENDS = ("ok", "fail", "info")

Step = tuple[str, bool, Operation | None]
"""What an event means for a key: whether an operation begins; and if one ends, the operation, unless it is none."""


@dataclass
class Remarks:
    """What is to be said of a history beside its operations.

    Attributes
    ----------
    nemesis : int
        Events of Jepsen's nemesis, which are left out: they are about the network and not about the object.
    pairs : int
        How many values were pairs; 0 unless all were: then their first halves may be keys.
    """

    nemesis: int = 0
    pairs: int = 0

    @property
    def warnings(self) -> list[str]:
        """What should not pass without a word."""
        if not self.pairs:
            return []
        return ["every value is a pair: if the first half is a key, give --independent, or the verdict is wrong"]


class Asked(NamedTuple):
    """An operation that is under way: what was asked as it stands in the history, and what that means."""

    event: dict[str, Any]
    line: int
    f: str
    key: str
    raw: Any
    value: Hashable


def paired(
    events: Iterable[Event], model: Model, *, independent: bool = False, seen: Remarks | None = None
) -> Iterator[Step]:
    """Pair invocations with their ends.

    Parameters
    ----------
    events : iterable of Event
        Those of each process in their order; of clients only.
    model : Model
        Says what may be asked, with which values.
    independent : bool
        Whether each value is a pair of a key and the value proper.
    seen : Remarks, optional
        Is told what looks odd.

    Raises
    ------
    HistoryError
        If an event does not fit the one before it, or the model.
    """
    under_way: dict[str, Asked] = {}
    pairs: int | None = None if independent else 0
    for line, event in events:
        process, kind = event.get("process"), event.get("type")
        if type(process) is not str:
            process = str(process) if type(process) is int else text_of(event, "process", line)
        if kind == "invoke":
            if process in under_way:
                raise HistoryError(
                    f"line {line}: process {process} invokes while its operation of line "
                    f"{under_way[process].line} has not ended; end that with ok, fail or info"
                )
            asked = under_way[process] = _asked(event, model, line, independent)
            yield asked.key, True, None
        elif kind in ENDS:
            if process not in under_way:
                raise HistoryError(
                    f"line {line}: {kind} of process {process}, which has invoked nothing; "
                    'put a line with "type": "invoke" before it'
                )
            asked = under_way.pop(process)
            yield asked.key, False, _ended(asked, process, event, kind, line, model, independent)
        else:
            raise HistoryError(f'line {line}: "type" is {short(kind)}; give invoke, ok, fail or info')
        if pairs is not None and asked.f != "cas" and (value := event.get("value")) is not None:
            pairs = pairs + 1 if _is_pair(value) else None
    if seen is not None:
        seen.pairs = pairs or 0
    for process, asked in under_way.items():
        yield asked.key, False, _pending(asked, process, model)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and not isinstance(value[0], list | dict)


def _asked(event: dict[str, Any], model: Model, line: int, independent: bool) -> Asked:
    """Read an invocation: a malformed argument is an error even where the operation then fails."""
    f, key, raw = event.get("f"), event.get("key"), event.get("value")
    if f not in model.functions:
        f = SYNONYMS.get(f, f) if isinstance(f, str) else f
        if not isinstance(f, str) or f not in model.functions:
            raise HistoryError(
                f'line {line}: "f" is {short(f)}; a {model.name} knows {", ".join(model.functions)} (see --model)'
            )
    if independent:
        key, raw = _halves(raw, line)
    value = None if f in model.answers else _checked(model, f, raw, line)
    return Asked(event, line, f, "" if key is None else canonical(key), raw, value)


def _halves(value: Any, line: int) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise HistoryError(f'line {line}: "value" is {short(value)}; with --independent, give [key, value]')
    return value[0], value[1]


def _ended(
    asked: Asked, process: str, end: dict[str, Any], kind: str, line: int, model: Model, independent: bool
) -> Operation | None:
    """Make the operation; none of what failed, and of a read that nobody saw the answer of."""
    begin = asked.event
    if end.get("f") != begin.get("f") or end.get("key") != begin.get("key"):
        for field in ("f", "key"):
            if field in end and end[field] != begin.get(field):
                raise HistoryError(f'line {line}: "{field}" differs from its invocation in line {asked.line}')
    if kind == "fail":
        return None
    if kind == "info":
        return _pending(asked, process, model)
    raw, value = end.get("value"), asked.value
    if independent and raw is not None:
        key, raw = _halves(raw, line)
        if canonical(key) != asked.key and not (key is None and not asked.key):
            raise HistoryError(f'line {line}: the key in "value" differs from its invocation in line {asked.line}')
    if asked.f in model.answers:
        value = _checked(model, asked.f, raw, line)
    elif raw is not None and not _same(raw, asked.raw) and _checked(model, asked.f, raw, line) != value:
        raise HistoryError(f'line {line}: "value" differs from its invocation in line {asked.line}')
    return Operation(process, asked.f, asked.key, value, asked.line, line)


def _same(value: Any, other: Any) -> bool:
    """Tell whether two values are surely the same; 1 and true are equal to Python."""
    return type(value) is type(other) and type(value) in (int, str) and bool(value == other)


def _pending(asked: Asked, process: str, model: Model) -> Operation | None:
    if asked.f == "read":
        return None
    return Operation(
        process, asked.f, asked.key, UNKNOWN if asked.f in model.answers else asked.value, asked.line, None
    )


def _checked(model: Model, f: str, value: Any, line: int) -> Hashable:
    try:
        return model.value_of(f, value)
    except (ValueError, RecursionError) as error:
        raise HistoryError(f'line {line}: "value" of {f} is {short(value)}; {error}') from None


def text_of(event: dict[str, Any], field: str, line: int) -> str:
    """Read a name or a number.

    Raises
    ------
    HistoryError
        If it is neither.
    """
    value = event.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise HistoryError(f'line {line}: "{field}" is {short(value)}; give a number or a name')
    return str(value)
