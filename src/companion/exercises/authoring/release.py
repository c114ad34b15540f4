"""Hand out exercises: a notebook for the students, and an answer book, both of one variant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from companion.exercises.authoring.assignment import Assignment
from companion.exercises.authoring.decoys import decoys
from companion.exercises.authoring.model import Cell, Exercise, strip_hidden
from companion.exercises.authoring.output_folder import write_folder
from companion.exercises.sandbox.isolation import UNPROTECTED, Isolation
from companion.exercises.sandbox.runner import ANSWER, in_parallel, run

MARKER = ".companion-release.json"
HOW = """\
**Before you start.** At its end the book's page of this chapter says *Take this chapter home*: a zip. Unpack it, and \
install as the first line of its README.md says. Keep this notebook in another folder, and open it with the `env` that \
you have made there.

**Answer** in the cell of each exercise where it says `YOUR ANSWER HERE`; the cell after it checks what you have done. \
An exercise is graded alone and with other numbers: its givens, your code cells between the check before it and its \
own, whatever your cells above import, and the functions and constants that you define above the first exercise. \
Leave the cells that were handed out in their places, and answers in code cells.

**Hand in** this one file, saved, with its name as it is: `{chapter}.ipynb`; no zip, no PDF, no `.py`.
"""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def try_checks(
    assignments: list[Assignment], isolation: Isolation, jobs: int = 1, progress: Callable[[], object] = lambda: None
) -> list[str]:
    """Run every solution, and every decoy, against its whole check, as the grader will.

    Parameters
    ----------
    assignments
        The chapters.
    isolation
        The layers around each answer.
    jobs
        How many answers run at once.
    progress
        Called after each run.

    Returns
    -------
    list
        A sentence for each solution that fails, and for each decoy that passes.
    """
    work = [
        (assignment, exercise, what, source)
        for assignment in assignments
        for exercise in assignment.exercises
        for what, source in {"": exercise.answer.source, **decoys(exercise)}.items()
    ]

    def attempt(item: tuple[int, tuple[Assignment, Exercise, str, str]]) -> str:
        slot, (assignment, exercise, what, source) = item
        # A solution is the book's own: where the system gives it no closed network, it may run without.
        layers = UNPROTECTED if "loopback" in exercise.needs and not isolation.loopback else isolation
        done = run(assignment.job(exercise, [(ANSWER, source)]), layers, slot % 64)
        progress()
        passed = done.result.get("verdict") == "passed"
        if what:
            fault = f"an answer to exercise {exercise.name} passes that {what}: its cases must lie further apart"
            return f"{assignment.chapter}: {fault}" if passed else ""
        reason = done.refused or (f"it took more than {exercise.seconds:g} s" if done.late else "")
        reason = reason or str(done.result.get("message") or "its process ended early")
        fault = f"the solution of exercise {exercise.name} fails its check: {reason}"
        return "" if passed else f"{assignment.chapter}: {fault}"

    return [failed for failed in in_parallel(attempt, enumerate(work), jobs) if failed]


def write_release(out: Path, assignments: list[Assignment]) -> list[str]:
    """Write the students' notebooks and the answer books; give the names of the files.

    Raises
    ------
    BookError
        If the folder holds something else, or cannot be written.
    """
    files = {}
    for assignment in assignments:
        files[f"students/{assignment.chapter}.ipynb"] = _notebook(assignment, solved=False)
        files[f"answers/{assignment.chapter}.ipynb"] = _notebook(assignment, solved=True)
    write_folder(out, MARKER, files)
    return list(files)


def _notebook(assignment: Assignment, *, solved: bool) -> str:
    what = "answers" if solved else "exercises"
    cells = [_markdown("title", f"# {assignment.title}: {what}")]
    if solved:
        variant = "the committed numbers" if assignment.variant is None else f"variant `{assignment.variant}`"
        cells.append(_markdown("how", f"Solutions and whole checks, hidden tests included, for {variant}. Keep it."))
    else:
        cells.append(_markdown("how", HOW.format(chapter=assignment.chapter)))
    cells.append(_code("parameters", assignment.parameters, {"tags": ["parameters"]}))
    for exercise in assignment.exercises:
        cells += [_cell(assignment, exercise, cell, solved=solved) for cell in exercise.cells]
    metadata = {**METADATA, "companion": {"chapter": assignment.chapter}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cell(assignment: Assignment, exercise: Exercise, cell: Cell, *, solved: bool) -> dict[str, Any]:
    """Make the cell that is handed out. Of its metadata only what nbgrader and the grader read goes with it."""
    ours = cell.metadata["companion"]
    role = ours["role"]
    metadata: dict[str, Any] = {
        "nbgrader": dict(cell.metadata["nbgrader"]), "companion": {"exercise": exercise.name, "role": role}
    }  # fmt: skip
    source = cell.source
    if role == "givens":
        source = assignment.givens[exercise.name]
    elif role == "answer":
        metadata["companion"]["defines"] = exercise.defines
        source = cell.source if solved else exercise.stub
    elif role == "check" and not solved:
        source = strip_hidden(cell.source)
    if cell.kind == "markdown":
        return _markdown(cell.id, source, metadata)
    return _code(cell.id, source, metadata)


def _markdown(name: str, source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": metadata or {}, "source": _lines(source)}


def _code(name: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "id": name, "metadata": metadata, "outputs": [],
            "source": _lines(source)}  # fmt: skip


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)
