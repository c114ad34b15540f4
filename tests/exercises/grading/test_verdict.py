"""What became of an answer is told in words that help."""

from __future__ import annotations

import pytest

from companion.exercises.grading.match import plain
from companion.exercises.sandbox.isolation import Isolation
from tests.exercises.classroom import (
    EXERCISES,
    Class,
    exercise_cells,
    notebook,
    run_here,
    the,
)


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
def test_what_is_said_of_an_answer(source: str, verdict: str, message: str, classroom: Class, here: Isolation) -> None:
    classroom.hand_in("eve", classroom.answered({"border": source}))
    grade = the(classroom.grade(here), "eve", "border")
    assert grade.verdict == verdict and message in grade.message, grade


def test_values_of_python_are_told_as_what_they_are(classroom: Class, here: Isolation) -> None:
    check = 'assert isinstance(safe_load, int | float), f"{safe_load!r} is no number"'
    cells = exercise_cells("border", {**EXERCISES["border"], "check": check}, ["safe_load"], {}, "91")
    classroom.chapter("91-told", notebook(cells))
    assignment = classroom.assignment(chapter="91-told")
    for source, told in (("from fractions import Fraction\nsafe_load = Fraction(16)", "Fraction(16, 1) is no number"),
                         ("files = !ls\nlen?\nsafe_load = files", "[] is no number")):  # fmt: skip
        done = run_here(assignment.job(assignment.exercises[0], [("<your answer>", plain(source))]), here)
        assert told in done.result["message"], done
