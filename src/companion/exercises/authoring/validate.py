"""What an exercise must fulfil beyond having its cells: flags, names, numbers that a variant can draw."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from companion.exercises.authoring.model import FLAGS, Cell, Exercise, fault, marked, names_bound
from companion.exercises.authoring.variant import assignments, choices

KNOWN_NEEDS = {"loopback", "processes"}
CLOSED = {"answer": {"hide-input": "code"}, "check": {"hide-input": "code", "remove-output": "output"}}
"""What stays closed until the reader opens it: the tag that says so to the page, and what it closes."""
_POINTER = re.compile(r"[Tt]he (panel|figure|table|section|rules?|cells?|code|text) (above|below)\b")


def check_exercise(path: Path, exercise: Exercise) -> None:
    """Raise an error that names the cell and the fix if the exercise breaks the format."""
    for cell in exercise.cells:
        _check_metadata(path, exercise, cell)
    if not re.match(r"### Exercise \d+: \S", exercise.task.source):
        raise fault(path, exercise.task, "the task must start with a line `### Exercise N: Title`")
    _check_answer(path, exercise)
    _check_check(path, exercise)
    _check_vary(path, exercise)


def _check_metadata(path: Path, exercise: Exercise, cell: Cell) -> None:
    role = cell.metadata["companion"]["role"]
    kind = "markdown" if role in ("task", "hint") else "code"
    if cell.kind != kind:
        raise fault(path, cell, f"its {role} cell is a {cell.kind} cell: make it a {kind} cell")
    if not cell.id:
        raise fault(path, cell, f"its {role} cell has no id: save the notebook in format 4.5")
    graded = cell.metadata["nbgrader"]
    wanted = f"{exercise.chapter.partition('-')[0]}-{exercise.name}-{role}"
    if graded.get("grade_id") != wanted:
        raise fault(path, cell, f"nbgrader.grade_id is {graded.get('grade_id')!r}: it must be {wanted!r}")
    if graded.get("schema_version") != 3:
        raise fault(path, cell, f"nbgrader.schema_version is {graded.get('schema_version')!r}: it must be 3")
    for key, value in zip(("grade", "solution", "locked"), FLAGS.get(role, (False, False, True)), strict=True):
        if graded.get(key) is not value:
            raise fault(path, cell, f"nbgrader.{key} of a {role} cell must be {str(value).lower()}")
    for tag, shown in CLOSED.get(role, {}).items():
        if tag not in cell.metadata.get("tags", []):
            raise fault(path, cell, f"its {role} cell needs the tag `{tag}`, or the page shows its {shown}")
        key = "source_hidden" if shown == "code" else "outputs_hidden"
        if cell.metadata.get("jupyter", {}).get(key) is not True:
            raise fault(
                path, cell, f"its {role} cell needs metadata.jupyter.{key} = true, or JupyterLab shows its {shown}"
            )
    if role == "hint" and not cell.source.startswith("<details>"):
        raise fault(path, cell, "the hint must start with <details>, or it stands open")
    pointer = _POINTER.search(cell.source) if kind == "markdown" else None
    if pointer:
        raise fault(
            path, cell, f"points to {pointer[0]!r}, which the students' notebook has not: say `the chapter's ...`"
        )


def _check_answer(path: Path, exercise: Exercise) -> None:
    cell = exercise.answer
    defines = cell.metadata["companion"].get("defines")
    if not isinstance(defines, list) or not defines or not all(isinstance(name, str) for name in defines):
        raise fault(path, cell, "companion.defines must list the names that the check uses")
    _check_marks(path, cell, "SOLUTION")
    if not marked(cell.source, "SOLUTION"):
        raise fault(path, cell, "has no solution: put it between ### BEGIN SOLUTION and ### END SOLUTION")
    _parse(path, cell)
    # Givens may define what only the answer's process has, such as the address of a server that runs beside it.
    bound = names_bound(cell.source) | names_bound(exercise.givens_source)
    for name in defines:
        if name not in bound:
            raise fault(path, cell, f"companion.defines names {name!r}, which neither solution nor givens assign")
    if not exercise.answered:
        raise fault(path, cell, "companion.defines names nothing that the solution assigns")


def _check_check(path: Path, exercise: Exercise) -> None:
    cell = exercise.check
    _check_marks(path, cell, "HIDDEN TESTS")
    tree = _parse(path, cell)
    if not any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
        raise fault(path, cell, "checks nothing: it has no assert")
    identity = next(filter(_by_identity, ast.walk(tree)), None)
    if identity is not None:
        text = f"compares {ast.unparse(identity)!r} by identity: a class's answers live in another process; use =="
        raise fault(path, cell, text)
    points = cell.metadata["nbgrader"].get("points")
    if not _is_number(points) or points <= 0:
        raise fault(path, cell, f"nbgrader.points is {points!r}: it must be a number above 0")
    seconds = cell.metadata["companion"].get("seconds", 1)
    if not _is_number(seconds) or seconds <= 0:
        raise fault(path, cell, f"companion.seconds is {seconds!r}: it must be a number above 0")
    needs = cell.metadata["companion"].get("needs", [])
    if not isinstance(needs, list) or not set(map(str, needs)) <= KNOWN_NEEDS:
        raise fault(path, cell, f"companion.needs is {needs!r}: it is a list of {', '.join(sorted(KNOWN_NEEDS))}")


def _by_identity(node: ast.AST) -> bool:
    """Whether two values are compared by `is`; a value and a constant, or the type of one and another, may be."""
    if not isinstance(node, ast.Compare) or not any(isinstance(how, ast.Is | ast.IsNot) for how in node.ops):
        return False
    sides = [node.left, *node.comparators]
    return not any(isinstance(side, ast.Constant) or _is_type_of(side) for side in sides)


def _is_type_of(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type"


def _check_vary(path: Path, exercise: Exercise) -> None:
    cell = exercise.givens
    if cell is None:
        return
    _parse(path, cell)
    given = assignments(cell.source)
    if not isinstance(cell.metadata["companion"].get("vary", {}), dict):
        raise fault(path, cell, "companion.vary must be an object: a name, and what its value is drawn from")
    for name, rule in exercise.vary.items():
        if name not in given:
            raise fault(path, cell, f"companion.vary names {name!r}, which is not a line `{name} = literal` here")
        try:
            possible = choices(rule, given[name].value)
        except ValueError as error:
            raise fault(path, cell, f"companion.vary[{name!r}]: {error}") from None
        if not [value for value in possible if value != given[name].value]:
            raise fault(path, cell, f"companion.vary[{name!r}] allows nothing but the committed value")
        _check_task(path, exercise, name, repr(given[name].value))


def _check_task(path: Path, exercise: Exercise, name: str, value: str) -> None:
    """A task that repeats a number is wrong in every variant; one digit alone may well mean something else."""
    body = exercise.task.source.partition("\n")[2]
    if re.fullmatch(r"[\d.]{2,}", value) and re.search(rf"(?<![\w.-]){re.escape(value)}(?![\w-]|\.\d)", body):
        raise fault(path, exercise.task, f"the task repeats {value}, which a variant changes: write `{name}` instead")


def _check_marks(path: Path, cell: Cell, what: str) -> None:
    try:
        marked(cell.source, what)
    except ValueError as error:
        raise fault(path, cell, str(error)) from None


def _parse(path: Path, cell: Cell) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except (SyntaxError, ValueError) as error:
        raise fault(path, cell, f"is no Python: {error}") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
