"""What an exercise is: its cells, and what nbgrader's and our metadata say of them."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from companion.notebooks import BookError

ROLES = ("task", "givens", "hint", "answer", "check")
NEEDED = ("task", "answer", "check")
STUB = ("# YOUR ANSWER HERE", 'raise NotImplementedError("your answer is missing")')
# What nbgrader's metadata says of each role: (grade, solution, locked).
FLAGS = {"answer": (False, True, False), "check": (True, False, True)}
DEFAULT_SECONDS = 20.0
MAX_SOURCE = 200_000
_MARK = re.compile(r"^[ \t]*###[ \t]*(BEGIN|END)[ \t]+(SOLUTION|HIDDEN TESTS)[ \t]*$")
_ONE_AT_A_TIME = Lock()


class ExerciseError(BookError):
    """An exercise is not written as the format wants it; the message names file, cell and fix."""


@dataclass(frozen=True)
class Cell:
    """One cell of an exercise, at its place in the notebook (the first cell is 1)."""

    number: int
    id: str
    kind: str
    source: str
    metadata: dict[str, Any]

    @property
    def grade_id(self) -> str:
        """The name that nbgrader knows the cell by."""
        return str(self.metadata.get("nbgrader", {}).get("grade_id", ""))


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter."""

    chapter: str
    name: str
    title: str
    task: Cell
    givens: Cell | None
    hint: Cell | None
    answer: Cell
    check: Cell

    @property
    def cells(self) -> list[Cell]:
        """The cells it consists of, in their order."""
        return [cell for cell in (self.task, self.givens, self.hint, self.answer, self.check) if cell]

    @property
    def defines(self) -> list[str]:
        """The names that an answer must define."""
        return list(self.answer.metadata["companion"]["defines"])

    @property
    def answered(self) -> set[str]:
        """Those of the names that the answer's own cell assigns; the givens may assign others."""
        return {*self.defines} & names_bound(self.answer.source)

    @property
    def classes(self) -> set[str]:
        """Those of the names that the solution defines as classes."""
        tree = parsed(self.answer.source)
        return {node.name for node in (tree.body if tree else []) if isinstance(node, ast.ClassDef)} & {*self.defines}

    @property
    def vary(self) -> dict[str, Any]:
        """Which givens a variant draws anew, and from what."""
        return dict(self.givens.metadata["companion"].get("vary", {})) if self.givens else {}

    @property
    def points(self) -> float:
        """What a right answer is worth."""
        return float(self.check.metadata["nbgrader"]["points"])

    @property
    def seconds(self) -> float:
        """How long answer and check may take."""
        return float(self.check.metadata["companion"].get("seconds", DEFAULT_SECONDS))

    @property
    def needs(self) -> frozenset[str]:
        """What it needs beyond plain computing: "loopback", "processes"."""
        return frozenset(self.check.metadata["companion"].get("needs", []))

    @property
    def stub(self) -> str:
        """The answer as it is handed out."""
        return strip_solution(self.answer.source)

    @property
    def givens_source(self) -> str:
        """The code of the givens; empty if there are none."""
        return self.givens.source if self.givens else ""


def strip_solution(source: str) -> str:
    """Replace each solution by a line that says where the answer goes, and one that fails until it is there."""
    return _replace(source, "SOLUTION", STUB)


def strip_hidden(source: str) -> str:
    """Leave the hidden tests out of a check."""
    return _replace(source, "HIDDEN TESTS", ()).rstrip() if "HIDDEN TESTS" in source else source


def hidden_lines(source: str) -> set[int]:
    """Number the lines (from 1) of a check that belong to its hidden tests."""
    return {line for first, last in marked(source, "HIDDEN TESTS") for line in range(first, last + 1)}


def marked(source: str, what: str) -> list[tuple[int, int]]:
    """Find the stretches between `### BEGIN what` and `### END what`: the numbers of those two lines.

    Raises
    ------
    ValueError
        If a mark has no partner.
    """
    found: list[tuple[int, int]] = []
    begun = 0
    for number, line in enumerate(source.splitlines(), start=1):
        match = _MARK.match(line)
        if match is None or match[2] != what:
            continue
        if match[1] == "BEGIN" and begun:
            raise ValueError(f"line {number}: a second ### BEGIN {what}; close the first with ### END {what}")
        if match[1] == "END" and not begun:
            raise ValueError(f"line {number}: ### END {what} without ### BEGIN {what} above it")
        if match[1] == "END":
            found.append((begun, number))
        begun = number if match[1] == "BEGIN" else 0
    if begun:
        raise ValueError(f"line {begun}: ### BEGIN {what} is never closed: add ### END {what}")
    return found


def fault(path: Path, cell: Cell, text: str) -> ExerciseError:
    """Make the error that names the file and the cell."""
    name = cell.metadata.get("companion", {}).get("exercise", "?")
    return ExerciseError(f"{path}: cell {cell.number} (exercise {name}): {text}")


def _replace(source: str, what: str, by: Iterable[str]) -> str:
    lines = source.splitlines()
    for first, last in reversed(marked(source, what)):
        indent = re.match(r"[ \t]*", lines[first - 1])
        lines[first - 1 : last] = [f"{indent[0] if indent else ''}{line}" for line in by]
    return "\n".join(lines)


def parsed(source: str) -> ast.Module | None:
    """Parse a piece of code that anyone may have written; None if it is no Python."""
    if len(source) > MAX_SOURCE:
        return None
    # Neither the filters nor, in Python 3.11, the parser's own depth belong to one thread (CPython issue 106905).
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@lru_cache(4096)
def names_bound(source: str) -> frozenset[str]:
    """List the names that a piece of code binds at its top level; none if it is no Python."""
    tree = parsed(source)
    if tree is None:
        return frozenset()
    bound: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            waiting.extend(ast.iter_child_nodes(node))
    return frozenset(bound)
