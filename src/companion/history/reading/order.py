"""In which order events happened: that of the lines, unless recorded times or numbers are to decide.

A verdict on a wrong order is a wrong verdict, and nobody would see it. So lines that their own times contradict are
refused, until somebody says which is right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from companion.history.events import HistoryError, Operation
from companion.history.reading.formats import Event, short
from companion.history.reading.pairing import Remarks, text_of

ORDERS = ("lines", "time", "index")
"""What may decide."""

ROOM = 1_000
"""Bytes that an event takes while events are sorted, as measured, rounded up."""

_FRACTION = re.compile(r"(:\d\d)[.,](\d+)")

Moment = int | float


def clients(events: Iterable[Event], seen: Remarks | None = None) -> Iterator[Event]:
    """Leave out the events of the nemesis, and count them."""
    for line, event in events:
        process = event.get("process")
        if process in ("nemesis", ":nemesis"):
            if seen is not None:
                seen.nemesis += 1
            continue
        yield line, event


def held_against_times(events: Iterable[Event]) -> Iterator[Event]:
    """Refuse lines whose own times, or numbers, contradict them.

    Raises
    ------
    HistoryError
        If an event has an earlier time than one before it, or no greater index; it says how to go on.
    """
    latest: dict[str, tuple[Moment, bool, Any, int]] = {}
    for line, event in events:
        for what in ("time", "index"):
            raw = event.get(what)
            if raw is None:
                continue
            now = moment(raw, what, line)
            before, text, said, where = latest.get(what, (-math.inf, isinstance(raw, str), None, 0))
            if text != isinstance(raw, str):
                raise HistoryError(
                    f'line {line}: "time" is {short(raw)}, that of line {where} {short(said)}; give one kind'
                )
            if now < before or (now == before and what == "index"):
                raise HistoryError(
                    f"line {line}: {what} {short(raw)} comes after the {short(said)} of line {where}: the order of "
                    f"lines is not that of events; give --order {what}, or --order lines if the lines are right"
                )
            latest[what] = (now, text, raw, line)
        yield line, event


def moment(value: Any, what: str, line: int) -> Moment:
    """Read a time or an index; an ISO 8601 text becomes nanoseconds, and is in UTC where it does not say otherwise.

    Raises
    ------
    HistoryError
        If it is neither a number nor such a text.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if what == "time" and isinstance(value, str) and len(value) < 100:
        fraction = _FRACTION.search(value)
        try:
            whole = datetime.fromisoformat(_FRACTION.sub(r"\1", value, count=1))
        except ValueError:
            pass
        else:
            whole = whole if whole.tzinfo else whole.replace(tzinfo=UTC)
            seconds = int((whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
            return seconds * 10**9 + int(fraction[2][:9].ljust(9, "0") if fraction else 0)
    kind = "a number or an ISO 8601 text" if what == "time" else "a number"
    raise HistoryError(f'line {line}: "{what}" is {short(value)}; give {kind}, or --order lines to go by the lines')


def by_moment(events: Iterable[Event], what: str, most: int) -> tuple[list[Event], dict[int, Moment], bool]:
    """Sort the events of one file; of equal ones, the first line comes first.

    Parameters
    ----------
    events : iterable of Event
        All with a time, or an index.
    what : str
        ``"time"`` or ``"index"``.
    most : int
        Bytes that they may take.

    Returns
    -------
    tuple
        The events in their order; the moment of each line; and whether these were texts.

    Raises
    ------
    HistoryError
        If one has none, or there is no room for all.
    """
    found: list[tuple[Moment, int, dict[str, Any]]] = []
    texts = 0
    for line, event in events:
        raw = event.get(what)
        if raw is None:
            raise HistoryError(f'line {line}: "{what}" is missing; to go by it, give each event one')
        texts += isinstance(raw, str)
        found.append((moment(raw, what, line), line, event))
        if len(found) * ROOM > most:
            raise HistoryError(f"line {line}: what is sorted has to be in memory, and that is full; give more --memory")
    if 0 < texts < len(found):
        raise HistoryError(f'"{what}" is a text in {texts} events and a number in {len(found) - texts}; give one kind')
    found.sort(key=lambda one: one[:2])
    return [(line, event) for _, line, event in found], {line: now for now, line, _ in found}, texts > 0


def widened(uncertainty: float, *, texts: bool) -> Moment:
    """Give an uncertainty in the unit of the times: seconds, where they are texts, and else their own."""
    exact = uncertainty * 10**9 if texts else uncertainty
    return int(exact) if float(exact).is_integer() else math.ceil(exact) if texts else exact


def placed(
    files: Sequence[tuple[Sequence[Operation], Mapping[int, Moment]]], uncertainty: Moment = 0
) -> tuple[list[Operation], list[int]]:
    """Number the events of all files by their moments; equal ones overlap, so that invocations come first.

    Parameters
    ----------
    files : sequence of (operations, moments)
        The operations of each file, placed by its lines, and the moment of each line.
    uncertainty : int or float
        By how much each operation is widened on both sides.

    Returns
    -------
    tuple
        The operations by their new places, from 1 on; and by place, the line in its file.
    """
    flat = [(one, moments) for operations, moments in files for one in operations]
    events: list[tuple[Moment, bool, int, int]] = []
    for number, (one, moments) in enumerate(flat):
        events.append((moments[one.invoked] - uncertainty, False, number, one.invoked))
        if one.returned is not None:
            events.append((moments[one.returned] + uncertainty, True, number, one.returned))
    events.sort()
    begun, ended = [0] * len(flat), [0] * len(flat)
    for place, (_, returns, number, _) in enumerate(events, start=1):
        (ended if returns else begun)[number] = place
    found = [
        replace(one, invoked=begun[number], returned=ended[number] or None) for number, (one, _) in enumerate(flat)
    ]
    return sorted(found, key=lambda one: one.invoked), [0, *(line for *_, line in events)]


def of_file(events: Iterable[Event], name: str) -> Iterator[Event]:
    """Let the processes of different files be different."""
    for line, event in events:
        yield line, {**event, "process": f"{name}:{text_of(event, 'process', line)}"}
