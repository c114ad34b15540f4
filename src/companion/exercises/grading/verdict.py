"""What became of each answer: the verdict, and what it means for the student."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass, field
from typing import Any

from companion.exercises.authoring.model import Exercise
from companion.exercises.grading.match import Match
from companion.exercises.sandbox.runner import ANSWER, PATIENCE, Run

MEANING = {
    "passed": "Your answer does what was asked, on numbers that you had not seen, too.",
    "failed": "Your answer ran, but does not do what was asked.",
    "error": "Your answer raised an exception before the check was through.",
    "timed out": "Your answer was stopped: it took longer than allowed.",
    "out of memory": "Your answer was stopped: it wanted more memory than allowed.",
    "killed": "The process of your answer was gone before the check was through.",
    "missing": "No cell of your notebook answers this exercise.",
    "unreadable": "Your notebook could not be read.",
    "not answered": "The cell is as it was handed out.",
    "not graded": "This exercise could not be graded here; that is no fault of yours.",
}
"""Every verdict there is."""


@dataclass(frozen=True)
class Grade:
    """One exercise of one student."""

    student: str
    chapter: str
    exercise: str
    title: str
    verdict: str
    points: float
    of: float
    message: str = ""
    output: str = ""
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


def judge(student: str, exercise: Exercise, match: Match, run: Run, limit: float) -> Grade:
    """Turn a run into a grade: points only where the check, in its own process, came to its end."""
    verdict, message = _verdict(run, limit)
    if verdict == "error":
        message = _with_place(message, run.result, match)
    points = exercise.points if verdict == "passed" else 0.0
    return Grade(
        student, exercise.chapter, exercise.name, exercise.title, verdict, points, exercise.points, message,
        run.output, match.notes, round(run.seconds, 3),
    )  # fmt: skip


def without_run(student: str, exercise: Exercise, verdict: str, message: str, notes: list[str]) -> Grade:
    """Give the grade of an exercise for which there was nothing to run."""
    return Grade(
        student, exercise.chapter, exercise.name, exercise.title, verdict, 0.0, exercise.points, message, notes=notes
    )


def _verdict(run: Run, limit: float) -> tuple[str, str]:
    told = str(run.result.get("verdict", ""))
    message = str(run.result.get("message", ""))
    if run.refused:
        return "not graded", run.refused
    if run.late:
        return "timed out", f"it was given {limit:g} s of processor time, and {PATIENCE * limit:g} s by the clock"
    if run.full:
        return "killed", "it wrote more files than it may"
    if told == "gone":
        return "killed", message or _ending(run.exit)
    if told == "passed":
        return "passed", ""
    if told == "failed":
        return "failed", message or _silent(run.result)
    if told == "error":
        return ("out of memory" if run.result.get("memory") else "error"), message
    return "failed", "the check broke down on what the answer gave"


def _ending(status: int | None) -> str:
    if status is None:
        return "its process ended"
    if status >= 0:
        return f"it ended its own process (exit status {status})"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = str(-status)
    return f"its process was killed (signal {name})"


def _silent(result: dict[str, Any]) -> str:
    return "a test on other numbers than yours failed" if result.get("hidden") else "the check failed"


def _with_place(message: str, result: dict[str, Any], match: Match) -> str:
    """Say in which line of which of the student's cells it happened."""
    cell, line = result.get("cell"), result.get("line")
    sources = dict(match.cells)
    if cell in sources and isinstance(line, int):
        lines = sources[cell].splitlines()
        where = "your answer" if cell == ANSWER else str(cell).strip("<>")
        text = f" ({lines[line - 1].strip()[:200]})" if 0 < line <= len(lines) else ""
        message += f", in line {line} of {where}{text}"
    if result.get("type") == "NameError" and re.search(r"name '\w+' is not defined", message):
        message += ". Each exercise runs alone: what it needs must be imported or defined in its own cells"
    return message
