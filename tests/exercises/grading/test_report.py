"""What the teacher and the students read."""

from __future__ import annotations

import json
from pathlib import Path

from companion.exercises.grading import report as reports
from companion.exercises.grading.grade import GradeBook
from companion.exercises.grading.report import Report, escape, fenced, harmless_cell
from companion.exercises.grading.verdict import MEANING, Grade
from companion.exercises.sandbox.isolation import UNPROTECTED

SCHEMA = json.loads((Path(reports.__file__).parent / "schemas" / "grade.schema.json").read_text("utf-8"))


def test_a_spreadsheet_reads_no_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@x", " =1", "\t=1", "\r=1", "\x00=1"):
        assert harmless_cell(text)[:1] == "'", repr(text)
    assert harmless_cell("Ada, the first") == "Ada, the first"


def test_markdown_means_itself() -> None:
    assert escape("a|b\n# c <img src=x> [x](y) `z` *w*") == (
        r"a\|b \# c \<img src=x\> \[x\](y) \`z\` \*w\*"
    )  # fmt: skip
    assert escape("\x1b[31mred\x1b[0m \u202eevil\x07") == "red evil"
    assert fenced("a\n```\nb")[0] == "````text"


def test_every_verdict_has_a_meaning_and_is_in_the_schema() -> None:
    verdicts = SCHEMA["$defs"]["exercise"]["properties"]["verdict"]["enum"]
    assert set(verdicts) == set(MEANING)


def test_students_whose_names_differ_little_have_pages_of_their_own() -> None:
    names = ["a b", "a_b", "A b", "../a", "...", "x" * 300]
    grades = [Grade(name, "c", "e", "t", "passed", 1, 1) for name in names]
    files = Report(GradeBook(grades, {name: [] for name in names}), UNPROTECTED, None).files()
    pages = [name for name in files if name.startswith("feedback/")]
    assert len({page.casefold() for page in pages}) == 6
    assert all(".." not in page and page.count("/") == 1 and len(page) < 120 for page in pages)
