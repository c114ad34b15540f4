"""What an exercise must fulfil, and what each fault is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from companion.exercises.authoring.model import ExerciseError
from companion.exercises.authoring.notebook import exercises_in
from tests.exercises.classroom import (
    CHAPTER,
    EXERCISES,
    Class,
    exercise_cells,
    notebook,
)


def drop(cells: list[dict[str, Any]], role: str) -> None:
    cells[:] = [cell for cell in cells if cell["metadata"]["companion"]["role"] != role]


def put(role: str, *path: str, value: Any) -> Callable[[list[dict[str, Any]]], None]:
    def change(cells: list[dict[str, Any]]) -> None:
        target: dict[str, Any] = next(cell for cell in cells if cell["metadata"]["companion"]["role"] == role)
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value

    return change


def vary(**rules: Any) -> Callable[[list[dict[str, Any]]], None]:
    return put("givens", "metadata", "companion", "vary", value=rules)


def swap(cells: list[dict[str, Any]]) -> None:
    cells[1], cells[2] = cells[2], cells[1]


FAULTS: dict[str, tuple[Callable[[list[dict[str, Any]]], Any], str]] = {
    "no check": (lambda cells: drop(cells, "check"), "has no check cell"),
    "no task": (lambda cells: drop(cells, "task"), "has no task cell"),
    "no answer": (lambda cells: drop(cells, "answer"), "has no answer cell"),
    "order": (swap, "comes too late"),
    "twice": (lambda cells: cells.append(cells[-1]), "a second check cell"),
    "role": (put("hint", "metadata", "companion", "role", value="hints"), "must be one of task, givens"),
    "name": (put("hint", "metadata", "companion", "exercise", value=3), "must be a short name"),
    "grade id": (put("hint", "metadata", "nbgrader", "grade_id", value="x"), "must be '90-border-hint'"),
    "schema": (put("hint", "metadata", "nbgrader", "schema_version", value=2), "schema_version is 2"),
    "locked": (put("answer", "metadata", "nbgrader", "locked", value=True), "locked of a answer cell must be false"),
    "kind": (put("hint", "cell_type", value="code"), "make it a markdown cell"),
    "heading": (put("task", "source", value="## Border"), "### Exercise N: Title"),
    "repeats": (put("task", "source", value="### Exercise 1: B\n\nWith 12 servers."), "the task repeats 12"),
    "never closed": (put("answer", "source", value="### BEGIN SOLUTION\nsafe_load = 1"), "add ### END SOLUTION"),
    "never begun": (put("answer", "source", value="safe_load = 1\n### END SOLUTION"), "without ### BEGIN SOLUTION"),
    "begun twice": (put("answer", "source", value="### BEGIN SOLUTION\n### BEGIN SOLUTION"), "a second ### BEGIN"),
    "no solution": (put("answer", "source", value="safe_load = 1"), "has no solution"),
    "no python": (put("answer", "source", value="### BEGIN SOLUTION\nx = (\n### END SOLUTION"), "is no Python"),
    "defines": (put("answer", "source", value="### BEGIN SOLUTION\nx = 1\n### END SOLUTION"), "neither solution nor"),
    "defines nothing": (put("answer", "metadata", "companion", "defines", value=[]), "must list the names"),
    "hidden": (put("check", "source", value="assert 1\n### BEGIN HIDDEN TESTS"), "add ### END HIDDEN TESTS"),
    "no assert": (put("check", "source", value="print(1)"), "has no assert"),
    "points": (put("check", "metadata", "nbgrader", "points", value=0), "points is 0"),
    "seconds": (put("check", "metadata", "companion", "seconds", value="20"), "seconds is '20'"),
    "needs": (put("check", "metadata", "companion", "needs", value=["internet"]), "needs is ['internet']"),
    "vary": (vary(retry=[1]), "not a line `retry = literal`"),
    "vary computed": (put("givens", "source", value="servers = 3 * 4\nretries = 1"), "not a line `servers = literal`"),
    "vary rule": (vary(retries=5), "must be a list of values"),
    "vary same": (vary(retries=[2]), "nothing but the committed"),
    "tag": (put("answer", "metadata", "tags", value=[]), "needs the tag `hide-input`"),
    "check tag": (put("check", "metadata", "tags", value=["hide-input"]), "needs the tag `remove-output`"),
    "open solution": (put("answer", "metadata", "jupyter", value={}), "jupyter.source_hidden = true, or JupyterLab"),
    "open check": (put("check", "metadata", "jupyter", value={"source_hidden": True}), "jupyter.outputs_hidden = true"),
    "open hint": (put("hint", "source", value="Count the attempts."), "must start with <details>"),
    "points above": (put("task", "source", value="### Exercise 1: B\n\nSee the panel above."), "points to 'the"),
    "identity": (put("check", "source", value="assert any(safe_load is x for x in [1])"), "by identity"),
    "no nbgrader": (put("hint", "metadata", "nbgrader", value=None), "has no nbgrader metadata"),
    "id": (put("hint", "id", value=""), "has no id"),
}  # fmt: skip


@pytest.mark.parametrize(
    "check", ["safe_load is None", "type(safe_load) is int", "safe_load is not True", "float is type(safe_load)"]
)
def test_a_constant_or_a_type_may_be_compared_by_identity(check: str, classroom: Class) -> None:
    cells = exercise_cells("border", EXERCISES["border"], ["safe_load"], {})
    put("check", "source", value=f"assert {check}")(cells)
    assert exercises_in(classroom.chapter(CHAPTER, notebook(cells)))


@pytest.mark.parametrize("words", ["With 112 of them", "by 0.12", "in 12.5 s", "the `x-12`", "with 3 retries", "12a"])
def test_a_task_may_hold_numbers_that_only_look_like_a_varied_one(words: str, classroom: Class) -> None:
    cells = exercise_cells("border", EXERCISES["border"], ["safe_load"], {"servers": [6, 8]})
    put("task", "source", value=f"### Exercise 12: B\n\n{words}.")(cells)
    assert exercises_in(classroom.chapter(CHAPTER, notebook(cells)))
    put("task", "source", value="### Exercise 12: B\n\nThe 12, or 12.")(cells)
    with pytest.raises(ExerciseError, match="the task repeats 12,"):
        exercises_in(classroom.chapter(CHAPTER, notebook(cells)))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_names_file_cell_and_fix(name: str, classroom: Class) -> None:
    change, message = FAULTS[name]
    rules = {"servers": [6, 8], "retries": {"low": 1, "high": 4}}
    cells = exercise_cells("border", EXERCISES["border"], ["safe_load"], rules)
    change(cells)
    path = classroom.chapter(CHAPTER, notebook(cells))
    with pytest.raises(ExerciseError) as caught:
        exercises_in(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: cell ") and message in text and "\n" not in text
