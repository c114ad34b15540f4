"""What students handed in: found in folders, and read without trusting a byte of it."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from companion.notebooks import BookError

MAX_BYTES = 5_000_000
MAX_CELLS = 2_000
MAX_DEPTH = 3
MAX_NAMES = 3
ARCHIVES = {".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar"}
TOOLS = {".git", ".hg", ".svn", ".ipynb_checkpoints", ".jupyter", ".ipython", ".cache", ".venv", ".idea", ".vscode",
         ".Trash", "__pycache__", "__MACOSX"}  # fmt: skip
"""Folders that programs make; all others may be a student's, whatever their names begin with."""
LINK = "a link, which is not followed: put the folder itself in its place"


@dataclass(frozen=True)
class SubmittedCell:
    """One cell of a student's notebook."""

    number: int
    id: str
    grade_id: str
    kind: str
    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """One notebook of a student's; `problem` says why it cannot be read."""

    path: Path
    cells: list[SubmittedCell] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class Student:
    """One student, all their notebooks, and what was found beside them that cannot be graded."""

    name: str
    submissions: list[Submission]
    odd: list[str] = field(default_factory=list)


@dataclass
class _Found:
    """The notebooks of one folder, and what else a teacher should hear of."""

    folder: Path
    notebooks: list[Path] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def find_students(places: list[Path]) -> list[Student]:
    """Find the students in folders of theirs, folders of such folders, or single notebooks.

    Raises
    ------
    BookError
        If a place is not there, or holds no notebook.
    """
    found: list[_Found] = []
    for place in places:
        if not place.exists():
            raise BookError(f"{place}: no such folder or notebook")
        if not place.is_dir():
            if place.suffix != ".ipynb":
                raise BookError(f"{place}: neither a folder nor a notebook (.ipynb)")
            found.append(_Found(place.with_suffix(""), [place]))
            continue
        try:
            groups = _groups(place)
        except OSError as error:
            raise BookError(f"{place}: cannot be read: {error.strerror}") from error
        if not groups:
            raise BookError(f"{place}: holds no notebook (.ipynb), nor a student's folder with one")
        found += groups
    return [
        Student(name, [read_submission(path) for path in one.notebooks], _odd(one))
        for name, one in zip(_names([one.folder for one in found]), found, strict=True)
    ]


def _groups(place: Path) -> list[_Found]:
    """A folder with notebooks is a student; else each folder in it is one, even an empty one."""
    resolved = place.resolve()
    if any(entry.suffix == ".ipynb" for entry in resolved.iterdir() if not entry.name.startswith(".")):
        return [_look(resolved)]
    groups = []
    for entry in sorted(resolved.iterdir()):
        if entry.is_symlink() and entry.is_dir():
            groups.append(_Found(entry, odd=[f"{entry.name} is {LINK}"]))
        elif entry.is_dir() and entry.name not in TOOLS:
            groups.append(_look(entry))
    return groups if any(one.notebooks for one in groups) else []


def _look(folder: Path) -> _Found:
    """Look through a student's folder; links to folders are not followed."""
    found = _Found(folder)
    _look_into(folder, MAX_DEPTH, found)
    return found


def _look_into(folder: Path, depth: int, found: _Found) -> None:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        found.odd.append(f"{folder.name}: cannot be read: {error.strerror}")
        return
    for entry in entries:
        if entry.name in TOOLS:
            continue
        if entry.suffix == ".ipynb":
            found.notebooks.append(entry)
        elif entry.is_dir():
            if entry.is_symlink():
                found.odd.append(f"{entry.name} is {LINK}")
            elif depth:
                _look_into(entry, depth - 1, found)
        elif entry.suffix.lower() in ARCHIVES:
            found.odd.append(f"{entry.name} is an archive, which is not opened: unpack it in its place")
        elif entry.suffix == ".py":
            found.odd.append(f"{entry.name} is no notebook: copy its answers into the cells of the one handed out")
        elif not entry.name.startswith("."):
            found.others.append(entry.name)


def _odd(found: _Found) -> list[str]:
    """Tell what could not be graded; other files than notebooks only where there is no notebook."""
    if found.notebooks or not found.others:
        return fold(found.odd)
    return [*fold(found.odd), f"there is no notebook (.ipynb), only {several(found.others)}"]


def several(names: list[str]) -> str:
    """List names in one line, however many there are."""
    more = len(names) - MAX_NAMES
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:MAX_NAMES])} and {more} more"


def fold(notes: list[str]) -> list[str]:
    """Keep the first of many notes, and say how many more there were."""
    more = len(notes) - MAX_NAMES
    return notes if more <= 0 else [*notes[:MAX_NAMES], f"and {more} more like these"]


def _names(paths: list[Path]) -> list[str]:
    """Name each student after the folder; where two share a name, after the folder above, too."""
    short = [path.name for path in paths]
    long = [f"{path.absolute().parent.name}/{path.name}" if short.count(path.name) > 1 else path.name for path in paths]
    return [f"{name} ({long[:n].count(name) + 1})" if long.count(name) > 1 else name for n, name in enumerate(long)]


def read_submission(path: Path) -> Submission:
    """Read a student's notebook; whatever is wrong with it becomes its `problem`."""
    try:
        data = _read(path)
    except OSError as error:
        return Submission(path, problem=f"cannot be read: {error.strerror or error}")
    except ValueError as error:
        return Submission(path, problem=str(error))
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        return Submission(path, problem="damaged: its JSON is nested without end")
    except ValueError as error:
        return Submission(path, problem=f"damaged: {str(error)[:200]}")
    return _cells(path, notebook)


def _read(path: Path) -> bytes:
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if path.is_symlink():
            raise ValueError("a link, not a file: links are not followed") from error
        raise
    with os.fdopen(number, "rb") as file:
        what = os.fstat(number)
        if not stat.S_ISREG(what.st_mode):
            raise ValueError("not a file")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"too large: {what.st_size:,} bytes, the limit is {MAX_BYTES:,}; clear its outputs")
    return data


def _cells(path: Path, notebook: Any) -> Submission:
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        return Submission(path, problem="not a notebook of format 4")
    if len(notebook["cells"]) > MAX_CELLS:
        return Submission(path, problem=f"more than {MAX_CELLS} cells")
    cells = [_cell(number, cell) for number, cell in enumerate(notebook["cells"], start=1)]
    return Submission(path, [cell for cell in cells if cell])


def _cell(number: int, cell: Any) -> SubmittedCell | None:
    """Take what is usable from a cell; one that is no cell is left out."""
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return None
    metadata = cell.get("metadata")
    graded = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = graded.get("grade_id") if isinstance(graded, dict) else ""
    tags = metadata.get("tags") if isinstance(metadata, dict) else []
    tags = tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
    return SubmittedCell(
        number, str(cell.get("id") or ""), str(grade_id or ""), str(cell.get("cell_type")), source, tags
    )
