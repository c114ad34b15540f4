"""A check that a frozen answer passes tests too little."""

from __future__ import annotations

import pytest

from companion.exercises.authoring.decoys import decoys
from companion.exercises.authoring.release import try_checks
from companion.exercises.sandbox.isolation import Isolation
from tests.exercises.classroom import (
    Class,
    exercise_cells,
    notebook,
)

NEAR = {
    "task": "### Exercise 1: Twice\n\nWrite `twice(values)`.",
    "answer": "def twice(values):\n    ### BEGIN SOLUTION\n    return 2 * len(values)\n    ### END SOLUTION",
    "check": "assert twice([1, 2]) == 4\nassert 3 < twice([3, 4]) < 9",
}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", "that gives its first result whatever it is asked"),
        (
            "given = [5]\nassert twice(given) == 2 or not given",
            "that gives its first result, and empties what it is given",
        ),
        ("assert twice([5]) == 2", ""),
    ],
)
def test_a_check_that_a_frozen_answer_passes_is_refused(
    more: str, told: str, classroom: Class, here: Isolation
) -> None:
    cells = exercise_cells("twice", {**NEAR, "check": f"{NEAR['check']}\n{more}"}, ["twice"], {}, "91")
    classroom.chapter("91-near", notebook(cells))
    refused = try_checks([classroom.assignment(None, "91-near")], here)
    assert bool(refused) is bool(told) and told in " ".join(refused)
    assert all("91-near: an answer to exercise twice passes" in one for one in refused)


def test_an_exercise_that_asks_for_no_function_has_no_decoys(classroom: Class) -> None:
    assert {one.name: len(decoys(one)) for one in classroom.assignment().exercises} == {
        "border": 0, "waits": 2, "retry": 2, "cure": 0}  # fmt: skip
