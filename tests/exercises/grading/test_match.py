"""Answers are found however much was moved, copied, renamed or deleted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.exercises.grading.match import chapters_of, kept_lines, match_answers, plain, same, score
from companion.exercises.grading.submissions import Submission, SubmittedCell
from companion.exercises.sandbox.isolation import Isolation
from companion.exercises.sandbox.runner import ANSWER
from tests.exercises.classroom import (
    ALL,
    ANSWERLESS,
    CHAPTER,
    EXERCISES,
    RIGHT,
    Class,
    cell,
    exercise_cells,
    notebook,
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


PLAIN = [
    ("a = 1\n%time\nb = 2", "a = 1\npass\nb = 2"),
    ("if a:\n    !ls\n", "if a:\n    pass\n"),
    ("?len\nlen?\nmath.pi??", "pass\npass\npass"),
    ("files = !ls\nx, y = %magic", "files = []\nx, y = []"),
    ("    t = !date", "    t = !date"),  # no Python without it either: it stays as it was
    ("a = b % c", "a = b % c"),
    ('text = """\n%not a magic\n"""', 'text = """\n%not a magic\n"""'),
    ("def (:\n%x", "def (:\n%x"),
]


@pytest.mark.parametrize(("source", "without"), PLAIN)
def test_lines_of_ipython_are_left_out_where_only_they_are_no_python(source: str, without: str) -> None:
    assert plain(source) == without


KEPT = """\
import os
x = print(1)
from re import (
    sub,
)
ONE = 1
TWO = ONE + 1
a.b = 3
@cached
def f():
    return ONE


class C:
    pass
async def g(): ...
if True:
    import json
"""


def test_of_an_earlier_cell_imports_are_kept_in_their_lines() -> None:
    lines = KEPT.splitlines()
    assert kept_lines(KEPT, definitions=False) == "\n".join(["import os", "", *lines[2:5]])
    wanted = ["import os", "", *lines[2:6], "", *lines[7:16]]
    assert kept_lines(KEPT, definitions=True) == "\n".join(wanted)
    assert kept_lines("x = f()", definitions=True) == "" == kept_lines("def (", definitions=True)


def test_cells_differ_in_more_than_space_at_the_ends_of_lines() -> None:
    assert same("a = 1  \n\nb\n\n", "\na = 1\n\nb") and not same("a = 1", "a  = 1")


def read(content: dict[str, Any], name: str = "x.ipynb") -> Submission:
    cells = [SubmittedCell(n, str(one.get("id") or ""), one["metadata"].get("nbgrader", {}).get("grade_id", ""),
                           one["cell_type"], "".join(one["source"]), tuple(one["metadata"].get("tags", ())))
             for n, one in enumerate(content["cells"], start=1)]  # fmt: skip
    return Submission(Path(name), cells)


def test_a_notebook_belongs_to_the_chapter_that_its_name_or_its_cells_tell(classroom: Class) -> None:
    other = {**EXERCISES["border"], "task": "### Exercise 1: Another border\n\nWrite `waits`, `cure` and `safe_load`."}
    classroom.chapter("91-more", notebook(exercise_cells("border", other, ["safe_load"], {}, "91")))
    both = [classroom.assignment(None, name) for name in (CHAPTER, "91-more")]
    mine = classroom.answered({"border": "safe_load = 1"})
    assert chapters_of(read(notebook([]), "91-more.ipynb"), both) == ["91-more"]
    assert chapters_of(read(mine), both[:1]) == [CHAPTER] and score(read(mine), both[0]) > 10
    assert score(read(notebook([])), both[0]) == 0  # the cell of parameters says nothing
    answers = [own(f"{name} = 1", name) for name in ("safe_load", "waits", "cure")]
    assert chapters_of(read({"cells": answers}), both) == [CHAPTER]
    assert chapters_of(read({"cells": answers}), both[1:]) == ["91-more"]
    assert chapters_of(read({"cells": [{**one, "cell_type": "raw"} for one in answers]}), both) == []
    assert chapters_of(read({"cells": [own("border = 1")]}), both) == [] == chapters_of(read({"cells": answers}), [])


@pytest.mark.parametrize("level", ["###", "#", "#####"])
def test_a_task_that_was_edited_is_known_by_its_heading(level: str, classroom: Class) -> None:
    heading = {
        "cell_type": "markdown",
        "id": "h",
        "metadata": {},
        "source": f"\n{level} Exercise 1: The border \n\nMine.",
    }
    assert score(read({"cells": [heading]}), classroom.assignment()) == 1
    assert score(read({"cells": [{**heading, "cell_type": "code"}]}), classroom.assignment()) == 0
    renamed = {**heading, "source": f"{level} Exercise 2: The border"}
    assert score(read({"cells": [renamed]}), classroom.assignment()) == 0


def test_which_cells_an_answer_is_made_of(classroom: Class) -> None:
    content = right(classroom)
    place = content["cells"].index(cell(content, "waits"))
    content["cells"][place + 1 : place + 1] = [own("after = 1", "after"), own("", "empty")]
    content["cells"][place:place] = [own("%time\nbefore = 1", "before")]
    content["cells"][0:0] = [own("import first\nfirst.run()", "first")]
    matches = match_answers(read(content), classroom.assignment())
    numbers = {one["id"]: n for n, one in enumerate(content["cells"], start=1)}
    waits = matches["waits"]
    assert [name for name, _ in waits.cells] == [
        "<your cell 1>", f"<your cell {numbers['before']}>", ANSWER, f"<your cell {numbers['after']}>"]  # fmt: skip
    assert dict(waits.cells)["<your cell 1>"] == "import first"
    assert waits.notes == [
        f"added cells count as part of the answer (cells {numbers['before']}, {numbers['after']})",
        "lines of IPython (% or !) were left out",
    ]
    assert dict(matches["border"].cells)["<your cell 1>"] == "import first\nfirst.run()"  # it stands before exercise 1
    assert waits.found and not waits.other_givens


def test_cells_after_an_answer_without_its_check_are_the_next_ones(classroom: Class) -> None:
    content = right(classroom)
    content["cells"].remove(cell(content, "border", "check"))
    place = content["cells"].index(cell(content, "border"))
    content["cells"].insert(place + 1, own("helper = 1", "helper"))
    matches = match_answers(read(content), classroom.assignment())
    assert [name for name, _ in matches["border"].cells] == [ANSWER]
    assert "helper = 1" in [source for _, source in matches["waits"].cells]


def test_changed_givens_and_checks_are_noted_unless_only_space_is_new(classroom: Class) -> None:
    content = right(classroom)
    givens = cell(content, "border", "givens")
    givens["source"] = f"\n{''.join(givens['source'])}  \n"
    whole = classroom.assignment().exercises[1].check.source
    cell(content, "waits", "check")["source"] = whole  # as the answer book has it
    cell(content, "cure", "givens")["source"] = "load = 1"
    matches = match_answers(read(content), classroom.assignment())
    assert matches["border"].notes == [] == matches["waits"].notes and not matches["border"].other_givens
    assert matches["cure"].notes == ["the givens were changed; the grader used its own"]
    assert matches["cure"].other_givens and matches["retry"].other_givens is False


def test_of_several_answers_the_note_names_the_one_that_was_taken(classroom: Class) -> None:
    content = right(classroom)
    stub = {**cell(content, "border"), "id": "again", "source": classroom.assignment().exercises[0].stub}
    content["cells"].append(stub)
    place, last = content["cells"].index(cell(content, "border")) + 1, len(content["cells"])
    match = match_answers(read(content), classroom.assignment())["border"]
    assert match.notes[0] == f"2 cells answer it (cells {place}, {last}); cell {place} was taken"
    cell(content, "border")["source"] = stub["source"]
    match = match_answers(read(content), classroom.assignment())["border"]
    assert match.notes[0].endswith(f"cell {last} was taken") and match.cells == [] and match.found


def names(content: dict[str, Any], classroom: Class, exercise: str = "border") -> list[str]:
    """Name the cells that an exercise's answer is made of."""
    return [name for name, _ in match_answers(read(content), classroom.assignment())[exercise].cells]


def test_a_cell_between_an_answer_and_its_check_counts_though_the_check_is_known_by_its_text_alone(
    classroom: Class,
) -> None:
    content = right(classroom)
    check = cell(content, "border", "check")
    check.update(metadata={}, id="lost")
    place = content["cells"].index(cell(content, "border"))
    content["cells"].insert(place + 1, own("helper = 1", "helper"))
    assert names(content, classroom) == [ANSWER, f"<your cell {place + 2}>"]


def test_where_an_answers_own_cells_begin_and_end(classroom: Class) -> None:
    content = right(classroom)
    answer, check, givens = (cell(content, "border", role) for role in ("answer", "check", "givens"))
    helper, task = own("helper = 1", "helper"), cell(content, "waits", "task")
    for cells, made_of in (
        ([answer, check, helper], [ANSWER]),  # after the check, though nothing stands above the answer
        ([answer, givens, helper, check], [ANSWER, "<your cell 3>"]),
        ([answer, helper, task], [ANSWER]),  # the check was deleted: it may be of the next exercise
        ([answer, helper], [ANSWER, "<your cell 2>"]),
        ([helper, answer, check], ["<your cell 1>", ANSWER]),
    ):
        assert names({**content, "cells": cells}, classroom) == made_of


def test_the_answer_of_another_exercise_that_defines_the_name_too_is_not_taken(classroom: Class) -> None:
    content = right(classroom)
    content["cells"].remove(cell(content, "border"))
    waits = cell(content, "waits")
    waits["source"] = "".join(waits["source"]) + "\nsafe_load = 1"
    match = match_answers(read(content), classroom.assignment())["border"]
    assert (match.cells, match.found) == ([], False)
