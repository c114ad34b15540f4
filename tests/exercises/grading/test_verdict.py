"""What became of an answer is told in words that help."""

from __future__ import annotations

from typing import Any

import pytest

from companion.exercises.grading.match import Match, plain
from companion.exercises.grading.verdict import MEANING, judge, without_run
from companion.exercises.sandbox.isolation import Isolation
from companion.exercises.sandbox.runner import ANSWER, Run
from tests.exercises.classroom import (
    CHAPTER,
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


LATE = Run({"verdict": "passed"}, None, "", 3.0, late=True)
RUNS: list[tuple[Run, str, str]] = [
    (Run({"verdict": "passed", "message": "unheard"}, 0, "", 1.0), "passed", ""),
    (Run({"verdict": "passed"}, None, "", 1.0, refused="no network here", late=True), "not graded", "no network here"),
    (LATE, "timed out", "it was given 2.5 s of processor time, and 7.5 s by the clock"),
    (Run({"verdict": "passed"}, None, "", 1.0, full=True), "killed", "it wrote more files than it may"),
    (Run({"verdict": "gone", "message": "too large"}, 0, "", 1.0), "killed", "too large"),
    (Run({"verdict": "gone"}, None, "", 1.0), "killed", "its process ended"),
    (Run({"verdict": "gone"}, 0, "", 1.0), "killed", "it ended its own process (exit status 0)"),
    (Run({"verdict": "gone"}, 3, "", 1.0), "killed", "it ended its own process (exit status 3)"),
    (Run({"verdict": "gone"}, -9, "", 1.0), "killed", "its process was killed (signal SIGKILL)"),
    (Run({"verdict": "gone"}, -1000, "", 1.0), "killed", "its process was killed (signal 1000)"),
    (Run({"verdict": "failed", "message": "too low", "hidden": True}, 0, "", 1.0), "failed", "too low"),
    (Run({"verdict": "failed", "hidden": True}, 0, "", 1.0), "failed", "a test on other numbers than yours failed"),
    (Run({"verdict": "failed", "hidden": False}, 0, "", 1.0), "failed", "the check failed"),
    (Run({"verdict": "error", "message": "E: e"}, 0, "", 1.0), "error", "E: e"),
    (Run({"verdict": "error", "message": "M: m", "memory": True}, 0, "", 1.0), "out of memory", "M: m"),
    (Run({}, 0, "", 1.0), "failed", "the check broke down on what the answer gave"),
]


@pytest.mark.parametrize(("run", "verdict", "message"), RUNS, ids=lambda part: part if isinstance(part, str) else "")
def test_every_end_of_a_run_has_its_verdict_and_only_a_passed_one_has_points(
    run: Run, verdict: str, message: str, classroom: Class
) -> None:
    exercise = classroom.assignment().exercises[0]
    grade = judge("ada", exercise, Match([(ANSWER, "x = 1")], ["a note"], found=True), run, 2.5)
    assert (grade.verdict, grade.message) == (verdict, message)
    assert (grade.points, grade.of) == (2.0 if verdict == "passed" else 0.0, 2.0)
    assert (grade.student, grade.chapter, grade.exercise) == ("ada", CHAPTER, "border")
    assert grade.notes == ["a note"] and grade.seconds == run.seconds and verdict in MEANING


def test_a_grade_without_a_run_has_no_points_and_says_of_how_many(classroom: Class) -> None:
    grade = without_run("ada", classroom.assignment().exercises[0], "missing", "nowhere", ["a note"])
    assert (grade.verdict, grade.message, grade.points, grade.of) == ("missing", "nowhere", 0.0, 2.0)
    assert grade.notes == ["a note"] and grade.title == "Exercise 1: The border"


PLACES: list[tuple[dict[str, Any], str]] = [
    ({"cell": ANSWER, "line": 2}, "E, in line 2 of your answer (b = a)"),
    ({"cell": ANSWER, "line": 3}, f"E, in line 3 of your answer ({'c' * 200})"),
    ({"cell": ANSWER, "line": 4}, "E, in line 4 of your answer"),  # as a syntax error has it that meets the end
    ({"cell": ANSWER, "line": 0}, "E, in line 0 of your answer"),
    ({"cell": "<your cell 7>", "line": 1}, "E, in line 1 of your cell 7 (d = 1)"),
    ({"cell": "<elsewhere>", "line": 1}, "E"),
    ({"cell": ANSWER, "line": None}, "E"),
]


@pytest.mark.parametrize(("place", "message"), PLACES, ids=str)
def test_an_error_names_its_line_as_far_as_it_is_known(place: dict[str, Any], message: str, classroom: Class) -> None:
    match = Match([("<your cell 7>", "d = 1"), (ANSWER, f"a = 1\n  b = a\n{'c' * 300}")], found=True)
    run = Run({"verdict": "error", "message": "E", **place}, 0, "", 1.0)
    assert judge("ada", classroom.assignment().exercises[0], match, run, 2.5).message == message


def test_only_a_name_that_is_missing_is_explained_by_running_alone(classroom: Class) -> None:
    exercise, alone = classroom.assignment().exercises[0], "Each exercise runs alone"
    for kind, text, explained in (("NameError", "name 'm' is not defined", True), ("NameError", "other", False),
                                  ("ValueError", "name 'm' is not defined", False)):  # fmt: skip
        run = Run({"verdict": "error", "message": text, "type": kind}, 0, "", 1.0)
        assert (alone in judge("ada", exercise, Match(found=True), run, 2.5).message) is explained
    run = Run({"verdict": "error", "message": "name 'm' is not defined", "type": "NameError"}, 0, "", 1.0)
    assert judge("ada", exercise, Match(found=True), run, 2.5).message == (
        "name 'm' is not defined. Each exercise runs alone: "
        "what it needs must be imported or defined in its own cells"
    )  # fmt: skip


def test_a_grade_tells_milliseconds_and_no_finer(classroom: Class) -> None:
    run = Run({"verdict": "passed"}, 0, "", 1.23456)
    assert judge("ada", classroom.assignment().exercises[0], Match(found=True), run, 2.5).seconds == 1.235
