"""A finished chapter has a form; what it lacks is named, and a draft may lack it; its time budget is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion.book.check.checks import check_book
from companion.book.check.form import Budget, budget, missing
from companion.book.project import Project
from companion.notebooks import read_notebook

ROOT = Path(__file__).parents[3]
CHAPTERS = [chapter for chapter in Project(ROOT).chapters() if "draft" not in chapter.source.read_text("utf-8")[-600:]]
COMPLETE = next(chapter for chapter in CHAPTERS if chapter.number == "18")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: str(chapter.name))
def test_a_finished_chapter_of_the_book_lacks_nothing(chapter: Any) -> None:
    assert missing(chapter, read_notebook(chapter.source)["cells"]) == []


@pytest.mark.parametrize(
    ("old", "new", "lack"),
    [
        ("# 18 ·", "18 ·", "lacks a title"),
        ("has gone?*", "has gone.*", "lacks its question"),
        ("You will be able to say", "We say", "lacks what the reader will be able to do"),
        ("**Read first:**", "First read", "lacks what to read first"),
        ("run 60 s", "run a minute", "lacks its time budget"),
        ("## Where it breaks", "## Limits", "lacks a section `## Where it breaks`"),
        ("## Should you", "(write: doubts)\n\n## Should you", "a line of the template is still there: (write: doubts)"),
        ("### END SOLUTION", "", "SOLUTION"),
    ],
)
def test_what_a_chapter_lacks_is_named(tmp_path: Path, old: str, new: str, lack: str) -> None:
    notebook = read_notebook(COMPLETE.source)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace(old, new)
    source = tmp_path / COMPLETE.source.name
    source.write_text(json.dumps(notebook), "utf-8")
    lacks = missing(type(COMPLETE)(COMPLETE.name, source, source), notebook["cells"])
    assert any(lack in found for found in lacks), lacks


def test_exercises_are_counted(tmp_path: Path) -> None:
    notebook = read_notebook(COMPLETE.source)
    kept = [
        cell for cell in notebook["cells"] if cell["metadata"].get("companion", {}).get("exercise") in (None, "border")
    ]
    source = tmp_path / COMPLETE.source.name
    source.write_text(json.dumps({**notebook, "cells": kept}), "utf-8")
    assert "has 1 exercise; 3 to 5 are wanted" in missing(type(COMPLETE)(COMPLETE.name, source, source), kept)


def test_a_draft_is_told_and_a_finished_chapter_is_faulted(book: Any, tools: Any) -> None:
    book.chapter("01-tides", tools.prose("It rises by 4 metres in 6 hours."))
    book.pretend_executed("01-tides")
    (draft,) = check_book(book.project).chapters
    assert draft.draft and draft.faults == []
    assert any("'6 hours' is held by no claim" in lack for lack in draft.missing)
    path = book["01-tides"].source
    notebook = json.loads(path.read_text("utf-8"))
    del notebook["metadata"]["companion"]
    path.write_text(json.dumps(notebook), "utf-8")
    book.pretend_executed("01-tides")
    (finished,) = check_book(book.project).chapters
    assert finished.faults == draft.missing != []


# The time budget


@pytest.mark.parametrize(
    "text",
    [
        "**Time:** run 60 s, read 40 minutes.",
        "# 2 · One call\n\n**Read first:** nothing. **Time:** run 60 s, read 40 minutes. **Real:** every client.",
        "**Time:** run 60 s,\nread 40 minutes.",
    ],
)
def test_a_budget_is_found_wherever_the_cell_has_it(text: str) -> None:
    assert budget(text) == Budget(run_s=60, read_min=40)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# A chapter",
        "**Time:** half a minute to run, forty minutes to read.",
        "Time: run 60 s, read 40 minutes.",
        "**Time:** run 60, read 40 minutes.",
        "**Time:** run 60 s, read 40 minutes",
    ],
)
def test_what_is_written_otherwise_is_no_budget(text: str) -> None:
    assert budget(text) is None


def test_one_minute_to_read_is_written_as_one() -> None:
    assert budget("**Time:** run 1 s, read 1 minute.") == Budget(1, 1)


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (1, "seconds"),
        (10, "seconds"),
        (11, "under a minute"),
        (60, "under a minute"),
        (61, "minutes"),
        (900, "minutes"),
    ],
)
def test_the_class_of_run_time_is_said_in_words(seconds: int, says: str) -> None:
    assert Budget(seconds, 5).run_class == says
