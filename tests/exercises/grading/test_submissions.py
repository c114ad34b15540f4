"""What is found in folders, and read without trusting it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from companion.exercises.grading.submissions import MAX_BYTES, find_students, read_submission
from companion.exercises.sandbox.isolation import Isolation
from tests.exercises.classroom import (
    ALL,
    CHAPTER,
    Class,
    right,
    verdicts,
)

UNREADABLE: dict[str, tuple[bytes | None, str]] = {
    "half": (b'{"cells": [{"cell_type": "code", "sou', "damaged"),
    "binary": (bytes(range(256)) * 40, "damaged"),
    "huge": (b" " * (MAX_BYTES + 1), "too large"),
    "deep": (b"[" * 200_000 + b"]" * 200_000, "nested without end"),
    "deep object": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested without end"),
    "list": (b"[]", "not a notebook"),
    "old": (b'{"nbformat": 3, "worksheets": []}', "not a notebook"),
    "link": (None, "links are not followed"),
    "pipe": (None, "not a file"),
    "cells": (b'{"nbformat": 4, "cells": {}}', "not a notebook"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_notebook_is_one_line_and_no_points(name: str, classroom: Class, here: Isolation) -> None:
    data, problem = UNREADABLE[name]
    path = classroom.hand_in("eve", data or b"")
    if name == "link":
        path.unlink()
        path.symlink_to(classroom.root / "chapters" / f"{CHAPTER}.ipynb")  # the solutions
    if name == "pipe":
        path.unlink()
        os.mkfifo(path)
    book = classroom.grade(here)
    assert verdicts(book, "eve") == dict.fromkeys(ALL, "unreadable")
    assert sum(grade.points for grade in book.grades) == 0 and book.ungraded == 4
    assert len(book.odd["eve"]) == 1 and problem in book.odd["eve"][0]


def test_cells_that_are_no_cells_are_left_out(tmp_path: Path) -> None:
    cells = [None, 3, {"source": 4}, {"cell_type": "code", "source": ["a = 1", 7], "metadata": {"tags": 3}},
             {"cell_type": "code", "source": "b", "metadata": {"nbgrader": [], "tags": [1, "x"]}, "id": 5}]  # fmt: skip
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": cells}))
    read = read_submission(path)
    assert [cell.source for cell in read.cells] == ["a = 1", "b"]
    assert read.cells[1].tags == ("x",)


def test_students_are_found_in_folders_files_and_folders_of_folders(tmp_path: Path) -> None:
    for name in ("class/ada/90-small.ipynb", "class/bob/sub/90-small.ipynb", "class/.git/x.ipynb", "more/ada/a.ipynb",
                 "class/ada/.ipynb_checkpoints/90-small.ipynb", "cid.ipynb"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "class" / "link").symlink_to("/etc")
    (tmp_path / "class" / "none").mkdir()
    students = find_students([tmp_path / "class", tmp_path / "more" / "ada", tmp_path / "cid.ipynb"])
    assert [student.name for student in students] == ["class/ada", "bob", "link", "none", "more/ada", "cid"]
    assert [len(student.submissions) for student in students] == [1, 1, 0, 0, 1, 1]
    told = [student.name for student in students if "not followed" in " ".join(student.odd)]
    assert told == ["link"]


def test_what_is_no_notebook_is_told_with_the_cure(classroom: Class, here: Isolation) -> None:
    for student, name in (("zip", "answers.zip"), ("py", "90-small.py"), ("pdf", "essay.pdf"), ("..evil..", "a/b.txt")):
        classroom.hand_in(student, "x", name)
    (classroom.folder / "link").symlink_to(classroom.folder / "zip")
    (classroom.folder / "ada" / "work").mkdir(parents=True)
    (classroom.folder / "ada" / "more").symlink_to(classroom.folder / "zip")
    classroom.hand_in("ada", right(classroom))
    classroom.hand_in("bob", right(classroom), "work/deep/90-small.ipynb")
    book = classroom.grade(here)
    absent = "there is no notebook for 90-small"
    assert book.odd["zip"] == ["answers.zip is an archive, which is not opened: unpack it in its place", absent]
    assert book.odd["py"][0].startswith("90-small.py is no notebook: copy its answers")
    assert book.odd["pdf"] == ["there is no notebook (.ipynb), only essay.pdf", absent]
    assert book.odd["..evil.."] == ["there is no notebook (.ipynb), only b.txt", absent]
    assert book.odd["link"][0].startswith("link is a link, which is not followed")
    assert book.odd["ada"] == ["more is a link, which is not followed: put the folder itself in its place"]
    assert verdicts(book, "ada") == verdicts(book, "bob") == ALL
