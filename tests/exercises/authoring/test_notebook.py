"""Exercises are read from a chapter's notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.exercises.authoring.model import ExerciseError
from companion.exercises.authoring.notebook import exercises_in
from companion.notebooks import BookError
from tests.exercises.classroom import (
    CHAPTER,
    EXERCISES,
    Class,
    exercise_cells,
    notebook,
    own,
)

CHAPTERS = sorted((Path(__file__).parents[3] / "chapters").glob("*.ipynb"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_books_own_exercises_are_as_the_format_wants_them(path: Path) -> None:
    for exercise in exercises_in(path):
        assert exercise.points > 0


def test_an_exercise_is_read(classroom: Class) -> None:
    border, waits, retry, cure = exercises_in(classroom.root / "chapters" / f"{CHAPTER}.ipynb")
    assert (border.name, border.title, border.points, border.seconds) == ("border", "Exercise 1: The border", 2, 10)
    assert border.defines == ["safe_load"] and retry.givens is None and waits.hint is None
    assert border.vary["retries"] == {"low": 1, "high": 4} and cure.needs == frozenset()
    assert border.answer.grade_id == "90-border-answer" and border.chapter == "90-small"


def test_cells_of_another_kind_between_two_of_an_exercise_are_a_fault(classroom: Class) -> None:
    cells = exercise_cells("border", EXERCISES["border"], ["safe_load"], {})
    cells.insert(2, own("x = 1"))
    with pytest.raises(ExerciseError, match="side by side"):
        exercises_in(classroom.chapter(CHAPTER, notebook(cells)))


def test_nbgraders_metadata_alone_is_a_fault(classroom: Class) -> None:
    cell = {**own("x = 1"), "metadata": {"nbgrader": {"grade_id": "x"}}}
    with pytest.raises(ExerciseError, match=r"cell 3: has nbgrader's metadata only"):
        exercises_in(classroom.chapter(CHAPTER, notebook([cell])))


def test_no_notebook_is_an_error_of_the_book(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="cannot be read"):
        exercises_in(tmp_path / "none.ipynb")
