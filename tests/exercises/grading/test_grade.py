"""A class is graded: whose notebook, which verdict, how many points."""

from __future__ import annotations

from companion.exercises.sandbox.isolation import Isolation
from tests.exercises.classroom import (
    ALL,
    CHAPTER,
    NONE,
    PASSED,
    RIGHT,
    Class,
    notebook,
    own,
    right,
    the,
    verdicts,
)


def test_right_answers_score_all(classroom: Class, isolation: Isolation) -> None:
    classroom.hand_in("ada", right(classroom))
    book = classroom.grade(isolation)
    assert verdicts(book, "ada") == ALL
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


def test_wrong_answers_are_told_why(classroom: Class, isolation: Isolation) -> None:
    classroom.hand_in("bob", classroom.answered({name: source for name, (source, *_) in WRONG.items()}))
    book = classroom.grade(isolation)
    for name, (_, verdict, message) in WRONG.items():
        grade = the(book, "bob", name)
        assert grade.verdict == verdict and message in grade.message, grade


def test_an_untouched_and_an_empty_notebook_are_told_apart(classroom: Class, here: Isolation) -> None:
    classroom.hand_in("cid", classroom.handed_out())
    classroom.hand_in("dan", notebook([]))
    classroom.hand_in("eli", "", "notes.txt")
    book = classroom.grade(here)
    assert verdicts(book, "cid") == NONE
    assert verdicts(book, "dan") == dict.fromkeys(ALL, "missing")
    assert verdicts(book, "eli") == dict.fromkeys(ALL, "missing")


def test_a_renamed_notebook_is_known_by_its_cells(classroom: Class, here: Isolation) -> None:
    classroom.hand_in("ada", right(classroom), "ada final (2).ipynb")
    book = classroom.grade(here)
    assert verdicts(book, "ada") == ALL
    assert "taken for 90-small.ipynb" in book.odd["ada"][0]


def test_a_notebook_that_answers_nothing_is_told(classroom: Class, here: Isolation) -> None:
    classroom.hand_in("ada", notebook([own("x = 1")]))
    classroom.hand_in("bob", notebook([own("x = 1")]), "holiday.ipynb")
    book = classroom.grade(here)
    assert book.odd["ada"] == ["90-small.ipynb: none of its cells answers an exercise of 90-small"]
    assert book.odd["bob"][0].startswith("no cell of holiday.ipynb belongs to a chapter graded here")


def test_of_several_notebooks_the_one_that_answers_most_is_graded(classroom: Class, here: Isolation) -> None:
    classroom.hand_in("ada", classroom.answered({"border": "safe_load = 0"}))
    classroom.hand_in("ada", right(classroom), "90-small (1).ipynb")
    for number in range(20):
        classroom.hand_in("ada", classroom.handed_out(), f"90-small draft {number:02}.ipynb")
        classroom.hand_in("ada", b"{", f"90-small damaged {number:02}.ipynb")
    classroom.hand_in("bob", right(classroom))
    classroom.hand_in("bob", right(classroom), "90-a copy.ipynb")
    book = classroom.grade(here)
    aside = "left aside, {} was graded, which answers no fewer exercises"
    assert verdicts(book, "ada") == ALL
    assert book.odd["ada"][3:] == [
        "and 17 more like these",
        "90-small (1).ipynb: taken for 90-small.ipynb, by its cells",
        "90-small draft 00.ipynb, 90-small draft 01.ipynb, 90-small draft 02.ipynb and 18 more: "
        + aside.format("90-small (1).ipynb"),
    ]
    assert book.odd["bob"] == ["90-a copy.ipynb: " + aside.format("90-small.ipynb")]


def test_the_readable_copy_is_graded(classroom: Class, here: Isolation) -> None:
    classroom.hand_in("ada", b"{", f"{CHAPTER}.ipynb")
    classroom.hand_in("ada", classroom.answered({"border": RIGHT["border"]}), "saved.ipynb")
    book = classroom.grade(here)
    assert verdicts(book, "ada") == {**NONE, "border": PASSED}
    assert "damaged" in book.odd["ada"][0]


def test_answers_of_another_variant_raise_a_doubt(classroom: Class, here: Isolation) -> None:
    classroom.hand_in("ada", classroom.answered({"border": RIGHT["border"]}, variant="autumn"))
    assert classroom.grade(here, variant="autumn").warnings == []
    (warning,) = classroom.grade(here).warnings
    assert "--variant" in warning
