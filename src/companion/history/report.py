"""What `companion history check` found in one file, and how it is told: as JSON, and in a terminal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import inf
from typing import Any

from companion.history.check import Verdict
from companion.history.drawing import text_drawing
from companion.history.events import Operation
from companion.history.reading import History, Remarks
from companion.history.search import MEMORY
from companion.history.session import GUARANTEES, Broken, Sessions, session_guarantees
from companion.history.shrink import Counterexample, counterexample
from companion.history.specifications import UNKNOWN, Model
from companion.history.stream import KEPT, MOST_SESSIONS, Judged, judge

VERDICTS = {True: "linearizable", False: "not linearizable", None: "unknown: the limit came first"}


@dataclass(frozen=True)
class Report:
    """What was found in one history; `example` and `example_key` belong to the first key that is not linearizable."""

    history: History
    operations: int
    verdict: Verdict
    sessions: Sessions
    seconds: float
    model: Model
    remarks: Remarks
    warnings: Sequence[str] = ()
    example_key: str = ""
    example: Counterexample | None = None

    @property
    def linearizable(self) -> bool | None:
        """The verdict."""
        return self.verdict.linearizable


def examine(history: History, model: Model, timeout: float | None, memory: int = MEMORY) -> Report:
    """Judge a history, and find out why it is not linearizable; the search and the why take `timeout` each.

    Raises
    ------
    HistoryError
        If the file is no history of this model.
    OSError
        If it cannot be read.
    """
    began, remarks = time.perf_counter(), Remarks()
    judged = judge(history.steps(remarks), model, memory)
    verdict = judged.verdict(None if timeout is None else time.monotonic() + timeout)
    warnings = [*remarks.warnings, *_limits(judged, memory)]
    bad = next((one for one in verdict.keys if one.linearizable is False), None)
    example = None
    if bad is not None and bad.operations * KEPT > memory:
        warnings.append(f"why is not shown: {bad.operations:,} operations of one key need more --memory")
    elif bad is not None:
        example = counterexample(_operations_of(bad.key, history, judged), model, timeout)
    sessions = Sessions((), f"session guarantees are decided for up to {MOST_SESSIONS:,} operations")
    if judged.operations <= MOST_SESSIONS:
        sessions = session_guarantees(sorted(judged.first, key=lambda one: one.invoked))
    return Report(
        history,
        judged.operations,
        verdict,
        sessions,
        time.perf_counter() - began,
        model,
        remarks,
        warnings,
        bad.key if bad else "",
        example,
    )


def _limits(judged: Judged, memory: int) -> Iterator[str]:
    if not judged.operations:
        yield "there is no operation in it"
    if judged.forgotten:
        yield (
            f"{counted(len(judged.forgotten), 'key')} had more open at once than {memory // 2**20:,} MB hold; "
            "give more --memory"
        )


def _operations_of(key: str, history: History, judged: Judged) -> list[Operation]:
    """Go through the history again, for the operations of one key up to the piece that is wrong."""
    last = max((inf if one.returned is None else one.returned for one in judged.keys[key].settled.wrong), default=inf)
    own = (one for of, _, one in history.steps(Remarks()) if of == key and one is not None)
    return list(takewhile(lambda one: one.invoked <= last, own))


def as_json(report: Report) -> dict[str, Any]:
    """Give the report as plain data; values are as they stood in the file."""
    example, tell = report.example, _Tell(report)
    return {
        "file": report.history.name,
        "places": report.history.places,
        "linearizable": report.verdict.linearizable,
        "operations": report.operations,
        "seconds": round(report.seconds, 6),
        "keys": [
            {
                "key": _key(one.key),
                "linearizable": one.linearizable,
                "operations": one.operations,
                "steps": one.steps,
            }
            for one in report.verdict.keys
        ],
        "counterexample": [] if example is None else [tell.operation(one) for one in example.operations],
        "minimal": None if example is None else example.minimal,
        "prefix": None if example is None or example.prefix is None else tell.place(example.prefix),
        "session": {
            name: {
                "holds": None if report.sessions.undecided else not report.sessions.of(name),
                "broken": [
                    [tell.operation(one.earlier), tell.operation(one.later)] for one in report.sessions.of(name)
                ],
            }
            for name in GUARANTEES
        },
        "session_undecided": report.sessions.undecided,
        "left_out": {"nemesis": report.remarks.nemesis},
        "warnings": list(report.warnings),
    }


def as_text(report: Report) -> Iterator[str]:
    """Tell the report line by line."""
    tell = _Tell(report)
    yield f"{report.history.name}: {VERDICTS[report.linearizable]} ({counted(report.operations, 'operation')})"
    if report.remarks.nemesis:
        yield f"  {counted(report.remarks.nemesis, 'event')} of the nemesis left out"
    if len(report.verdict.keys) > 1:
        for one in report.verdict.keys:
            if one.linearizable is not True:
                yield f"  key {one.key or '(none)'}: {VERDICTS[one.linearizable]}"
    if report.example is not None:
        yield from _why(report.example, report.example_key, tell)
    if report.sessions.undecided:
        yield f"  sessions: unknown; {report.sessions.undecided}"
    for name in GUARANTEES:
        broken = report.sessions.of(name)
        if broken:
            yield f"  {name}: broken {counted(len(broken), 'time')}; first by {_pair(broken[0], tell)}"


def counted(number: int, name: str) -> str:
    """Say how many."""
    return f"{number:,} {name}" + ("" if number == 1 else "s")


def _why(example: Counterexample, key: str, tell: _Tell) -> Iterator[str]:
    of_key = f"key {key}" if key else "it"
    if example.prefix is not None:
        yield f"  {of_key} was linearizable up to {tell.at(example.prefix)}."
    yield (
        "  This part of it already is not, and nothing can be left out of it:"
        if example.minimal
        else "  This part of it already is not; the time was over before it was as small as can be:"
    )
    yield from ("    " + line for line in text_drawing(example.operations).split("\n"))
    for one in example.operations:
        end = "never returned" if one.returned is None else f"returned in {tell.at(one.returned)}"
        yield f"    {tell.at(one.invoked)}: process {one.process} invoked {one.told}, {end}"


def _pair(broken: Broken, tell: _Tell) -> str:
    return (
        f"process {broken.later.process}: {broken.earlier.told} in {tell.at(broken.earlier.invoked)}, "
        f"then {broken.later.told} in {tell.at(broken.later.invoked)}"
    )


class _Tell:
    """How places and values of a history are told."""

    def __init__(self, report: Report) -> None:
        self.lines, self.model = report.history.lines, report.model
        self.unit = report.history.places.removesuffix("s")

    def place(self, place: int) -> int:
        return self.lines[place] if self.lines else place

    def at(self, place: int) -> str:
        return f"{self.unit} {self.place(place)}"

    def operation(self, one: Operation) -> dict[str, Any]:
        return {
            "process": one.process,
            "f": one.f,
            "key": _key(one.key),
            "value": _plain(one.value, self.model),
            "invoked": self.place(one.invoked),
            "returned": None if one.returned is None else self.place(one.returned),
        }


def _key(key: str) -> Any:
    return json.loads(key) if key else None


def _plain(value: Any, model: Model) -> Any:
    """Give a value as it stood in the file: texts are JSON, the sum of a counter is a number."""
    if isinstance(value, frozenset):
        return [json.loads(element) for element in sorted(value)]
    if isinstance(value, tuple):
        return [None if element is None else json.loads(element) for element in value]
    if value == UNKNOWN or not isinstance(value, str):
        return None if value == UNKNOWN else value
    return value if model.name == "kv" else json.loads(value)
