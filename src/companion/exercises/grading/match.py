"""Which cells of a student's notebook answer which exercise, however much was moved, copied, renamed or deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from companion.exercises.authoring.model import Cell, Exercise, names_bound, parsed, strip_hidden
from companion.exercises.grading.submissions import MAX_CELLS, Submission, SubmittedCell
from companion.exercises.sandbox.runner import ANSWER

_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.M)


@dataclass(frozen=True)
class Match:
    """An exercise's answer as it will be run; `cells` is empty if there is none, or only the stub."""

    cells: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    found: bool = False
    other_givens: bool = False


def score(submission: Submission, exercises: list[Exercise]) -> int:
    """Count the cells of a submission that belong to the exercises of a chapter."""
    known = {name for exercise in exercises for cell in exercise.cells for name in (cell.grade_id, cell.id)}
    return sum(cell.grade_id in known or cell.id in known for cell in submission.cells)


def match_answers(submission: Submission, exercises: list[Exercise], givens: dict[str, str]) -> dict[str, Match]:
    """Find the answers of a chapter's exercises in a student's notebook.

    Parameters
    ----------
    submission : Submission
        The notebook.
    exercises : list of Exercise
        The chapter's.
    givens : dict
        The givens as they were handed out, by exercise; to tell whether the student changed them.
    """
    return _Matcher(submission.cells, exercises, givens).match()


class _Matcher:
    def __init__(self, cells: list[SubmittedCell], exercises: list[Exercise], givens: dict[str, str]) -> None:
        self.cells = cells
        self.exercises = exercises
        self.givens = givens
        roles = {cell.grade_id: (e.name, role) for e in exercises for role, cell in _roles(e).items()}
        ids = {cell.id: (e.name, role) for e in exercises for role, cell in _roles(e).items()}
        texts = {_ends(text): role for role, text in self._handed_out()}
        self.role = [roles.get(cell.grade_id) or ids.get(cell.id) or texts.get(_ends(cell.source)) for cell in cells]

    def _handed_out(self) -> Iterator[tuple[tuple[str, str], str]]:
        """List the texts of the locked cells: one that has lost its names is known by what it says."""
        for exercise in self.exercises:
            yield (exercise.name, "check"), strip_hidden(exercise.check.source)
            if self.givens[exercise.name]:
                yield (exercise.name, "givens"), self.givens[exercise.name]

    def match(self) -> dict[str, Match]:
        chosen: dict[str, tuple[int, list[str]]] = {}
        for exercise in self.exercises:
            place, notes = self._choose(exercise)
            if place is not None:
                chosen[exercise.name] = (place, notes)
        return {
            exercise.name: self._collect(exercise, *chosen[exercise.name]) if exercise.name in chosen
            else self._without_cell(exercise)
            for exercise in self.exercises
        }  # fmt: skip

    def _choose(self, exercise: Exercise) -> tuple[int | None, list[str]]:
        """Pick the answer's cell: by its names, or by what it defines."""
        places = [n for n, role in enumerate(self.role) if role == (exercise.name, "answer") and self._is_code(n)]
        notes = []
        if not places:
            wanted = exercise.answered
            loose = [n for n in range(len(self.cells)) if self.role[n] is None and self._is_code(n)]
            places = [n for n in loose if wanted & names_bound(plain(self.cells[n].source))]
            for place in places:
                self.role[place] = (exercise.name, "answer")
            if places:
                notes.append("the answer's cell had lost its name; it was known by what it defines")
        real = [n for n in places if not same(self.cells[n].source, exercise.stub)]
        if len(places) > 1:
            which = self.cells[(real or places)[-1]].number
            notes.append(f"{len(places)} cells answer it (cells {self._numbers(places)}); cell {which} was taken")
        return ((real or places)[-1] if places else None), notes

    def _collect(self, exercise: Exercise, place: int, notes: list[str]) -> Match:
        """Join the cell with those that the student added around it."""
        before, after = self._added(exercise, place)
        notes += self._changed(exercise)
        cell = self.cells[place]
        stub = same(cell.source, exercise.stub) or not cell.source.strip()
        if stub:
            added = [n for n in before + after if exercise.answered & names_bound(plain(self.cells[n].source))]
            if not added:
                return Match([], notes, True, self._other_givens(exercise))
            notes.append(f"the answer stands in a cell of the student's own (cell {self._numbers(added)})")
        cells = [self._named(n) for n in before]
        cells += [] if stub else [(ANSWER, plain(cell.source))]
        cells += [self._named(n) for n in after]
        if before or after:
            notes.append(f"added cells count as part of the answer (cells {self._numbers(before + after)})")
        if any(plain(self.cells[n].source) != self.cells[n].source for n in [*before, place, *after]):
            notes.append("lines of IPython (% or !) were left out")
        return Match(cells, notes, True, self._other_givens(exercise))

    def _added(self, exercise: Exercise, place: int) -> tuple[list[int], list[int]]:
        """List the student's own code cells between the exercise before and this one's check."""
        first = place
        above = (None, *self._own(exercise, "task", "givens", "hint", "answer"))
        while first > 0 and self.role[first - 1] in above:
            first -= 1
        last = place
        below = (None, *self._own(exercise, "givens", "hint", "answer"))
        while last + 1 < len(self.cells) and self.role[last + 1] in below:
            last += 1
        if last + 1 < len(self.cells) and self.role[last + 1] != (exercise.name, "check"):
            last = place  # without its check below, cells after the answer belong to the next exercise
        loose = [n for n in range(first, last + 1) if n != place and self.role[n] is None and self._is_code(n)]
        return [n for n in loose if n < place], [n for n in loose if n > place]

    def _own(self, exercise: Exercise, *roles: str) -> list[tuple[str, str]]:
        return [(exercise.name, role) for role in roles]

    def _without_cell(self, exercise: Exercise) -> Match:
        return Match([], self._changed(exercise), False, self._other_givens(exercise))

    def _changed(self, exercise: Exercise) -> list[str]:
        """Say which locked cells of an exercise the student has changed."""
        notes = []
        whole = exercise.check.source  # as the teacher's own answer book has it
        given = {"givens": [self.givens[exercise.name]], "check": [strip_hidden(whole), whole]}
        for role, texts in given.items():
            there = [self.cells[n].source for n, found in enumerate(self.role) if found == (exercise.name, role)]
            if there and not any(same(source, text) for source in there for text in texts):
                notes.append(f"the {role} were changed; the grader used its own" if role == "givens" else
                             "the check was changed; the grader used its own")  # fmt: skip
        return notes

    def _other_givens(self, exercise: Exercise) -> bool:
        there = [self.cells[n].source for n, found in enumerate(self.role) if found == (exercise.name, "givens")]
        return bool(there) and not any(same(source, self.givens[exercise.name]) for source in there)

    def _is_code(self, place: int) -> bool:
        cell = self.cells[place]
        return cell.kind == "code" and "parameters" not in cell.tags and bool(cell.source.strip() or self.role[place])

    def _named(self, place: int) -> tuple[str, str]:
        return f"<your cell {self.cells[place].number}>", plain(self.cells[place].source)

    def _numbers(self, places: list[int]) -> str:
        return ", ".join(str(self.cells[n].number) for n in places)


@lru_cache(2 * MAX_CELLS)
def plain(source: str) -> str:
    """Leave out IPython's magic lines, if it is these that keep a cell from being Python."""
    if parsed(source) is not None:
        return source
    without = _MAGIC.sub(r"\1pass", source)
    return without if parsed(without) is not None else source


def same(one: str, other: str) -> bool:
    """Whether two cells differ in nothing but space at the ends of lines."""
    return _ends(one) == _ends(other)


def _ends(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _roles(exercise: Exercise) -> dict[str, Cell]:
    return {cell.metadata["companion"]["role"]: cell for cell in exercise.cells}
