"""A small chapter with four exercises, and a class that hands in answers to them: shared by all tests of exercises."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from companion.exercises.authoring.assignment import Assignment, assignment
from companion.exercises.commands import app
from companion.exercises.dialogue.answering import Answering
from companion.exercises.dialogue.checking import _check
from companion.exercises.dialogue.protocol import Line
from companion.exercises.dialogue.session import Session
from companion.exercises.grading.grade import GradeBook, grade
from companion.exercises.grading.submissions import find_students
from companion.exercises.grading.verdict import Grade
from companion.exercises.sandbox.isolation import Isolation
from companion.exercises.sandbox.runner import Job, Run

CHAPTER = "90-small"


FLAGS = {"answer": {"grade": False, "solution": True, "locked": False},
         "check": {"grade": True, "solution": False, "locked": True}}  # fmt: skip


LOCKED = {"grade": False, "solution": False, "locked": True}


BORDER = {
    "task": "### Exercise 1: The border\n\nCompute `safe_load` from `servers`, `mean_service` and `retries`.",
    "givens": "servers = 12\nmean_service = 0.25  # seconds\nretries = 2",
    "hint": "<details><summary>A hint</summary>\n\nAttempts for each request?\n\n</details>",
    "answer": "### BEGIN SOLUTION\nsafe_load = servers / mean_service / (retries + 1)\n### END SOLUTION",
    "check": """\
assert isinstance(safe_load, int | float), "safe_load must be a number"
assert safe_load > 0, f"safe_load is {safe_load:g}: nobody could ask for anything"
### BEGIN HIDDEN TESTS
secret_border = servers / mean_service / (retries + 1)
assert abs(safe_load - secret_border) < 1e-9, "too many attempts or too few"
### END HIDDEN TESTS""",
}


WAITS = {
    "task": "### Exercise 2: Waits\n\nWrite `waits(base, cap, attempts)`.",
    "givens": "base = 0.5\ncap = 8.0",
    "answer": """\
def waits(base, cap, attempts):
    \"\"\"The pause before each retry, doubled each time, never above the cap.\"\"\"
    ### BEGIN SOLUTION
    return [min(cap, base * 2**n) for n in range(attempts)]
    ### END SOLUTION""",
    "check": """\
given = waits(base, cap, 3)
assert given == [min(cap, base * 2**n) for n in range(3)], f"three waits are {given}"
### BEGIN HIDDEN TESTS
import random

draw = random.Random(seed)
for _ in range(20):
    base, cap, attempts = draw.uniform(0.01, 1), draw.uniform(1, 60), draw.randrange(9)
    secret_waits = [min(cap, base * 2**n) for n in range(attempts)]
    assert waits(base, cap, attempts) == secret_waits, "wrong on other numbers"
assert isinstance(waits(1, 1, 1), list), "waits must give a list"
### END HIDDEN TESTS""",
}


RETRY = {
    "task": "### Exercise 3: Retry\n\nWrite `with_retries(call, tries)`: call until it works, `tries` times at most.",
    "answer": """\
def with_retries(call, tries):
    ### BEGIN SOLUTION
    for attempt in range(tries):
        try:
            return call(attempt)
        except ConnectionError:
            if attempt == tries - 1:
                raise
    ### END SOLUTION""",
    "check": """\
calls = []


def flaky(attempt):
    calls.append(attempt)
    if len(calls) < 3:
        raise ConnectionError("down")
    return "up"


assert with_retries(flaky, 5) == "up", "the third attempt works"
assert calls == [0, 1, 2], f"it was called for the attempts {calls}"


def broken(attempt):
    raise ConnectionError("down for good")


try:
    with_retries(broken, 2)
except ConnectionError:
    pass
else:
    raise AssertionError("when every attempt fails, the caller must hear of it")
### BEGIN HIDDEN TESTS
calls.clear()
assert with_retries(flaky, 3) == "up", "exactly as many tries as it takes"
### END HIDDEN TESTS""",
}


CURE = {
    "task": "### Exercise 4: Cure\n\nGive `cure`, a dict of parameters of the simulator, for a load of `load`.",
    "givens": "load = 70.0",
    "answer": '### BEGIN SOLUTION\ncure = {"policy": "budget", "budget_ratio": 0.1}\n### END SOLUTION',
    "check": """\
from companion.simulators.metastable import PRESETS

assert isinstance(cure, dict), "cure must be a dict"
assert set(cure) <= {"policy", "budget_ratio"}, "one of these is not yours to change"
tried = PRESETS["collapse"].settings(load=load, **cure)
assert tried.policy == "budget", f"with {tried.policy} few of {load:g} requests get an answer"
### BEGIN HIDDEN TESTS
secret_share = tried.budget_ratio
assert 0 < secret_share < 0.5, "on a calm day it does harm"
### END HIDDEN TESTS""",
}


VARY: dict[str, dict[str, Any]] = {
    "border": {"servers": [6, 8, 16, 20], "retries": {"low": 1, "high": 4}},
    "waits": {"base": [0.25, 1.0]},
    "cure": {"load": {"low": 60.0, "high": 72.0, "step": 4}},
}


DEFINES = {"border": ["safe_load"], "waits": ["waits"], "retry": ["with_retries"], "cure": ["cure"]}


EXERCISES = {"border": BORDER, "waits": WAITS, "retry": RETRY, "cure": CURE}


RIGHT = {
    "border": "safe_load = servers / mean_service / (1 + retries)",
    "waits": "def waits(base, cap, attempts):\n    return [min(cap, base * 2**n) for n in range(attempts)]",
    "retry": "def with_retries(call, tries):\n    for n in range(tries):\n        try:\n            return call(n)\n"
             "        except ConnectionError as error:\n            last = error\n    raise last",
    "cure": 'cure = dict(policy="budget")',
}  # fmt: skip


def exercise_cells(
    name: str, sources: dict[str, str], defines: list[str], vary: dict[str, Any], number: str = "90", **check: Any
) -> list[dict[str, Any]]:
    """Make the cells of an exercise, as the format wants them."""
    cells = []
    for role, source in sources.items():
        metadata: dict[str, Any] = {
            "nbgrader": {"schema_version": 3, "grade_id": f"{number}-{name}-{role}", "task": False,
                         **FLAGS.get(role, LOCKED)},
            "companion": {"exercise": name, "role": role},
        }  # fmt: skip
        if role in FLAGS:
            metadata["tags"] = ["hide-input", "remove-output"]
            metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
        if role == "givens":
            metadata["companion"]["vary"] = vary
        if role == "answer":
            metadata["companion"]["defines"] = defines
        if role == "check":
            metadata["nbgrader"]["points"] = 2
            metadata["companion"].update({"seconds": 10, **check})
        markdown = role in ("task", "hint")
        cell = {"cell_type": "markdown" if markdown else "code", "id": f"{name}-{role}", "metadata": metadata,
                "source": source}  # fmt: skip
        cells.append(cell if markdown else {**cell, "execution_count": 1, "outputs": [
            {"output_type": "stream", "name": "stdout", "text": "an output of the solution\n"}]})  # fmt: skip
    return cells


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Make a chapter of a title, a cell of parameters, and the cells given."""
    first: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A small chapter"},
        {"cell_type": "code", "id": "parameters", "metadata": {"tags": ["parameters"]}, "source": "seed = 11",
         "execution_count": 1, "outputs": []},
    ]  # fmt: skip
    return {"cells": first + cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def own(source: str, name: str = "own") -> dict[str, Any]:
    """Make a code cell of the student's own."""
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source, "execution_count": None, "outputs": []}


class Class:
    """A book with one small chapter, and the folder where a class hands in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "chapters").mkdir(parents=True)
        (root / "book").mkdir()
        (root / "_config.yml").write_text("title: A small book\n")
        cells = [cell for name, sources in EXERCISES.items()
                 for cell in exercise_cells(name, sources, DEFINES[name], VARY.get(name, {}))]  # fmt: skip
        self.chapter(CHAPTER, notebook(cells))
        self.folder = root / "handed-in"

    def chapter(self, name: str, content: dict[str, Any]) -> Path:
        """Write a chapter's notebook, and the table of contents."""
        path = self.root / "chapters" / f"{name}.ipynb"
        path.write_text(json.dumps(content), "utf-8")
        names = sorted(file.stem for file in path.parent.glob("*.ipynb"))
        entries = "".join(f"  - file: chapters/{name}\n" for name in names)
        (self.root / "book" / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{entries}")
        return path

    def assignment(self, variant: str | None = None, chapter: str = CHAPTER) -> Assignment:
        """Read the chapter's exercises."""
        return assignment(self.root / "chapters" / f"{chapter}.ipynb", variant)

    def handed_out(self, variant: str | None = None) -> dict[str, Any]:
        """Give the students' notebook, as release writes it."""
        from companion.exercises.authoring.release import write_release

        out = self.root / f"released-{variant}"
        write_release(out, [self.assignment(variant)])
        found: dict[str, Any] = json.loads((out / "students" / f"{CHAPTER}.ipynb").read_text("utf-8"))
        return found

    def answered(self, answers: dict[str, str], variant: str | None = None) -> dict[str, Any]:
        """Give the students' notebook with answers filled in, by exercise."""
        content = self.handed_out(variant)
        for cell in content["cells"]:
            ours = cell["metadata"].get("companion", {})
            if ours.get("role") == "answer" and ours["exercise"] in answers:
                cell["source"] = answers[ours["exercise"]]
        return content

    def hand_in(self, student: str, content: dict[str, Any] | str | bytes, name: str = f"{CHAPTER}.ipynb") -> Path:
        """Write what a student hands in."""
        path = self.folder / student / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else (
            content if isinstance(content, str) else json.dumps(content)).encode()  # fmt: skip
        path.write_bytes(data)
        return path

    def grade(self, isolation: Isolation, variant: str | None = None, seconds: float | None = None) -> GradeBook:
        """Grade all that was handed in."""
        students = find_students([self.folder])
        return grade(students, [self.assignment(variant)], isolation, seconds=seconds, jobs=2)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `companion exercises ...` in the book's folder, as a program would be, but in this process."""
        with contextlib.chdir(self.root):
            done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def verdicts(book: GradeBook, student: str) -> dict[str, str]:
    """Give a student's verdicts, by exercise."""
    return {one.exercise: one.verdict for one in book.grades if one.student == student}


def the(book: GradeBook, student: str, exercise: str) -> Grade:
    """Give one grade."""
    return next(one for one in book.grades if (one.student, one.exercise) == (student, exercise))


def cell(content: dict[str, Any], exercise: str, role: str = "answer") -> dict[str, Any]:
    """Find a cell of a notebook by its exercise and role."""
    found: dict[str, Any] = next(
        one for one in content["cells"] if one["metadata"].get("companion", {}).get("exercise") == exercise
        and one["metadata"]["companion"]["role"] == role
    )  # fmt: skip
    return found


def run_here(job: Job, isolation: Isolation, slot: int = 0) -> Run:
    """Run an answer and its check as the grader does, but in threads of this process: for answers that are ours."""
    ours, theirs = socket.socketpair()
    threading.Thread(target=Answering(Line(theirs)).serve, daemon=True).start()
    with ours:
        told = json.loads(json.dumps({**asdict(job), "needs": []}))
        result = _check(told, Session(Line(ours), objects=job.objects))
        ours.shutdown(socket.SHUT_RDWR)
    return Run(result, 0, "", 0.0)


PASSED, ANSWERLESS = "passed", "not answered"
ALL = dict.fromkeys(EXERCISES, PASSED)
NONE = dict.fromkeys(EXERCISES, ANSWERLESS)


def right(classroom: Class) -> dict[str, Any]:
    """Give the students' notebook with four right answers."""
    return classroom.answered(RIGHT)
