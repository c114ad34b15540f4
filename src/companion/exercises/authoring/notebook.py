"""The exercises of a chapter's notebook, read and checked.

An exercise is a run of cells that carry nbgrader's metadata and ours. A fault names the file, the cell and the fix.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from companion.exercises.authoring.model import NEEDED, ROLES, Cell, Exercise, ExerciseError, fault
from companion.exercises.authoring.validate import check_exercise
from companion.notebooks import cell_source, read_notebook


def exercises_in(path: Path) -> list[Exercise]:
    """Read the exercises of a chapter's notebook.

    Parameters
    ----------
    path
        The notebook; its name (`NN-name.ipynb`) is the chapter's.

    Raises
    ------
    BookError
        If the file is no notebook, or an exercise is not written as the format wants it.
    """
    groups: dict[str, list[Cell]] = {}
    last = ""
    for number, cell in enumerate(read_notebook(path)["cells"], start=1):
        found = _exercise_cell(path, number, cell)
        if found is None:
            last = ""
            continue
        name = found.metadata["companion"]["exercise"]
        if name in groups and name != last:
            raise fault(path, found, f"exercise {name!r} has other cells before it: put its cells side by side")
        groups.setdefault(name, []).append(found)
        last = name
    exercises = [_group(path, name, cells) for name, cells in groups.items()]
    for exercise in exercises:
        check_exercise(path, exercise)
    return exercises


def parameters_source(path: Path) -> str:
    """Give the code of a chapter's cell tagged `parameters`."""
    cells = read_notebook(path)["cells"]
    return "\n".join(cell_source(cell) for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", []))


def _exercise_cell(path: Path, number: int, cell: dict[str, Any]) -> Cell | None:
    metadata = cell.get("metadata", {})
    ours = metadata.get("companion")
    graded = isinstance(metadata.get("nbgrader"), dict)
    if not isinstance(ours, dict) or not ("exercise" in ours or "role" in ours):
        if graded:
            raise ExerciseError(
                f"{path}: cell {number}: has nbgrader's metadata only: add metadata.companion with exercise and role"
            )
        return None
    found = Cell(number, str(cell.get("id", "")), str(cell.get("cell_type")), cell_source(cell), metadata)
    if not isinstance(ours.get("exercise"), str) or not re.fullmatch(r"[a-z][a-z0-9_-]*", ours["exercise"]):
        raise fault(path, found, "companion.exercise must be a short name in small letters, such as 'border'")
    if ours.get("role") not in ROLES:
        raise fault(path, found, f"companion.role is {ours.get('role')!r}: it must be one of {', '.join(ROLES)}")
    if not graded:
        raise fault(path, found, "has no nbgrader metadata: add metadata.nbgrader (schema_version 3)")
    return found


def _group(path: Path, name: str, cells: list[Cell]) -> Exercise:
    by_role: dict[str, Cell] = {}
    place = -1
    for cell in cells:
        role = cell.metadata["companion"]["role"]
        if role in by_role:
            raise fault(path, cell, f"a second {role} cell: an exercise has one")
        if ROLES.index(role) < place:
            raise fault(path, cell, f"its {role} cell comes too late: the order is {', '.join(ROLES)}")
        place = ROLES.index(role)
        by_role[role] = cell
    for role in NEEDED:
        if role not in by_role:
            raise fault(path, cells[0], f"has no {role} cell: add one with companion.role = {role!r}")
    title = by_role["task"].source.strip().partition("\n")[0].lstrip("# ").strip()
    givens, hint = by_role.get("givens"), by_role.get("hint")
    return Exercise(path.stem, name, title, by_role["task"], givens, hint, by_role["answer"], by_role["check"])
