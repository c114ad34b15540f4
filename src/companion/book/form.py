"""The form of a chapter: what every chapter has, and what a draft still lacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from companion.book.budget import budget
from companion.book.project import Chapter
from companion.book.prose import CITATION, CLAIM_LINK
from companion.notebooks import BookError, cell_source

EXERCISES = range(3, 6)
"""How many exercises a chapter has."""

PLACEHOLDER = "(write:"
"""How the template marks what the author has yet to write; it leads every such line."""

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
        lacks.append(f"has {len(exercises)} exercises; {EXERCISES[0]} to {EXERCISES[-1]} are wanted")
    return lacks
