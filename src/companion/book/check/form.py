"""The form of a chapter: what every chapter has, the time budget that it declares, and what a draft still lacks."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from companion.book.check.prose import CITATION, CLAIM_LINK
from companion.book.check.report import counted
from companion.book.check.settings import CLAIMS
from companion.book.project import Chapter
from companion.import_graph import parse_cells
from companion.notebooks import BookError, cell_source

EXERCISES = range(3, 6)
"""How many exercises a chapter has."""

PLACEHOLDER = "(write:"
"""How the template marks what the author has yet to write; it leads every such line."""

_SAME_WORD_TWICE = re.compile(
    r"\[(?P<word>[^\]\d]+)\]\(#claim-[a-z0-9-]+\)[,;.]?\s+(?:and\s+)?\[(?P=word)\]\(#claim-[a-z0-9-]+\)", re.I
)

_BUDGET = re.compile(r"\*\*Time:\*\*\s+run\s+(\d+)\s+s,\s+read\s+(\d+)\s+minutes?\.")


@dataclass(frozen=True)
class Budget:
    """What a chapter asks of its reader.

    Attributes
    ----------
    run_s : int
        Seconds that all cells may take together.
    read_min : int
        Minutes to read it.
    """

    run_s: int
    read_min: int

    @property
    def run_class(self) -> str:
        """How long it runs, in words that hold on other machines too."""
        return "seconds" if self.run_s <= 10 else "under a minute" if self.run_s <= 60 else "minutes"


def budget(first_cell_text: str) -> Budget | None:
    """Read the time budget out of a chapter's first cell; None when it declares none.

    Parameters
    ----------
    first_cell_text : str
        The Markdown of the first cell; the budget may stand anywhere in it, and be broken over two lines.
    """
    found = _BUDGET.search(first_cell_text)
    return Budget(int(found[1]), int(found[2])) if found else None


_OPENING: dict[str, Callable[[str], object]] = {
    "a title: the first cell begins with `# `": lambda text: text.startswith("# "),
    "its question, alone and in italics, under the title": lambda text: re.search(r"^\*[^*\n]+\?\*$", text, re.M),
    "what the reader will be able to do: `You will be able to ...`": lambda text: "will be able to" in text,
    "what to read first: `**Read first:** ...`": lambda text: "**Read first:**" in text,
    "its time budget: `**Time:** run 60 s, read 40 minutes.`": budget,
}


def is_draft(notebook: dict[str, Any]) -> bool:
    """Whether its author has marked a chapter as unfinished: ``metadata.companion.draft``."""
    ours = notebook.get("metadata", {}).get("companion", {})
    return isinstance(ours, dict) and ours.get("draft") is True


def machinery(cells: Sequence[dict[str, Any]]) -> Iterator[str]:
    """List where the book's machinery stands between the reader and the idea: a fault in a draft, too.

    Yields
    ------
    str
        What is wrong, with the cell's number and what to do.
    """
    for number, cell in enumerate(cells, start=1):
        if cell.get("cell_type") == "code":
            yield from (f"cell {number}: {fault}" for fault in _in_code(cell))
        elif found := _SAME_WORD_TWICE.search(cell_source(cell)):
            word = found["word"]
            yield f"cell {number}: [{word}], [{word}]: numbers that pose as words; let one claim count them"


def _in_code(cell: dict[str, Any]) -> Iterator[str]:
    statements = [statement for tree in parse_cells([cell_source(cell)]) for statement in getattr(tree, "body", [])]
    claims = any(_calls(node) == "claim" for statement in statements for node in ast.walk(statement))
    metadata = cell.get("metadata", {})
    if CLAIMS not in metadata.get("tags", []):
        if claims:
            yield f"makes claims among code to read; move them into a cell behind it, tagged `{CLAIMS}` and folded"
        return
    if not claims:
        yield f"is tagged `{CLAIMS}`, and makes none"
    if metadata.get("jupyter", {}).get("source_hidden") is not True:
        yield "makes claims and is not folded in JupyterLab; set `jupyter: {source_hidden: true}` in its metadata"
    for statement in statements:
        shows = isinstance(statement, ast.Expr) and _calls(statement.value) != "claim"
        if shows or any(_calls(node) == "print" for node in ast.walk(statement)):
            yield f"is folded, and has code to read: {ast.unparse(statement).splitlines()[0][:60]}"


def _calls(node: ast.AST) -> str:
    """Give the name of the function that a node calls."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def missing(chapter: Chapter, cells: Sequence[dict[str, Any]]) -> list[str]:
    """List what a chapter lacks, each in words that tell its author what to add."""
    texts = [cell_source(cell) for cell in cells if cell.get("cell_type") == "markdown"]
    first = cell_source(cells[0]) if cells else ""
    prose = "\n\n".join(texts)
    lacks = [f"lacks {what}" for what, there in _OPENING.items() if not there(first)]
    if not re.search(r"^## Where it breaks$", prose, re.M):
        lacks.append("lacks a section `## Where it breaks`")
    if not CITATION.search(prose):
        lacks.append("lacks references: cite at least one source of book/references.bib")
    if not CLAIM_LINK.search(prose):
        lacks.append("lacks claims: no number of its prose leads to a cell")
    lacks += [
        f"cell {number}: a line of the template is still there: {line.strip()[:60]}"
        for number, cell in enumerate(cells, start=1)
        for line in cell_source(cell).splitlines()
        if PLACEHOLDER in line
    ]
    return lacks + _exercises_missing(chapter)


def _exercises_missing(chapter: Chapter) -> list[str]:
    from companion.exercises.authoring.notebook import exercises_in

    try:
        exercises = exercises_in(chapter.source)
    except BookError as error:
        return [str(error)]
    lacks = [f"exercise {exercise.name}: lacks a hint" for exercise in exercises if exercise.hint is None]
    if len(exercises) not in EXERCISES:
        lacks.append(f"has {counted(len(exercises), 'exercise')}; {EXERCISES[0]} to {EXERCISES[-1]} are wanted")
    return lacks
