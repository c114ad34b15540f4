"""The forms in which histories are written, told apart by how they begin: JSON, EDN, and the lines of Jepsen's log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from math import isinf
from typing import Any

from companion.history.events import HistoryError
from companion.history.reading import edn

Event = tuple[int, dict[str, Any]]
"""The place of an event, and what stands there."""

ENOUGH = 2**12
"""Characters by which a form is known, comments aside."""

LONGEST = 2**20
"""Characters of a line, or of an event, that are read."""

_VECTOR = re.compile(r"\(|\[[\s,]*(?:[;(#:]|\{[\s,]*[:;#])")
_MAPS = re.compile(r"#|\{[\s,]*[:;#]")
_LOGGED = re.compile(
    r"(?:^|[\s\]-])(?P<process>\d+|:nemesis)\s+:(?P<type>invoke|ok|fail|info)\s+:(?P<f>[^\s:]+)(?:\s+(?P<value>\S.*))?$",
    re.MULTILINE,
)


def events_of(chunks: Iterable[str]) -> tuple[str, Iterator[Event]]:
    """Find out the form of a history, and read it event by event.

    Parameters
    ----------
    chunks : iterable of str
        Its text, in pieces.

    Returns
    -------
    tuple
        What the places count, ``"lines"`` or ``"events"``; and the events.

    Raises
    ------
    HistoryError
        While it is read: if it is none of these forms.
    """
    pieces = iter(chunks)
    head = ""
    while len(head) <= LONGEST and (len(head) < ENOUGH or _after_comments(head, 0) == len(head)):
        if not (piece := next(pieces, "")):
            break
        head += piece
    pieces = chain([head], pieces)
    start = _after_comments(head, 0)
    if _MAPS.match(head, start):
        return "lines", _edn_events(pieces, by_line=True)
    if _VECTOR.match(head, start):
        return "events", _edn_events(pieces, by_line=False)
    if head.startswith("[", start):
        return "events", _array(pieces)
    if not head.startswith("{", start) and _LOGGED.search(head):
        return "lines", _logged(pieces)
    return "lines", _json_lines(pieces)


def _lines(chunks: Iterable[str]) -> Iterator[list[str]]:
    """Cut text into lines; many at once, since a generator that is asked for each costs as much as reading it."""
    rest, number = "", 0
    for chunk in chunks:
        lines = (rest + chunk).split("\n")
        rest = lines.pop()
        if len(rest) > LONGEST:
            raise HistoryError(f"line {number + len(lines) + 1}: longer than {LONGEST} characters; one event a line")
        number += len(lines)
        yield lines
    yield [rest]


def _json_lines(chunks: Iterable[str]) -> Iterator[Event]:
    decode, number = _DECODER.raw_decode, 0
    for lines in _lines(chunks):
        for line in lines:
            number += 1
            try:
                event, end = decode(line)
            except (ValueError, RecursionError):
                end = -1
            if end != len(line):
                event = _decoded(line, number)
            if type(event) is dict:
                yield number, event
            elif event is not None or line.strip():
                raise HistoryError(f"line {number}: {short(event)} is no object; give one event a line")


def _decoded(line: str, number: int) -> Any:
    """Read a line that is not just an object: None of a blank one."""
    if len(line) > LONGEST:
        raise HistoryError(f"line {number}: longer than {LONGEST} characters; one event a line")
    if not line.strip():
        return None
    try:
        return _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        raise HistoryError(f"line {number}: not JSON ({_why(error)}); give one event, an object, a line") from None


def _array(chunks: Iterable[str]) -> Iterator[Event]:
    def item(text: str, at: int, ended: bool) -> tuple[Any, int]:
        at = _after_comments(text, at)
        if at == len(text):
            raise edn.Unfinished("the array is not closed")
        if text[at] == "]":
            return edn.Closed("]"), at + 1
        try:
            return _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise edn.Unfinished(_why(error)) from None

    yield from _members(chunks, item, "[", "not JSON ({}); give an array of events")


def _edn_events(chunks: Iterable[str], *, by_line: bool) -> Iterator[Event]:
    """Read the maps of a vector or a list, placed by their numbers; or maps one a line, placed by lines."""

    def item(text: str, at: int, ended: bool) -> tuple[Any, int]:
        return edn.read(text, at, ended=ended)

    found = _members(chunks, item, "" if by_line else "[(", "not EDN ({}); give maps, one a line or in a vector")
    for place, event in found:
        yield place, _plain_names(event)


def _members(
    chunks: Iterable[str], item: Callable[[str, int, bool], tuple[Any, int]], brackets: str, complaint: str
) -> Iterator[Event]:
    """Read one member after the other, with no more text at hand than is needed for the next."""
    pieces = iter(chunks)
    text, at, line, number, ended, inside = "", 0, 1, 0, False, not brackets
    while True:
        try:
            if not inside:
                at, inside = _begin(text, at, brackets), True
            value, end = item(text, at, ended)
        except (ValueError, RecursionError) as error:
            unfinished = isinstance(error, edn.Unfinished) and not ended and len(text) - at <= LONGEST
            if not unfinished:
                raise HistoryError(f"line {_line_of(text, at, line)}: {complaint.format(_why(error))}") from None
            line += text.count("\n", 0, at)
            more = next(pieces, "")
            text, at, ended = text[at:] + more, 0, not more
            continue
        if value is edn.NOTHING and not brackets:
            return
        if isinstance(value, edn.Closed) and value.bracket in ")]" and brackets:
            if text[end:].strip() or "".join(pieces).strip():
                raise HistoryError(f"line {_line_of(text, end, line)}: something follows the end of the events")
            return
        number += 1
        place = number if brackets else _line_of(text, at, line)
        if not isinstance(value, dict):
            shown = short(None if isinstance(value, edn.Closed) or value is edn.NOTHING else value)
            raise HistoryError(f"event {number}: {shown} is no object; give an array of events")
        yield place, value
        line, at, text = (line + text.count("\n", 0, end), 0, text[end:]) if end > 2**16 else (line, end, text)


def _begin(text: str, at: int, brackets: str) -> int:
    """Find the inside of the outermost bracket; comments may come before it."""
    end = _after_comments(text, at)
    if end == len(text):
        raise edn.Unfinished("there is nothing in it")
    if text[end] not in brackets:
        raise ValueError(f"{text[end : end + 12]!r} where the events should begin")
    return end + 1


def _line_of(text: str, at: int, line: int) -> int:
    return line + text.count("\n", 0, _after_comments(text, at))


def _after_comments(text: str, at: int) -> int:
    found = _BEFORE.match(text, at)
    return found.end() if found else at


def _plain_names(event: dict[str, Any]) -> dict[str, Any]:
    """Take the colons off what names something in every history; they stay with values."""
    found = {name.removeprefix(":"): value for name, value in event.items()}
    for name in ("type", "f", "process"):
        if isinstance(found.get(name), str):
            found[name] = found[name].removeprefix(":")
    return found


def _logged(chunks: Iterable[str]) -> Iterator[Event]:
    """Read the lines of a log that tell an event; the value of what did not end well is a remark, and left out."""
    number = 0
    for lines in _lines(chunks):
        for line in lines:
            number += 1
            found = _LOGGED.search(line.rstrip()) if len(line) <= LONGEST else None
            if found is None:
                continue
            value = None
            if found["value"] and found["type"] in ("invoke", "ok") and found["process"] != ":nemesis":
                try:
                    value, _ = edn.read(found["value"], 0, ended=True)
                except ValueError as error:
                    raise HistoryError(f"line {number}: its value is not EDN ({error})") from None
            yield (
                number,
                {"process": found["process"].lstrip(":"), "type": found["type"], "f": found["f"], "value": value},
            )


def _why(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
_BEFORE = re.compile(r"(?:[\s,]++|;[^\n]*+)*+")


def short(value: Any) -> str:
    """Show what stands in a wrong place, in a few characters."""
    text = "missing" if value is None else json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 40 else text[:37] + "..."
