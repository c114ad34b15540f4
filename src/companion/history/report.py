"""What `companion history check` found in one file, and how it is told: as JSON, and in a terminal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from companion.history.check import Verdict, by_key, check
from companion.history.drawing import text_drawing
from companion.history.events import Operation, Remarks, read_history
from companion.history.search import MEMORY
from companion.history.session import GUARANTEES, Broken, Sessions, session_guarantees
from companion.history.shrink import Counterexample, counterexample
from companion.history.specifications import UNKNOWN, Model

VERDICTS = {True: "linearizable", False: "not linearizable", None: "unknown: the limit came first"}


@dataclass(frozen=True)
class Report:
    """What was found in one file; `example` and `example_key` belong to the first key that is not linearizable."""

    file: str
    operations: int
    verdict: Verdict
    sessions: Sessions
    seconds: float
    model: Model
    example_key: str = ""
    example: Counterexample | None = None
    remarks: Remarks = field(default_factory=Remarks)


def examine(
    path: str | Path, model: Model, timeout: float, *, memory: int = MEMORY, independent: bool = False
) -> Report:
    """Read a history, judge it, and find out why it is not linearizable; the search and the why take `timeout` each.

    Raises
    ------
    HistoryError
        If the file is no history of this model.
    OSError
        If it cannot be read.
    """
    remarks = Remarks()
    operations = read_history(path, model, independent=independent, seen=remarks)
    began = time.perf_counter()
    verdict = check(operations, model, timeout=timeout, memory=memory)
    bad = next((one.key for one in verdict.keys if one.linearizable is False), None)
    example = None if bad is None else counterexample(by_key(operations)[bad], model, timeout)
    sessions = session_guarantees(operations)
    return Report(
        str(path), len(operations), verdict, sessions, time.perf_counter() - began, model, bad or "", example, remarks
    )


def as_json(report: Report) -> dict[str, Any]:
    """Give the report as plain data; places are lines of the file, values are as they stood there."""
    example = report.example
    return {
        "file": report.file,
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
        "counterexample": [] if example is None else [_operation(one, report.model) for one in example.operations],
        "minimal": None if example is None else example.minimal,
        "prefix": None if example is None else example.prefix,
        "session": {
            name: {
                "holds": None if report.sessions.undecided else not report.sessions.of(name),
                "broken": [
                    [_operation(one.earlier, report.model), _operation(one.later, report.model)]
                    for one in report.sessions.of(name)
                ],
            }
            for name in GUARANTEES
        },
        "session_undecided": report.sessions.undecided,
        "left_out": {"nemesis": report.remarks.nemesis},
        "warnings": report.remarks.warnings,
    }


def as_text(report: Report) -> Iterator[str]:
    """Tell the report line by line."""
    yield f"{report.file}: {VERDICTS[report.verdict.linearizable]} ({counted(report.operations, 'operation')})"
    if report.remarks.nemesis:
        yield f"  {counted(report.remarks.nemesis, 'event')} of the nemesis left out"
    if len(report.verdict.keys) > 1:
        for one in report.verdict.keys:
            if one.linearizable is not True:
                yield f"  key {one.key or '(none)'}: {VERDICTS[one.linearizable]}"
    if report.example is not None:
        yield from _why(report.example, report.example_key)
    if report.sessions.undecided:
        yield f"  sessions: unknown; {report.sessions.undecided}"
    for name in GUARANTEES:
        broken = report.sessions.of(name)
        if broken:
            yield f"  {name}: broken {counted(len(broken), 'time')}; first by {_pair(broken[0])}"


def counted(number: int, name: str) -> str:
    """Say how many."""
    return f"{number:,} {name}" + ("" if number == 1 else "s")


def _why(example: Counterexample, key: str) -> Iterator[str]:
    of_key = f"key {key}" if key else "it"
    if example.prefix is not None:
        yield f"  {of_key} was linearizable up to line {example.prefix}."
    yield (
        "  This part of it already is not, and nothing can be left out of it:"
        if example.minimal
        else "  This part of it already is not; the time was over before it was as small as can be:"
    )
    yield from ("    " + line for line in text_drawing(example.operations).split("\n"))
    for one in example.operations:
        end = "never returned" if one.returned is None else f"returned in line {one.returned}"
        yield f"    line {one.invoked}: process {one.process} invoked {one.told}, {end}"


def _pair(broken: Broken) -> str:
    return (
        f"process {broken.later.process}: {broken.earlier.told} in line {broken.earlier.invoked}, "
        f"then {broken.later.told} in line {broken.later.invoked}"
    )


def _operation(one: Operation, model: Model) -> dict[str, Any]:
    return {
        "process": one.process,
        "f": one.f,
        "key": _key(one.key),
        "value": _plain(one.value, model),
        "invoked": one.invoked,
        "returned": one.returned,
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
