"""From events, one a line, to operations: Jepsen's convention, read with suspicion.

A process invokes an operation, and later reports how it ended: ``ok``, ``fail`` (it did not take place) or ``info``
(nobody knows: it may take place at any time after its invocation, or never).
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.errors import CompanionError
from companion.history.specifications import MODELS, SYNONYMS, UNKNOWN, Model, canonical

LARGEST = 64 * 2**20
"""Bytes of a file that is read; a history of that size is not one that a search could decide."""

LONGEST = 2**20
"""Characters of a line that is read."""

ENDS = ("ok", "fail", "info")


class HistoryError(CompanionError, ValueError):
    """A history that cannot be read; says the line, and what it should hold."""


@dataclass
class Remarks:
    """What is to be said of a file beside its operations.

    Attributes
    ----------
    nemesis : int
        Events of Jepsen's nemesis, which are left out: they are about the network and not about the object.
    pairs, values : int
        How many values were pairs, of how many: where all are, their first halves may be keys.
    """

    nemesis: int = 0
    pairs: int = 0
    values: int = 0

    @property
    def warnings(self) -> list[str]:
        """What should not pass without a word."""
        if not self.values or self.pairs < self.values:
            return []
        return ["every value is a pair: if the first half is a key, give --independent, or the verdict is wrong"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a history.

    Attributes
    ----------
    process : str
        Who asked for it; a process does one thing after the other.
    f : str
        What was asked: read, write, cas, append, add, remove, acquire, release, enqueue or dequeue.
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


def read_history(
    path: str | Path, model: str | Model = "register", *, independent: bool = False, seen: Remarks | None = None
) -> list[Operation]:
    """Read a file of JSON lines, or a JSON array, of events; it may be packed by gzip.

    Parameters
    ----------
    path : str or Path
        The file; ``-`` is standard input.
    model : str or Model
        One of `MODELS`, which says what may be asked, with which values; or such a model with another initial value.
    independent : bool
        Whether each value is a pair of a key and the value proper, as Jepsen's independent keys are recorded.
    seen : Remarks, optional
        Is told what was left out, and what looks odd.

    Raises
    ------
    HistoryError
        If it is no history of this model, in one line that names the place and the cure.
    OSError
        If the file cannot be read.
    """
    data = _bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HistoryError(f"line {data[: error.start].count(10) + 1}: not UTF-8; give JSON lines in UTF-8") from None
    events = _array(text) if text.lstrip()[:1] == "[" else _events(text.split("\n"))
    return operations(events, model, independent=independent, seen=seen)


def _bytes(path: str | Path) -> bytes:
    """Read a file, or standard input, and unpack it; no more than is allowed, packed or not."""
    if str(path) == "-":
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        path = Path(path)
        if path.exists() and not path.is_file():
            raise HistoryError("not a file; give a file of JSON lines, one event each")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(LARGEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise HistoryError(f"cannot be unpacked by gzip: {error}; pack it again") from None
    if len(data) > LARGEST:
        raise HistoryError(f"more than {LARGEST // 2**20} MB; check the keys in files of their own")
    return data


def operations(
    events: Iterable[tuple[int, dict[str, Any]]],
    model: str | Model = "register",
    *,
    independent: bool = False,
    seen: Remarks | None = None,
) -> list[Operation]:
    """Pair invocations with their ends.

    Parameters
    ----------
    events : iterable of (int, dict)
        The number of a line, and its event; their order is the order of events, whatever the recorded times say.
    model, independent, seen
        As of `read_history`.

    Raises
    ------
    HistoryError
        If an event does not fit the one before it, or the model; or if the times that were recorded contradict the
        order of the events.
    """
    if isinstance(model, str):
        if model not in MODELS:
            raise HistoryError(f"model {model!r} is not known; give one of {', '.join(MODELS)}")
        model = MODELS[model]
    seen = Remarks() if seen is None else seen
    latest: tuple[float, int] | None = None
    under_way: dict[str, dict[str, Any]] = {}
    found: list[Operation] = []
    for line, event in events:
        process, kind = _text_of(event, "process", line), event.get("type")
        if process.lstrip(":") == "nemesis":
            seen.nemesis += 1
            continue
        latest = _not_before(latest, event.get("time"), line)
        event = _in_our_words(event, model, line, independent=independent, seen=seen)
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


def _not_before(latest: tuple[float, int] | None, time: Any, line: int) -> tuple[float, int] | None:
    """Hold the recorded times against the order of the lines; a verdict on a wrong order would be a wrong verdict."""
    if isinstance(time, bool) or not isinstance(time, int | float):
        return latest
    if latest is not None and time < latest[0]:
        raise HistoryError(
            f"line {line}: time {time} is before the {latest[0]} of line {latest[1]}: the lines are not in the order "
            'of events; sort them by "time", or take "time" out to have them judged as they stand'
        )
    return time, line


def _in_our_words(
    event: dict[str, Any], model: Model, line: int, *, independent: bool, seen: Remarks
) -> dict[str, Any]:
    """Give the event with the names that the model knows, and with its key and value apart."""
    f, value = event.get("f"), event.get("value")
    if f not in model.functions and isinstance(f, str):
        event = {**event, "f": SYNONYMS.get(f, f)}
    if independent:
        if not isinstance(value, list) or len(value) != 2:
            raise HistoryError(f'line {line}: "value" is {_short(value)}; with independent keys, give [key, value]')
        return {**event, "key": value[0], "value": value[1]}
    if event.get("f") != "cas" and value is not None:
        pair = isinstance(value, list) and len(value) == 2 and not isinstance(value[0], list | dict)
        seen.pairs, seen.values = seen.pairs + pair, seen.values + 1
    return event


def _ended(asked: dict[str, Any], end: dict[str, Any], line: int, model: Model) -> list[Operation]:
    """Make the operation; none of what failed, and of a read that nobody saw the answer of."""
    f, process = asked.get("f"), str(asked["process"])
    if f not in model.functions:
        raise HistoryError(
            f'line {asked["line"]}: "f" is {_short(f)}; a {model.name} knows {", ".join(model.functions)} (see --model)'
        )
    answered = f in model.answers
    for field in ("f", "key"):
        if field in end and end[field] != asked.get(field):
            raise HistoryError(f'line {line}: "{field}" differs from its invocation in line {asked["line"]}')
    if not answered:  # a malformed argument is an error even where the operation then failed
        value = _checked(model, f, asked.get("value"), asked["line"])
        if end.get("value") is not None and _checked(model, f, end["value"], line) != value:
            raise HistoryError(f'line {line}: "value" differs from its invocation in line {asked["line"]}')
    if end["type"] == "fail" or (f == "read" and end["type"] == "info"):
        return []
    if answered:
        value = UNKNOWN if end["type"] == "info" else _checked(model, f, end.get("value"), line)
    key = "" if asked.get("key") is None else canonical(asked["key"])
    return [Operation(process, f, key, value, asked["line"], line if end["type"] == "ok" else None)]


def _checked(model: Model, f: str, value: Any, line: int) -> Hashable:
    try:
        return model.value_of(f, value)
    except ValueError as error:
        raise HistoryError(f'line {line}: "value" of {f} is {_short(value)}; {error}') from None


def _array(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read an array of events, one after the other; the place of an event is its number."""
    at, number = text.index("[") + 1, 0
    while True:
        found = _BETWEEN.match(text, at)
        at = found.end() if found else at
        if text[at : at + 1] == "]" and not text[at + 1 :].strip():
            return
        number += 1
        try:
            event, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else error
            line = text.count("\n", 0, at) + 1
            raise HistoryError(f"line {line}: not JSON ({what}); give an array of events") from None
        if not isinstance(event, dict):
            raise HistoryError(f"event {number}: {_short(event)} is no object; give an array of events")
        yield number, event


def _events(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if len(line) > LONGEST:
            raise HistoryError(f"line {number}: longer than {LONGEST} characters; one event a line")
        try:
            event = _DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else error
            raise HistoryError(f"line {number}: not JSON ({what}); give one event, an object, a line") from None
        if not isinstance(event, dict):
            raise HistoryError(f"line {number}: {_short(event)} is no object; give one event a line")
        yield number, event


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
_BETWEEN = re.compile(r"[\s,]*")


def _text_of(event: dict[str, Any], field: str, line: int) -> str:
    value = event.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise HistoryError(f'line {line}: "{field}" is {_short(value)}; give a number or a name')
    return str(value)


def _short(value: Any) -> str:
    text = "missing" if value is None else json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 40 else text[:37] + "..."
