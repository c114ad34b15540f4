"""A class as classes are: notebooks that were answered, half answered, moved, copied, renamed, damaged."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.exercises.grading.match import plain
from companion.exercises.grading.submissions import MAX_BYTES, find_students, read_submission
from companion.exercises.sandbox import runner
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
        ("safe_load = float(input())", "error", "input() is not available here: use the given values, in line 1"),
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
    assert [student.name for student in students] == ["class/ada", "bob", "link", "none", "more/ada", "cid"]
    assert [len(student.submissions) for student in students] == [1, 1, 0, 0, 1, 1]
    told = [student.name for student in students if "not followed" in " ".join(student.odd)]
    assert told == ["link"]


def test_what_is_no_notebook_is_told_with_the_cure(classroom: Any, tools: Any, isolation: Isolation) -> None:
    for student, name in (("zip", "answers.zip"), ("py", "90-small.py"), ("pdf", "essay.pdf"), ("..evil..", "a/b.txt")):
        classroom.hand_in(student, "x", name)
    (classroom.folder / "link").symlink_to(classroom.folder / "zip")
    (classroom.folder / "ada" / "work").mkdir(parents=True)
    (classroom.folder / "ada" / "more").symlink_to(classroom.folder / "zip")
    classroom.hand_in("ada", right(classroom, tools))
    classroom.hand_in("bob", right(classroom, tools), "work/deep/90-small.ipynb")
    book = classroom.grade(isolation)
    absent = "there is no notebook for 90-small"
    assert book.odd["zip"] == ["answers.zip is an archive, which is not opened: unpack it in its place", absent]
    assert book.odd["py"][0].startswith("90-small.py is no notebook: copy its answers")
    assert book.odd["pdf"] == ["there is no notebook (.ipynb), only essay.pdf", absent]
    assert book.odd["..evil.."] == ["there is no notebook (.ipynb), only b.txt", absent]
    assert book.odd["link"][0].startswith("link is a link, which is not followed")
    assert book.odd["ada"] == ["more is a link, which is not followed: put the folder itself in its place"]
    assert tools.verdicts(book, "ada") == tools.verdicts(book, "bob") == ALL


def bare(content: dict[str, Any]) -> dict[str, Any]:
    """Leave of a notebook what format 4.0 knows: no ids, and no metadata."""
    return {**content, "nbformat_minor": 0, "metadata": {},
            "cells": [{**one, "metadata": {}, "id": None, "source": "".join(one["source"])}
                      for one in content["cells"]]}  # fmt: skip


def test_a_notebook_without_ids_under_another_name_is_known_by_its_texts(
    classroom: Any, tools: Any, isolation: Isolation
) -> None:
    content = bare(right(classroom, tools))
    classroom.hand_in("ada", content, "Copy_of_90_small.ipynb")
    only_code = [one for one in content["cells"] if one["cell_type"] == "code" and "assert" not in one["source"]]
    classroom.hand_in("bob", {**content, "cells": only_code}, "Untitled.ipynb")
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "ada") == tools.verdicts(book, "bob") == ALL
    assert book.odd["ada"] == ["Copy_of_90_small.ipynb: taken for 90-small.ipynb, by its cells"]


def test_an_answer_under_another_name_is_run_and_told(classroom: Any, tools: Any, isolation: Isolation) -> None:
    content = bare(right(classroom, tools))
    for one in content["cells"]:
        one["source"] = one["source"].replace("safe_load = ", "my_load = ")
    classroom.hand_in("ada", content)
    grade = tools.the(classroom.grade(isolation), "ada", "border")
    assert grade.verdict == "failed" and "does not define `safe_load`" in grade.message
    assert grade.notes[0] == "no cell defines safe_load; the last one below the task was run"


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_in_a_cell_of_another_kind_is_told(
    kind: str, classroom: Any, tools: Any, isolation: Isolation
) -> None:
    content = right(classroom, tools)
    cell(content, "border")["cell_type"] = kind
    fenced = {**tools.own(f"My answer:\n\n```python\n{tools.RIGHT['waits']}\n```\n"), "cell_type": kind}
    cell(content, "waits")["source"] = ""
    content["cells"].append(fenced)
    classroom.hand_in("ada", content)
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "ada") == {**ALL, "border": "missing", "waits": ANSWERLESS}
    for exercise in ("border", "waits"):
        (note,) = tools.the(book, "ada", exercise).notes
        assert f"is a {kind} cell, which is not run: make it a code cell" in note


def test_a_notebook_that_answers_nothing_is_told(classroom: Any, tools: Any, isolation: Isolation) -> None:
    classroom.hand_in("ada", tools.notebook([tools.own("x = 1")]))
    classroom.hand_in("bob", tools.notebook([tools.own("x = 1")]), "holiday.ipynb")
    book = classroom.grade(isolation)
    assert book.odd["ada"] == ["90-small.ipynb: none of its cells answers an exercise of 90-small"]
    assert book.odd["bob"][0].startswith("no cell of holiday.ipynb belongs to a chapter graded here")


def test_of_several_notebooks_the_one_that_answers_most_is_graded(
    classroom: Any, tools: Any, isolation: Isolation
) -> None:
    classroom.hand_in("ada", classroom.answered({"border": "safe_load = 0"}))
    classroom.hand_in("ada", right(classroom, tools), "90-small (1).ipynb")
    for number in range(20):
        classroom.hand_in("ada", classroom.handed_out(), f"90-small draft {number:02}.ipynb")
        classroom.hand_in("ada", b"{", f"90-small damaged {number:02}.ipynb")
    classroom.hand_in("bob", right(classroom, tools))
    classroom.hand_in("bob", right(classroom, tools), "90-a copy.ipynb")
    book = classroom.grade(isolation)
    aside = "left aside, {} was graded, which answers no fewer exercises"
    assert tools.verdicts(book, "ada") == ALL
    assert book.odd["ada"][3:] == [
        "and 17 more like these",
        "90-small (1).ipynb: taken for 90-small.ipynb, by its cells",
        "90-small draft 00.ipynb, 90-small draft 01.ipynb, 90-small draft 02.ipynb and 18 more: "
        + aside.format("90-small (1).ipynb"),
    ]
    assert book.odd["bob"] == ["90-a copy.ipynb: " + aside.format("90-small.ipynb")]


def test_what_the_first_cell_imports_and_defines_is_there_for_every_exercise(
    classroom: Any, tools: Any, isolation: Isolation
) -> None:
    content = classroom.answered({
        "border": "import statistics\nsafe_load = servers / mean_service / (m.fabs(retries) + ONE)",
        "waits": "def waits(base, cap, count):\n    return [small(cap, base * m.pow(2, n)) for n in range(count)]",
        "retry": f"assert statistics and re\n{tools.RIGHT['retry']}",
        "cure": f"assert not {{'first', 'os', 'loud'}} & {{*globals()}}\n{tools.RIGHT['cure']}",
    })  # fmt: skip
    first = "import math as m\nONE = 1\nloud = print('never again')\n\n\ndef small(a, b):\n    return min(a, b)"
    content["cells"].insert(0, tools.own(first))
    cell(content, "waits", "givens")["source"] = "base = 0.5\ncap = 8.0\nimport os"  # of a locked cell nothing is taken
    next(one for one in content["cells"] if one["id"] == "parameters")["source"] = "import re\nseed = 5"
    classroom.hand_in("ada", content)
    book = classroom.grade(isolation)
    assert tools.verdicts(book, "ada") == ALL, book


def test_values_of_python_are_told_as_what_they_are(classroom: Any, tools: Any, isolation: Isolation) -> None:
    check = 'assert isinstance(safe_load, int | float), f"{safe_load!r} is no number"'
    cells = tools.exercise_cells("border", {**tools.EXERCISES["border"], "check": check}, ["safe_load"], {}, "91")
    classroom.chapter("91-told", tools.notebook(cells))
    assignment = classroom.assignment(chapter="91-told")
    for source, told in (("from fractions import Fraction\nsafe_load = Fraction(16)", "Fraction(16, 1) is no number"),
                         ("files = !ls\nlen?\nsafe_load = files", "[] is no number")):  # fmt: skip
        done = runner.run(assignment.job(assignment.exercises[0], [("<your answer>", plain(source))]), isolation)
        assert told in done.result["message"], done


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
