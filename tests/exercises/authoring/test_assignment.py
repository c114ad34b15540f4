"""A chapter as a class gets it, and a teacher's secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.exercises.authoring.assignment import assignment, read_secret
from companion.notebooks import BookError
from tests.exercises.classroom import (
    Class,
)


def test_hidden_cases_are_made_from_a_secret_and_nothing_else_is(classroom: Class, tmp_path: Path) -> None:
    made = read_secret(tmp_path / "secret.txt", make=True)
    assert made == read_secret(tmp_path / "secret.txt", make=True) == read_secret(tmp_path / "secret.txt", make=False)
    assert (tmp_path / "secret.txt").stat().st_mode & 0o077 == 0
    assert read_secret(tmp_path / "other.txt", make=True) != made and made not in (tmp_path / "secret.txt").read_text()
    (tmp_path / "empty.txt").touch()
    for name, why in (("empty.txt", "is empty"), ("none.txt", "cannot be read"), ("no/folder.txt", "cannot be read")):
        with pytest.raises(BookError, match=why):
            read_secret(tmp_path / name, make=name == "no/folder.txt")
    path = classroom.root / "chapters" / "90-small.ipynb"
    open_, closed = assignment(path, "7"), assignment(path, "7", made)
    assert open_.givens == closed.givens
    jobs = [[one.job(exercise, []).seed for exercise in one.exercises] for one in (open_, closed)]
    assert not {*jobs[0]} & {*jobs[1]}
