"""The commands, from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest

from companion.exercises.grading import report as reports
from companion.exercises.sandbox.isolation import Isolation
from tests.exercises.classroom import (
    RIGHT,
    Class,
    notebook,
)

SCHEMA = json.loads((Path(reports.__file__).parent / "schemas" / "grade.schema.json").read_text("utf-8"))


def words(classroom: Class, isolation: Isolation, *more: str) -> list[str]:
    unprotected = [] if isolation.layers else ["--unprotected"]
    return ["grade", str(classroom.folder), "--out", "report", *unprotected, *more]


def test_a_class_is_graded_from_the_command_line(classroom: Class, isolation: Isolation) -> None:
    done = classroom.command("release", "--out", "out", "--variant", "autumn")
    assert done.returncode == 0, done.stderr
    classroom.hand_in("ada", classroom.answered(RIGHT, "autumn"))
    classroom.hand_in("=cmd|' /C calc'!A0", classroom.answered({"border": "print('`hi`')\nsafe_load = 5"}, "autumn"))
    classroom.hand_in("eve", b"{")
    done = classroom.command(*words(classroom, isolation, "--variant", "autumn", "--json", "-"))
    assert done.returncode == 1, done.stderr  # one notebook is unreadable
    told = json.loads(done.stdout)
    jsonschema.validate(told, SCHEMA, jsonschema.Draft202012Validator)
    students = {one["name"]: one for one in told["students"]}
    assert students["ada"]["points"] == 8 and students["eve"]["points"] == 0
    assert told["variant"] == "autumn" and told["isolation"]["layers"] == list(isolation.layers)

    folder = classroom.root / "report"
    rows = list(csv.reader((folder / "grades.csv").read_text("utf-8").splitlines()))
    assert rows[0] == ["student", "chapter", "exercise", "points", "of", "verdict"] and len(rows) == 13
    assert ["ada", "90-small", "waits", "2", "2", "passed"] in rows
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]
    page = (folder / "report.md").read_text("utf-8")
    assert "| ada | 8 of 8 |" in page and "autumn" in page and "Python 3" in page and isolation.line in page
    for sentence in isolation.remains:
        assert sentence in page
    mallory = next(one for one in told["students"] if one["name"].startswith("="))
    feedback = (folder / mallory["feedback"]).read_text("utf-8")
    assert "too many attempts or too few" in feedback and "````" not in feedback and "`hi`" in feedback
    assert "secret" not in feedback and "assert" not in feedback


def test_all_well_is_exit_zero_and_a_second_grading_replaces_the_first(classroom: Class, isolation: Isolation) -> None:
    classroom.hand_in("ada", classroom.answered({"border": RIGHT["border"]}))
    classroom.hand_in("bob", classroom.answered({"border": "safe_load = 0"}))
    for _ in range(2):
        done = classroom.command(*words(classroom, isolation, "--only", "small", "--json", "all.json"))
        assert done.returncode == 0, done.stderr
    jsonschema.validate(json.loads((classroom.root / "all.json").read_text()), SCHEMA)
    assert sorted(path.name for path in (classroom.root / "report" / "feedback").iterdir()) == ["ada.md", "bob.md"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grade", "nowhere", "--out", "report"], "nowhere: no such folder"),
        (["grade", "book", "--out", "report"], "holds no notebook"),
        (["grade", "_config.yml", "--out", "report"], "neither a folder nor a notebook"),
        (["grade", "chapters", "--out", "report", "--only", "77"], "no such chapter"),
        (["grade", "chapters", "--out", "_config.yml"], "is a file"),
        (["release", "--out", "_config.yml"], "is a file"),
        (["release", "--out", "out", "--only", "77"], "no such chapter"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_line(arguments: list[str], message: str, classroom: Class, found: Isolation) -> None:
    if not found.enough:
        arguments = [*arguments, *(["--unprotected"] if arguments[0] == "grade" else [])]
    done = classroom.command(*arguments)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if "--unprotected" not in line]) == 1


def test_a_notebook_of_no_chapter_is_wrong_usage(classroom: Class, isolation: Isolation) -> None:
    classroom.hand_in("ada", notebook([]), "holiday.ipynb")
    done = classroom.command(*words(classroom, isolation))
    assert done.returncode == 2 and "belongs to a chapter" in done.stderr


def test_the_help_has_examples(classroom: Class) -> None:
    for command in ("release", "grade"):
        assert "Example" in classroom.command(command, "--help").stdout
