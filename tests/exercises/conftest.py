"""The fixtures that tests of exercises share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.exercises.authoring import release
from companion.exercises.grading import grade
from companion.exercises.sandbox.isolation import UNPROTECTED, Isolation
from companion.exercises.sandbox.probe import find_isolation
from tests.exercises.classroom import Class, run_here


@pytest.fixture
def classroom(tmp_path: Path) -> Class:
    """Make a small book and an empty class."""
    return Class(tmp_path / "small")


@pytest.fixture(scope="session")
def found() -> Isolation:
    """Find out which layers this system gives, whatever they are."""
    return find_isolation()


@pytest.fixture(scope="session")
def isolation(found: Isolation) -> Iterator[Isolation]:
    """Give layers for answers that mean no harm: those found, or none where the system gives too few."""
    yield found if found.enough else UNPROTECTED


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Isolation:
    """Let answers run in this process: where a test is about what is found and told, and not about the sandbox."""
    monkeypatch.setattr(grade, "run", run_here)
    monkeypatch.setattr(release, "run", run_here)
    return UNPROTECTED
