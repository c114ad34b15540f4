"""What is tested of every chapter's exercises.

A file for each chapter takes all of it over, and holds its table of wrong answers, `WRONG`. Answers are run as a page
runs them, in this process. The whole book is graded in the sandbox by tests/exercises/test_whole_book.py, and every
wrong answer by the soak test below.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from companion.exercises.authoring.assignment import Assignment, assignment
from companion.exercises.authoring.decoys import decoys
from companion.exercises.authoring.model import Exercise, strip_hidden
from companion.exercises.grading.match import Match
from companion.exercises.grading.verdict import judge
from companion.exercises.sandbox.isolation import Isolation
from companion.exercises.sandbox.runner import ANSWER, run
from companion.panel.exercise import check

__all__ = [
    "test_a_plausible_wrong_answer_is_told_what_is_wrong",
    "test_every_exercise_has_been_answered_wrongly_at_least_twice",
    "test_most_wrong_answers_fail_by_the_checks_that_a_student_can_see",
    "test_no_decoy_passes",
    "test_page_and_grader_judge_wrong_answers_alike",
    "test_the_solution_passes_and_no_answer_fails",
    "test_the_solution_passes_in_any_variant_and_an_answer_that_is_frozen_in_none",
]
ROOT = Path(__file__).parents[2]
VARIANTS = 2
SLOW = 30.0
"""An exercise that may take longer than this, in seconds, is tried in other numbers only when the book is graded."""

Table = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Wrong:
    """One wrong answer, and what its message must speak of."""

    exercise: Exercise
    answer: str
    why: str


@lru_cache
def chapter(number: str, variant: str | None = None) -> Assignment:
    """Read a chapter's exercises."""
    (path,) = (ROOT / "chapters").glob(f"{number}-*.ipynb")
    return assignment(path, variant)


def wrong_answers(number: str, table: Table) -> list[Wrong]:
    """List a table's answers."""
    by_name = {one.name: one for one in chapter(number).exercises}
    return [Wrong(by_name[name], *case) for name, cases in table.items() for case in cases]


@lru_cache(None)
def told(number: str, exercise: str, answer: str, *, variant: str | None = None, whole: bool = True) -> str:
    """Give the check's message for an answer; empty when it passes."""
    of = chapter(number, variant)
    one = next(one for one in of.exercises if one.name == exercise)
    job = of.job(one, [])
    seed = "" if variant is None else f"\nseed = {job.seed}"
    source = job.check if whole else strip_hidden(job.check)
    result = json.loads(check(json.dumps({"givens": "\n".join(job.givens) + seed, "answer": answer, "check": source})))
    assert result["ok"] is (result["message"] == "")
    return str(result["message"])


def test_the_solution_passes_and_no_answer_fails(number: str, exercise: Exercise) -> None:
    assert told(number, exercise.name, exercise.answer.source) == ""
    assert "your answer is missing" in told(number, exercise.name, exercise.stub)


def test_the_solution_passes_in_any_variant_and_an_answer_that_is_frozen_in_none(number: str, quick: Exercise) -> None:
    for variant in (secrets.token_hex(4) for _ in range(VARIANTS)):
        assert told(number, quick.name, quick.answer.source, variant=variant) == "", f"--variant {variant}"
        for what, source in [*decoys(quick).items()][:1]:
            assert told(number, quick.name, source, variant=variant) != "", f"--variant {variant}: one that {what}"


def test_no_decoy_passes(number: str, quick: Exercise) -> None:
    for what, source in decoys(quick).items():
        assert told(number, quick.name, source) != "", f"one passes that {what}"


def test_a_plausible_wrong_answer_is_told_what_is_wrong(number: str, wrong: Wrong) -> None:
    # The hidden tests come last: what fails before them fails in the same words without them.
    seen = told(number, wrong.exercise.name, wrong.answer, whole=False)
    assert wrong.why in (seen or told(number, wrong.exercise.name, wrong.answer))


def test_every_exercise_has_been_answered_wrongly_at_least_twice(number: str, table: Table) -> None:
    finished = {one.name for one in chapter(number).exercises if "(write:" not in one.task.source}
    assert {name: len(table.get(name, [])) for name in finished if len(table.get(name, [])) < 2} == {}


def test_most_wrong_answers_fail_by_the_checks_that_a_student_can_see(number: str, table: Table) -> None:
    cases = wrong_answers(number, table)
    seen = [told(number, one.exercise.name, one.answer, whole=False) != "" for one in cases]
    assert sum(seen) > 0.8 * len(seen)


@pytest.mark.soak
def test_page_and_grader_judge_wrong_answers_alike(number: str, wrong: Wrong, isolation: Isolation) -> None:
    job = chapter(number).job(wrong.exercise, [(ANSWER, wrong.answer)])
    grade = judge("ada", wrong.exercise, Match(job.cells, found=True), run(job, isolation), job.seconds)
    assert grade.verdict in ("failed", "error"), grade
    assert wrong.why in grade.message or grade.verdict == "error", grade
