"""Gives the tests of exercises their chapter: its number is in the name of the file, its wrong answers are in it."""

from __future__ import annotations

import pytest

from companion.exercises.sandbox.isolation import UNPROTECTED, Isolation
from companion.exercises.sandbox.probe import find_isolation

pytest.register_assert_rewrite("tests.chapters.exercise_checks")
from tests.chapters.exercise_checks import SLOW, chapter, wrong_answers  # noqa: E402 - its asserts are rewritten first


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the exercises, or the wrong answers, of its file's chapter."""
    table = getattr(metafunc.module, "WRONG", None)
    if table is None:
        return
    number = metafunc.module.__name__[-2:]
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", [number])
    if "table" in metafunc.fixturenames:
        metafunc.parametrize("table", [table], ids=["table"])
    if "exercise" in metafunc.fixturenames:
        metafunc.parametrize("exercise", chapter(number).exercises, ids=lambda one: one.name)
    if "quick" in metafunc.fixturenames:
        quick = [one for one in chapter(number).exercises if one.seconds <= SLOW]
        metafunc.parametrize("quick", quick, ids=lambda one: one.name)
    if "wrong" in metafunc.fixturenames:
        metafunc.parametrize("wrong", wrong_answers(number, table), ids=lambda one: one.exercise.name)


@pytest.fixture(scope="session")
def isolation() -> Isolation:
    """Give this system's isolation layers, or none where it gives too few."""
    found = find_isolation()
    return found if found.enough else UNPROTECTED
