"""A chapter's exercises as a class gets them: the source notebook, and the givens of one variant."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from companion.exercises.authoring.model import Exercise, hidden_lines
from companion.exercises.authoring.notebook import exercises_in, parameters_source
from companion.exercises.authoring.variant import check_seed, redraw
from companion.exercises.sandbox.runner import Job
from companion.notebooks import BookError, cell_source, read_notebook


@dataclass(frozen=True)
class Assignment:
    """The exercises of one chapter, in one variant."""

    chapter: str
    title: str
    source: Path
    parameters: str
    exercises: list[Exercise]
    givens: dict[str, str]
    variant: str | None
    secret: str = ""

    def job(self, exercise: Exercise, cells: list[tuple[str, str]], seconds: float | None = None) -> Job:
        """Describe the run of an answer to one of the exercises."""
        return Job(
            givens=[self.parameters, self.givens[exercise.name]], cells=cells, check=exercise.check.source,
            defines=exercise.defines, seed=check_seed(self.variant, self.chapter, exercise.name, self.secret),
            seconds=seconds or exercise.seconds, needs=exercise.needs,
            objects=bool(exercise.classes),
            hidden=sorted(hidden_lines(exercise.check.source)),
        )  # fmt: skip


def read_secret(path: Path, *, make: bool) -> str:
    """Read a teacher's secret: a text that stands for whatever the file holds.

    Parameters
    ----------
    path
        The file.
    make
        Whether to make one, readable for its owner alone, if it is not there.

    Raises
    ------
    BookError
        If the file cannot be read, or is empty.
    """
    try:
        if make and not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32) + "\n", "utf-8")
        content = path.read_bytes().strip()
    except OSError as error:
        raise BookError(f"{path}: cannot be read: {error.strerror}") from error
    if not content:
        raise BookError(f"{path}: is empty, and nobody's secret")
    return hashlib.sha256(content).hexdigest()


def assignment(path: Path, variant: str | None, secret: str = "") -> Assignment:
    """Read a chapter's exercises and draw the variant's givens.

    Parameters
    ----------
    path
        The chapter's notebook.
    variant
        The seed of the variant; None for the committed numbers.
    secret
        What the hidden cases are made from beside the variant.

    Raises
    ------
    BookError
        If the notebook cannot be read, or an exercise is not as the format wants it.
    """
    exercises = exercises_in(path)
    givens = {
        exercise.name: exercise.givens_source if variant is None
        else redraw(exercise.givens_source, exercise.vary, variant, path.stem, exercise.name)
        for exercise in exercises
    }  # fmt: skip
    first = next(iter(map(cell_source, read_notebook(path)["cells"])), "")
    title = first.strip().partition("\n")[0].lstrip("# ") or path.stem
    return Assignment(path.stem, title, path, parameters_source(path), exercises, givens, variant, secret)
