"""Answers are found however much was moved, copied, renamed or deleted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from companion.exercises.sandbox.isolation import Isolation
from tests.exercises.classroom import (
    ALL,
    ANSWERLESS,
    RIGHT,
    Class,
    cell,
    own,
    right,
    the,
    verdicts,
)


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
def test_right_answers_in_an_odd_notebook_score_all(name: str, classroom: Class, here: Isolation) -> None:
    change, note = QUIRKS[name]
    content = right(classroom)
    change(content)
    classroom.hand_in("ada", content)
    book = classroom.grade(here)
    assert verdicts(book, "ada") == ALL
    assert any(note in one for grade in book.grades for one in grade.notes) or not note


def test_the_rest_of_a_notebook_with_deleted_cells_is_graded(classroom: Class, here: Isolation) -> None:
    content = right(classroom)
    for exercise, role in ("border", "answer"), ("waits", "givens"), ("waits", "check"), ("retry", "task"):
        content["cells"].remove(cell(content, exercise, role))
    classroom.hand_in("ada", content)
    assert verdicts(classroom.grade(here), "ada") == {**ALL, "border": "missing"}


def bare(content: dict[str, Any]) -> dict[str, Any]:
    """Leave of a notebook what format 4.0 knows: no ids, and no metadata."""
    return {**content, "nbformat_minor": 0, "metadata": {},
            "cells": [{**one, "metadata": {}, "id": None, "source": "".join(one["source"])}
                      for one in content["cells"]]}  # fmt: skip


def test_a_notebook_without_ids_under_another_name_is_known_by_its_texts(classroom: Class, here: Isolation) -> None:
    content = bare(right(classroom))
    classroom.hand_in("ada", content, "Copy_of_90_small.ipynb")
    only_code = [one for one in content["cells"] if one["cell_type"] == "code" and "assert" not in one["source"]]
    classroom.hand_in("bob", {**content, "cells": only_code}, "Untitled.ipynb")
    book = classroom.grade(here)
    assert verdicts(book, "ada") == verdicts(book, "bob") == ALL
    assert book.odd["ada"] == ["Copy_of_90_small.ipynb: taken for 90-small.ipynb, by its cells"]


def test_an_answer_under_another_name_is_run_and_told(classroom: Class, here: Isolation) -> None:
    content = bare(right(classroom))
    for one in content["cells"]:
        one["source"] = one["source"].replace("safe_load = ", "my_load = ")
    classroom.hand_in("ada", content)
    grade = the(classroom.grade(here), "ada", "border")
    assert grade.verdict == "failed" and "does not define `safe_load`" in grade.message
    assert grade.notes[0] == "no cell defines safe_load; the last one below the task was run"


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_in_a_cell_of_another_kind_is_told(kind: str, classroom: Class, here: Isolation) -> None:
    content = right(classroom)
    cell(content, "border")["cell_type"] = kind
    fenced = {**own(f"My answer:\n\n```python\n{RIGHT['waits']}\n```\n"), "cell_type": kind}
    cell(content, "waits")["source"] = ""
    content["cells"].append(fenced)
    classroom.hand_in("ada", content)
    book = classroom.grade(here)
    assert verdicts(book, "ada") == {**ALL, "border": "missing", "waits": ANSWERLESS}
    for exercise in ("border", "waits"):
        (note,) = the(book, "ada", exercise).notes
        assert f"is a {kind} cell, which is not run: make it a code cell" in note


def test_what_the_first_cell_imports_and_defines_is_there_for_every_exercise(classroom: Class, here: Isolation) -> None:
    content = classroom.answered({
        "border": "import statistics\nsafe_load = servers / mean_service / (m.fabs(retries) + ONE)",
        "waits": "def waits(base, cap, count):\n    return [small(cap, base * m.pow(2, n)) for n in range(count)]",
        "retry": f"assert statistics and re\n{RIGHT['retry']}",
        "cure": f"assert not {{'first', 'os', 'loud'}} & {{*globals()}}\n{RIGHT['cure']}",
    })  # fmt: skip
    first = "import math as m\nONE = 1\nloud = print('never again')\n\n\ndef small(a, b):\n    return min(a, b)"
    content["cells"].insert(0, own(first))
    cell(content, "waits", "givens")["source"] = "base = 0.5\ncap = 8.0\nimport os"  # of a locked cell nothing is taken
    next(one for one in content["cells"] if one["id"] == "parameters")["source"] = "import re\nseed = 5"
    classroom.hand_in("ada", content)
    book = classroom.grade(here)
    assert verdicts(book, "ada") == ALL, book
