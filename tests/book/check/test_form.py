"""A finished chapter has a form; what it lacks is named, and a draft may lack it; its time budget is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion.book.check.checks import check_book
from companion.book.check.form import Budget, budget, machinery, missing
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


# Machinery between the reader and the idea


@pytest.mark.parametrize(
    ("source", "folded", "faults"),
    [
        ("run = simulate()\nprint(run)", None, []),
        ("claim('a', 1, run.a)\nclaim('b', 2, run.b)", True, []),
        ("from statistics import mean\n\nmiddle = mean(runs)\nclaim('a', 1, middle)", True, []),
        ("for name, value in made.items():\n    claim(name, 1, value)", True, []),
        ("run = simulate()\nclaim('a', 1, run.a)", None, ["makes claims among code to read"]),
        ("for n in range(3):\n    claim(f'a-{n}', 1, n)", None, ["makes claims among code to read"]),
        ("claim('a', 1, run.a)", False, ["is not folded in JupyterLab"]),
        ("print(run)", True, ["is tagged `claims`, and makes none", "has code to read: print(run)"]),
        ("claim('a', 1, run.a)\nfigure(run)", True, ["has code to read: figure(run)"]),
        ("claim('a', 1, 1)\nfor n in range(3):\n    print(n)", True, ["has code to read: for n in range(3):"]),
    ],
)
def test_claims_stand_in_folded_cells_and_nothing_else_does(
    source: str, folded: bool | None, faults: list[str]
) -> None:
    metadata = {} if folded is None else {"tags": ["claims"], "jupyter": {"source_hidden": folded}}
    found = list(machinery([{"cell_type": "code", "source": source, "metadata": metadata}]))
    assert len(found) == len(faults)
    assert all(told.startswith("cell 1: ") and fault in told for told, fault in zip(found, faults, strict=True))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[None](#claim-a), [none](#claim-b), [none](#claim-c).", True),
        ("[yes](#claim-a). [Yes](#claim-b).", True),
        ("[right](#claim-a) and [right](#claim-b)", True),
        ("In [0](#claim-a) and [0](#claim-b) of the runs", False),
        ("[nothing](#claim-a) for ever after; with jitter [nothing](#claim-b)", False),
        ("[weak](#claim-a), [strong](#claim-b)", False),
    ],
)
def test_numbers_do_not_pose_as_words(text: str, fault: bool) -> None:
    found = list(machinery([{"cell_type": "markdown", "source": text}]))
    assert [told.partition(";")[0] for told in found] == (
        [f"cell 1: {text[: text.index(']') + 1]}, {text[: text.index(']') + 1]}: numbers that pose as words"]
        if fault
        else []
    )


def test_a_draft_has_no_machinery_in_sight_either(book: Any, tools: Any) -> None:
    book.chapter("01-tides", tools.code("height = 4.1\nclaim('metres', 4, height)"), tools.prose("[4](#claim-metres)"))
    book.pretend_executed("01-tides", [tools.claim("metres", "4", 4.1)])
    (draft,) = check_book(book.project).chapters
    assert draft.draft
    assert [fault for fault in draft.faults if "makes claims among code to read" in fault]


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
