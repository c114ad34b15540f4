"""A class as classes are: notebooks that were answered, half answered, moved, copied, renamed, damaged."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.exercises.grading.submissions import MAX_BYTES, find_students, read_submission
from companion.exercises.sandbox.isolation import Isolation

PASSED, ANSWERLESS = "passed", "not answered"
ALL = dict.fromkeys(("border", "waits", "retry", "cure"), PASSED)
NONE = dict.fromkeys(ALL, ANSWERLESS)


def cell(content: dict[str, Any], exercise: str, role: str = "answer") -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in content["cells"] if one["metadata"].get("companion", {}) .get("exercise") == exercise
        and one["metadata"]["companion"]["role"] == role
    )  # fmt: skip
    return found


def right(classroom: Any, tools: Any) -> dict[str, Any]:
    content: dict[str, Any] = classroom.answered(tools.RIGHT)
    return content


def test_right_answers_score_all(classroom: Any, tools: Any, isolation: Isolation) -> None:
    classroom.hand_in("ada", right(classroom, tools))
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "ada") == ALL
    assert sum(grade.points for grade in book.grades) == 8
    assert book.odd == {"ada": []} and book.warnings == [] and book.ungraded == 0
    assert [grade.notes for grade in book.grades] == [[]] * 4


WRONG = {
    "border": ("safe_load = servers / mean_service", "failed", "too many attempts or too few"),
    "waits": ("def waits(base, cap, attempts):\n    return [0.5, 1.0, 2.0]", "failed", "wrong on other numbers"),
    "retry": (
        "def with_retries(call, tries):\n    return call(0)",
        "error",
        "ConnectionError: down (a function that it was given",
    ),
    "cure": ("cure = {'policy': 'immediate'}", "failed", "get an answer"),
}


def test_wrong_answers_are_told_why(classroom: Any, tools: Any, isolation: Isolation) -> None:
    classroom.hand_in("bob", classroom.answered({name: source for name, (source, *_) in WRONG.items()}))
    book = classroom.grade(isolation)
    for name, (_, verdict, message) in WRONG.items():
        grade = tools.the(book, "bob", name)
        assert grade.verdict == verdict and message in grade.message, grade


@pytest.mark.parametrize(
    ("source", "verdict", "message"),
    [
        ("safe_load = servers / 0", "error", "ZeroDivisionError: division by zero, in line 1 of your answer"),
        ("safe_load = math.sqrt(4)", "error", "must be imported or defined in its own cells"),
        ("safe_lode = 1", "failed", "does not define `safe_load`"),
        ("%matplotlib inline\nsafe_load = servers / mean_service / (retries + 1)", "passed", ""),
        ("import asyncio\nawait asyncio.sleep(0)\nsafe_load = servers / mean_service / (retries + 1)", "passed", ""),
        ("from fractions import Fraction\nsafe_load = Fraction(16)", "failed", "must be a number"),
        ("", "not answered", ""),
    ],
)
def test_what_is_said_of_an_answer(
    source: str, verdict: str, message: str, classroom: Any, tools: Any, isolation: Isolation
) -> None:
    classroom.hand_in("eve", classroom.answered({"border": source}))
    grade = tools.the(classroom.grade(isolation), "eve", "border")
    assert grade.verdict == verdict and message in grade.message, grade


def reordered(content: dict[str, Any]) -> None:
    content["cells"].reverse()


def copied(content: dict[str, Any]) -> None:
    stub = copy.deepcopy(cell(content, "border"))
    stub.update(id="a-copy", source='# YOUR ANSWER HERE\nraise NotImplementedError("your answer is missing")')
    content["cells"].append(stub)
    earlier = copy.deepcopy(cell(content, "waits"))
    earlier.update(id="a-draft", source="def waits(*_):\n    return None")
    content["cells"].insert(2, earlier)


def nameless(content: dict[str, Any]) -> None:
    for one in content["cells"]:
        one["metadata"] = {}
        one.pop("id")


def renamed(content: dict[str, Any]) -> None:
    for one in content["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["grade_id"] += "-copy1"


def edited(content: dict[str, Any]) -> None:
    cell(content, "border", "givens")["source"] = "servers = 1\nmean_service = 1\nretries = 0"
    cell(content, "border", "check")["source"] = "assert True"


def helped(content: dict[str, Any]) -> None:
    answer = cell(content, "waits")
    place = content["cells"].index(answer)
    answer["source"] = "def waits(base, cap, attempts):\n    return [pause(base, cap, n) for n in range(attempts)]"
    helper = {"cell_type": "code", "metadata": {}, "id": "h", "outputs": [], "execution_count": 3,
              "source": "def pause(base, cap, n):\n    return min(cap, base * 2**n)"}  # fmt: skip
    content["cells"].insert(place, helper)


def elsewhere(content: dict[str, Any]) -> None:
    answer = cell(content, "border")
    place = content["cells"].index(answer)
    mine = {**copy.deepcopy(answer), "id": "mine", "metadata": {}}
    answer["source"] = '# YOUR ANSWER HERE\nraise NotImplementedError("your answer is missing")'
    content["cells"].insert(place + 1, mine)


QUIRKS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "reordered": (reordered, ""),
    "copied": (copied, "2 cells answer it"),
    "nameless": (nameless, "known by what it defines"),
    "renamed": (renamed, ""),
    "edited": (edited, "the grader used its own"),
    "helped": (helped, "added cells count"),
    "elsewhere": (elsewhere, "a cell of the student's own"),
}


@pytest.mark.parametrize("name", QUIRKS)
def test_right_answers_in_an_odd_notebook_score_all(
    name: str, classroom: Any, tools: Any, isolation: Isolation
) -> None:
    change, note = QUIRKS[name]
    content = right(classroom, tools)
    change(content)
    classroom.hand_in("ada", content)
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "ada") == ALL
    assert any(note in one for grade in book.grades for one in grade.notes) or not note


def test_the_rest_of_a_notebook_with_deleted_cells_is_graded(classroom: Any, tools: Any, isolation: Isolation) -> None:
    content = right(classroom, tools)
    for exercise, role in ("border", "answer"), ("waits", "givens"), ("waits", "check"), ("retry", "task"):
        content["cells"].remove(cell(content, exercise, role))
    classroom.hand_in("ada", content)
    assert tools.verdicts(classroom.grade(isolation), "ada") == {**ALL, "border": "missing"}


def test_an_untouched_and_an_empty_notebook_are_told_apart(classroom: Any, tools: Any, isolation: Isolation) -> None:
    classroom.hand_in("cid", classroom.handed_out())
    classroom.hand_in("dan", tools.notebook([]))
    classroom.hand_in("eli", "", "notes.txt")
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "cid") == NONE
    assert tools.verdicts(book, "dan") == dict.fromkeys(ALL, "missing")
    assert tools.verdicts(book, "eli") == dict.fromkeys(ALL, "missing")


def test_a_renamed_notebook_is_known_by_its_cells(classroom: Any, tools: Any, isolation: Isolation) -> None:
    classroom.hand_in("ada", right(classroom, tools), "ada final (2).ipynb")
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "ada") == ALL
    assert "taken for 90-small.ipynb" in book.odd["ada"][0]


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
def test_an_unreadable_notebook_is_one_line_and_no_points(
    name: str, classroom: Any, tools: Any, isolation: Isolation
) -> None:
    data, problem = UNREADABLE[name]
    path = classroom.hand_in("eve", data or b"")
    if name == "link":
        path.unlink()
        path.symlink_to(classroom.root / "chapters" / f"{tools.CHAPTER}.ipynb")  # the solutions
    if name == "pipe":
        path.unlink()
        os.mkfifo(path)
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "eve") == dict.fromkeys(ALL, "unreadable")
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
    assert [student.name for student in students] == ["class/ada", "bob", "none", "more/ada", "cid"]
    assert [len(student.submissions) for student in students] == [1, 1, 0, 1, 1]


def test_the_readable_copy_is_graded(classroom: Any, tools: Any, isolation: Isolation) -> None:
    classroom.hand_in("ada", b"{", f"{tools.CHAPTER}.ipynb")
    classroom.hand_in("ada", classroom.answered({"border": tools.RIGHT["border"]}), "saved.ipynb")
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "ada") == {**NONE, "border": PASSED}
    assert "damaged" in book.odd["ada"][0]


def test_answers_of_another_variant_raise_a_doubt(classroom: Any, tools: Any, isolation: Isolation) -> None:
    classroom.hand_in("ada", classroom.answered({"border": tools.RIGHT["border"]}, variant="autumn"))
    assert classroom.grade(isolation, variant="autumn").warnings == []
    (warning,) = classroom.grade(isolation).warnings
    assert "--variant" in warning
