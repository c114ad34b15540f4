"""Which cells of a student's notebook answer which exercise, however much was moved, copied, renamed or deleted.

A cell is known by the name that nbgrader gave it, by its id, by the text that was handed out, and failing these by what
it defines. What looks like an answer and cannot be run is told in the notes, with the cure.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from companion.exercises.authoring.assignment import Assignment
from companion.exercises.authoring.model import Cell, Exercise, names_bound, parsed, strip_hidden
from companion.exercises.grading.submissions import MAX_CELLS, Submission, SubmittedCell
from companion.exercises.sandbox.runner import ANSWER

_MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.M)
_MAGIC_VALUE = re.compile(r"^([ \t]*[\w., \t]+=[ \t]*)[%!].*$", re.M)
_FENCED = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```", re.M | re.S)
_HEADING = re.compile(r"#+[ \t]*(Exercise \d+: .*)")


@dataclass(frozen=True)
class Match:
    """An exercise's answer as it will be run; `cells` is empty if there is none, or only the stub."""

    cells: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    found: bool = False
    other_givens: bool = False


def chapters_of(submission: Submission, assignments: list[Assignment]) -> list[str]:
    """Name the chapters that a notebook answers.

    Its own name tells, and so do the names, ids and texts of its cells; where none of these is left, the chapter is
    the one of whose exercises it defines most.
    """
    sure = [one.chapter for one in assignments if submission.path.stem == one.chapter or score(submission, one)]
    if sure:
        return sure
    bound = frozenset().union(*(names_bound(plain(cell.source)) for cell in submission.cells if cell.kind == "code"))
    defined = {one.chapter: sum(bool(e.answered & bound) for e in one.exercises) for one in assignments}
    most = max(defined.values(), default=0)
    return [chapter for chapter, count in defined.items() if count == most > 0][:1]


def score(submission: Submission, assignment: Assignment) -> int:
    """Count the cells of a submission that are surely those of a chapter's exercises."""
    known = _Known(assignment)
    return sum(known.role(cell) not in (None, PARAMETERS) for cell in submission.cells)


def match_answers(submission: Submission, assignment: Assignment) -> dict[str, Match]:
    """Find the answers to a chapter's exercises in a student's notebook, by exercise."""
    return _Matcher(submission.cells, assignment).match()


PARAMETERS = ("", "parameters")


class _Known:
    """What the cells that were handed out are known by."""

    def __init__(self, assignment: Assignment) -> None:
        cells = [(e.name, role, cell) for e in assignment.exercises for role, cell in _roles(e).items()]
        self._grade_ids = {cell.grade_id: (name, role) for name, role, cell in cells}
        self._ids = {cell.id: (name, role) for name, role, cell in cells}
        self._texts = {_ends(text): role for role, text in _handed_out(assignment)}
        self._headings = {e.title: (e.name, "task") for e in assignment.exercises}

    def role(self, cell: SubmittedCell) -> tuple[str, str] | None:
        """Give the exercise and the role of a cell; None if it is the student's own."""
        heading = _HEADING.match(cell.source.strip()) if cell.kind == "markdown" else None
        return (
            self._grade_ids.get(cell.grade_id) or self._ids.get(cell.id) or self._texts.get(_ends(cell.source))
            or (self._headings.get(heading[1].strip()) if heading else None)
            or (PARAMETERS if "parameters" in cell.tags else None)
        )  # fmt: skip


def _handed_out(assignment: Assignment) -> Iterator[tuple[tuple[str, str], str]]:
    """List the texts of the locked cells: one that has lost its names is known by what it says."""
    yield PARAMETERS, assignment.parameters
    for exercise in assignment.exercises:
        yield (exercise.name, "task"), exercise.task.source
        yield (exercise.name, "check"), strip_hidden(exercise.check.source)
        if assignment.givens[exercise.name]:
            yield (exercise.name, "givens"), assignment.givens[exercise.name]


class _Matcher:
    def __init__(self, cells: list[SubmittedCell], assignment: Assignment) -> None:
        self.cells = cells
        self.exercises = assignment.exercises
        self.givens = assignment.givens
        known = _Known(assignment)
        self.role = [known.role(cell) for cell in cells]
        self.first = next((n for n, role in enumerate(self.role) if role not in (None, PARAMETERS)), len(cells))

    def match(self) -> dict[str, Match]:
        chosen: dict[str, tuple[int, list[str]]] = {}
        for exercise in self.exercises:
            place, notes = self._choose(exercise)
            if place is not None:
                chosen[exercise.name] = (place, notes)
        return {
            exercise.name: self._collect(exercise, *chosen[exercise.name]) if exercise.name in chosen
            else self._unanswered(exercise, [], found=False)
            for exercise in self.exercises
        }  # fmt: skip

    def _choose(self, exercise: Exercise) -> tuple[int | None, list[str]]:
        """Pick the answer's cell: by its names, by what it defines, or by the task above it."""
        places = [n for n, role in enumerate(self.role) if role == (exercise.name, "answer") and self._is_code(n)]
        notes = []
        if not places:
            places = self._by_definition(exercise)
            if places:
                notes.append("the answer's cell had lost its name; it was known by what it defines")
        if not places:
            places = self._below_task(exercise)
            if places:
                wanted = ", ".join(sorted(exercise.answered))
                notes.append(f"no cell defines {wanted}; the last one below the task was run")
        for place in places:
            self.role[place] = (exercise.name, "answer")
        real = [n for n in places if not same(self.cells[n].source, exercise.stub)]
        if len(places) > 1:
            which = self.cells[(real or places)[-1]].number
            notes.append(f"{len(places)} cells answer it (cells {self._numbers(places)}); cell {which} was taken")
        return ((real or places)[-1] if places else None), notes

    def _by_definition(self, exercise: Exercise) -> list[int]:
        loose = [n for n in range(len(self.cells)) if self.role[n] is None and self._is_code(n)]
        return [n for n in loose if exercise.answered & names_bound(plain(self.cells[n].source))]

    def _below_task(self, exercise: Exercise) -> list[int]:
        """Give the last of the student's own cells between the exercise's task and whatever was handed out after it."""
        tasks = [n for n, role in enumerate(self.role) if role == (exercise.name, "task")]
        found: list[int] = []
        for n in range(tasks[-1] + 1, len(self.cells)) if tasks else ():
            if self.role[n] not in (None, *self._own(exercise, "givens", "hint")):
                break
            found += [n] if self.role[n] is None and self._is_code(n) else []
        return found[-1:]

    def _collect(self, exercise: Exercise, place: int, notes: list[str]) -> Match:
        """Join the cell with those that the student added around it, and with what earlier cells import."""
        before, after = self._added(exercise, place)
        cell = self.cells[place]
        stub = same(cell.source, exercise.stub) or not cell.source.strip()
        if stub:
            added = [n for n in before + after if exercise.answered & names_bound(plain(self.cells[n].source))]
            if not added:
                return self._unanswered(exercise, notes, found=True)
            notes.append(f"the answer stands in a cell of the student's own (cell {self._numbers(added)})")
        notes += self._changed(exercise)
        cells = [*self._earlier(min([*before, place]), {*before}), *(self._named(n) for n in before)]
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
        above = (None, PARAMETERS, *self._own(exercise, "task", "givens", "hint", "answer"))
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

    def _earlier(self, place: int, used: set[int]) -> list[tuple[str, str]]:
        """Take along what a notebook would still have from the cells above.

        That is the imports of all cells, and the functions, classes and constants of those above the first exercise;
        but nothing that computes: it might take long, and other exercises' answers are none of this one's.
        """
        found = []
        for n in range(place):
            if n in used or self.cells[n].kind != "code" or (self.role[n] or ("", ""))[1] in ("check", "givens"):
                continue
            kept = kept_lines(plain(self.cells[n].source), definitions=n < self.first and self.role[n] is None)
            found += [(f"<your cell {self.cells[n].number}>", kept)] if kept else []
        return found

    def _own(self, exercise: Exercise, *roles: str) -> list[tuple[str, str]]:
        return [(exercise.name, role) for role in roles]

    def _unanswered(self, exercise: Exercise, notes: list[str], *, found: bool) -> Match:
        """Give the match of an exercise without an answer; say so if something looks like one and is no code."""
        for cell in self.cells:
            if cell.kind != "code" and exercise.answered & names_bound(_code_in(cell.source)):
                notes.append(
                    f"cell {cell.number} holds an answer, but is a {cell.kind[:20]} cell, which is not run: "
                    "make it a code cell"
                )
        return Match([], notes + self._changed(exercise), found, self._other_givens(exercise))

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
        return cell.kind == "code" and bool(cell.source.strip() or self.role[place])

    def _named(self, place: int) -> tuple[str, str]:
        return f"<your cell {self.cells[place].number}>", plain(self.cells[place].source)

    def _numbers(self, places: list[int]) -> str:
        return ", ".join(str(self.cells[n].number) for n in places)


@lru_cache(2 * MAX_CELLS)
def plain(source: str) -> str:
    """Leave out IPython's magic lines, if it is these that keep a cell from being Python."""
    if parsed(source) is not None:
        return source
    without = _MAGIC.sub(r"\1pass", _MAGIC_VALUE.sub(r"\1[]", source))
    return without if parsed(without) is not None else source


@lru_cache(2 * MAX_CELLS)
def kept_lines(source: str, *, definitions: bool) -> str:
    """Keep the lines of a cell that import, and perhaps those that define; the others become empty.

    Parameters
    ----------
    source
        The cell.
    definitions
        Whether functions, classes and names of literals are kept as well.
    """
    tree = parsed(source)
    lines = source.splitlines()
    kept = [""] * len(lines)
    for node in tree.body if tree else ():
        defines = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or (
            isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        )
        if isinstance(node, ast.Import | ast.ImportFrom) or (definitions and defines):
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            kept[first - 1 : node.end_lineno] = lines[first - 1 : node.end_lineno]
    return "\n".join(kept).rstrip()


def _code_in(text: str) -> str:
    """Give the code in a cell that is none: the whole cell, or what stands between fences."""
    return "\n".join(_FENCED.findall(text)) or text


def same(one: str, other: str) -> bool:
    """Whether two cells differ in nothing but space at the ends of lines."""
    return _ends(one) == _ends(other)


def _ends(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _roles(exercise: Exercise) -> dict[str, Cell]:
    return {cell.metadata["companion"]["role"]: cell for cell in exercise.cells}
