"""From events, one a line, to operations: Jepsen's convention, read with suspicion.

A process invokes an operation, and later reports how it ended: ``ok``, ``fail`` (it did not take place) or ``info``
(nobody knows: it may take place at any time after its invocation, or never).
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.errors import CompanionError
from companion.history.specifications import MODELS, canonical

LARGEST = 64 * 2**20
"""Bytes of a file that is read; a history of that size is not one that a search could decide."""

LONGEST = 2**20
"""Characters of a line that is read."""

ENDS = ("ok", "fail", "info")


class HistoryError(CompanionError, ValueError):
    """A history that cannot be read; says the line, and what it should hold."""


@dataclass(frozen=True)
class Operation:
    """One operation of a history.

    Attributes
    ----------
    process : str
        Who asked for it; a process does one thing after the other.
    f : str
        What was asked: read, write, cas, append or add.
    key : str
        The object that was asked.
    value : hashable
        What was written, added or appended, ``(old, new)`` of a cas, and what a read returned; None is "nothing yet".
    invoked : int
        The place of its invocation in the order of events; in a file, the line.
    returned : int or None
        The place of its end, likewise; None while it is pending, which may be for ever.
    """

    process: str
    f: str
    key: str
    value: Hashable
    invoked: int
    returned: int | None

    @property
    def pending(self) -> bool:
        """Whether nobody knows if it took place."""
        return self.returned is None

    @property
    def told(self) -> str:
        """The operation in a few words."""
        shown = value_text(self.value)
        if self.f == "read":
            return f"read {shown}"
        if self.f == "cas" and isinstance(self.value, tuple):
            return f"cas {' -> '.join(map(value_text, self.value))}"
        return f"{self.f} {shown}"


def value_text(value: Any) -> str:
    """Show a value as it stood in the file."""
    if value is None:
        return "nothing"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(value_text, value))) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return str(value)


def read_history(path: str | Path, model: str = "register") -> list[Operation]:
    """Read a file of JSON lines.

    Raises
    ------
    HistoryError
        If it is no history of this model, in one line that names the place and the cure.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise HistoryError("not a file; give a file of JSON lines, one event each")
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise HistoryError(f"more than {LARGEST // 2**20} MB; check the keys in files of their own")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HistoryError(f"line {data[: error.start].count(10) + 1}: not UTF-8; give JSON lines in UTF-8") from None
    return operations(_events(text.split("\n")), model)


def operations(events: Iterable[tuple[int, dict[str, Any]]], model: str = "register") -> list[Operation]:
    """Pair invocations with their ends.

    Parameters
    ----------
    events : iterable of (int, dict)
        The number of a line, and its event; their order is the order of events, whatever the recorded times say.
    model : str
        One of `MODELS`, which says what may be asked, with which values.

    Raises
    ------
    HistoryError
        If an event does not fit the one before it, or the model.
    """
    if model not in MODELS:
        raise HistoryError(f"model {model!r} is not known; give one of {', '.join(MODELS)}")
    under_way: dict[str, dict[str, Any]] = {}
    found: list[Operation] = []
    for line, event in events:
        process, kind = _text_of(event, "process", line), event.get("type")
        if kind == "invoke":
            if process in under_way:
                raise HistoryError(
                    f"line {line}: process {process} invokes while its operation of line "
                    f"{under_way[process]['line']} has not ended; end that with ok, fail or info"
                )
            under_way[process] = {**event, "line": line}
        elif kind in ENDS:
            if process not in under_way:
                raise HistoryError(
                    f"line {line}: {kind} of process {process}, which has invoked nothing; "
                    'put a line with "type": "invoke" before it'
                )
            found += _ended(under_way.pop(process), event, line, model)
        else:
            raise HistoryError(f'line {line}: "type" is {_short(kind)}; give invoke, ok, fail or info')
    for asked in under_way.values():
        found += _ended(asked, {"type": "info"}, asked["line"], model)
    return sorted(found, key=lambda operation: operation.invoked)


def _ended(asked: dict[str, Any], end: dict[str, Any], line: int, model: str) -> list[Operation]:
    """Make the operation; none of what failed, and of a read that nobody saw the answer of."""
    f, process = asked.get("f"), str(asked["process"])
    known = MODELS[model].functions
    if f not in known:
        raise HistoryError(
            f'line {asked["line"]}: "f" is {_short(f)}; a {model} knows {", ".join(known)} (see --model)'
        )
    for field in ("f", "key"):
        if field in end and end[field] != asked.get(field):
            raise HistoryError(f'line {line}: "{field}" differs from its invocation in line {asked["line"]}')
    if f != "read":  # a malformed argument is an error even where the operation then failed
        value = _checked(model, f, asked.get("value"), asked["line"])
        if end.get("value") is not None and _checked(model, f, end["value"], line) != value:
            raise HistoryError(f'line {line}: "value" differs from its invocation in line {asked["line"]}')
    if end["type"] == "fail" or (f == "read" and end["type"] == "info"):
        return []
    if f == "read":
        value = _checked(model, f, end.get("value"), line)
    key = "" if asked.get("key") is None else canonical(asked["key"])
    return [Operation(process, f, key, value, asked["line"], line if end["type"] == "ok" else None)]


def _checked(model: str, f: str, value: Any, line: int) -> Hashable:
    try:
        return MODELS[model].value_of(f, value)
    except ValueError as error:
        raise HistoryError(f'line {line}: "value" of {f} is {_short(value)}; {error}') from None


def _events(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if len(line) > LONGEST:
            raise HistoryError(f"line {number}: longer than {LONGEST} characters; one event a line")
        try:
            event = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else error
            raise HistoryError(f"line {number}: not JSON ({what}); give one event, an object, a line") from None
        if not isinstance(event, dict):
            raise HistoryError(f"line {number}: {_short(event)} is no object; give one event a line")
        yield number, event


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _text_of(event: dict[str, Any], field: str, line: int) -> str:
    value = event.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise HistoryError(f'line {line}: "{field}" is {_short(value)}; give a number or a name')
    return str(value)


def _short(value: Any) -> str:
    text = "missing" if value is None else json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 40 else text[:37] + "..."
