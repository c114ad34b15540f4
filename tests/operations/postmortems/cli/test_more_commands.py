"""`companion postmortem`: what new, timeline, patterns, actions and share print where, and how they end."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from icalendar import Calendar
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.operations.postmortems.document import TITLE_SHOWN

CHECKOUT = """\
# Users could not check out for 44 minutes

## Root cause

There was no alert for the pool.

1. Why did customers see errors?
   -> The pool was exhausted

## Timeline

All times PST.

- 14:32 Deployment begins
- 14:38 Error rate rises to 15 %
- 14:41 Alert fires
- 15:03 Root cause identified
- 15:22 Customer impact resolved

## Lessons

1. Watch what can run out.

## Action items

| # | Action | Owner | Due | Lesson |
|---|---|---|---|---|
| 1 | Add alarms | Ines Okafor | 2026-11-20 | |
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where there is a folder of post mortems."""
    (tmp_path / "pm").mkdir()
    (tmp_path / "pm" / "checkout.md").write_text(CHECKOUT)
    (tmp_path / "pm" / "rooms.md").write_text("# Rooms were booked twice\n\n## Root cause\n\nWe had no alert.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["postmortem", *words], input=typed)


def validated(result: Result, name: str) -> Any:
    report = json.loads(result.stdout)
    schema = files("companion.operations.postmortems.cli") / f"{name}.schema.json"
    jsonschema.Draft202012Validator(
        json.loads(schema.read_text("utf-8")), format_checker=jsonschema.FormatChecker()
    ).validate(report)
    return report


# timeline


def test_timeline_says_how_long_each_phase_took(folder: Path) -> None:
    ran = run("timeline", "pm/checkout.md")
    assert ran.exit_code == 0 and "  22 min to diagnose\n" in ran.stdout


def test_timeline_cuts_a_title_of_ten_thousand_characters(folder: Path) -> None:
    (folder / "long.md").write_text(f"# {'Nobody could pay ' * 600}\n\n## Timeline\n\n- 14:32 UTC Deployment begins\n")
    assert len(run("timeline", "long.md").stdout.splitlines()[0]) == TITLE_SHOWN


def test_timeline_draws_the_incident_and_the_whys(folder: Path) -> None:
    ran = run("timeline", "pm/checkout.md", "--out", "t.svg", "--whys", "w.svg")
    assert ran.exit_code == 0 and ran.stderr == "wrote t.svg\nwrote w.svg\n"
    for name in ("t.svg", "w.svg"):
        assert ElementTree.parse(folder / name).getroot().tag.endswith("svg")


def test_timeline_as_json_has_the_shape_of_its_schema(folder: Path) -> None:
    report = validated(run("timeline", "pm/checkout.md", "--json", "-"), "timeline")
    assert report["minutes"] == {"to_detect": 9, "to_diagnose": 22, "to_restore": 19, "felt": 44}
    validated(run("timeline", "pm/rooms.md", "--json", "-"), "timeline")


def test_nothing_is_written_where_a_part_cannot_be_drawn(folder: Path) -> None:
    (folder / "pm" / "short.md").write_text(
        CHECKOUT.replace("1. Why did customers see errors?\n   -> The pool", "The pool")
    )
    ran = run("timeline", "pm/short.md", "--out", "t.svg", "--whys", "w.svg")
    assert (ran.exit_code, ran.stderr) == (
        2, "companion postmortem timeline: pm/short.md: no whys were recognised, so there is nothing to draw\n"
    )  # fmt: skip
    assert not (folder / "t.svg").exists()


@pytest.mark.parametrize("command", ["timeline", "share"])
def test_a_file_that_cannot_be_read_is_told_in_one_line(folder: Path, command: str) -> None:
    (folder / "bad.md").write_bytes(b"\xff\xfe")
    more = ("--out", "x") if command == "share" else ()
    for name, why in (("bad.md", "not UTF-8"), ("none.md", "no such file")):
        ran = run(command, name, *more)
        assert ran.exit_code == 2 and why in ran.stderr and ran.stderr.count("\n") == 1


# patterns


def test_patterns_shows_what_recurs_with_its_places(folder: Path) -> None:
    ran = run("patterns", "pm", "--today", "2026-12-01")
    assert ran.exit_code == 0
    assert ran.stdout.startswith("2 post mortems, on 2026-12-01\n\nmonitoring gap: in 2 of 2\n")
    assert "pm/checkout.md:5\n      There was no alert for the pool." in ran.stdout
    line = CHECKOUT[: CHECKOUT.index("| 1 | Add alarms")].count("\n") + 1
    assert f"1 action overdue\n    pm/checkout.md:{line}\n      2026-11-20 Ines Okafor: Add alarms" in ran.stdout
    assert "pm/checkout.md: none of its 1 lesson" in ran.stdout


def test_patterns_as_json_has_the_shape_of_its_schema(folder: Path) -> None:
    report = validated(run("patterns", "pm", "--today", "2026-12-01", "--json", "-"), "patterns")
    assert [(one["name"], one["recurs"], len(one["files"])) for one in report["patterns"]] == [
        ("monitoring gap", True, 2)
    ]
    assert len(report["overdue"]) == 1 and report["lessons_without_actions"][0]["all_of_them"]


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(folder: Path) -> None:
    (folder / "pm" / "bad.md").write_bytes(b"\0\0")
    ran = run("patterns", "pm", "--json", "-")
    assert ran.exit_code == 2 and "bad.md" in ran.stderr
    report = validated(ran, "patterns")
    assert report["documents"] == 2 and report["unread"][0]["file"].endswith("bad.md")


@pytest.mark.parametrize("command", ["patterns", "actions"])
def test_where_nothing_can_be_read_nothing_is_said_to_be_absent(folder: Path, command: str) -> None:
    (folder / "none").mkdir()
    ran = run(command, "none")
    assert ran.exit_code == 2 and ran.stdout == "" and ran.stderr.count("\n") == 1


# actions


def test_actions_lists_what_is_overdue_and_then_exits_1(folder: Path) -> None:
    ran = run("actions", "pm", "--today", "2026-12-01", "--overdue")
    assert ran.exit_code == 1 and "overdue" in ran.stdout and "Ines Okafor" in ran.stdout
    ran = run("actions", "pm", "--today", "2026-11-20", "--overdue")
    assert (ran.exit_code, ran.stdout) == (0, "no actions, none overdue on 2026-11-20\n")


def test_actions_writes_a_table_for_a_spreadsheet_and_tasks_for_a_calendar(folder: Path) -> None:
    words = ("actions", "pm", "--today", "2026-12-01", "--csv", "a.csv", "--ics", "a.ics")
    assert run(*words).exit_code == 0
    first = (folder / "a.ics").read_bytes()
    assert run(*words).exit_code == 0 and (folder / "a.ics").read_bytes() == first
    (todo,) = Calendar.from_ical(first).walk("VTODO")
    assert todo["summary"] == "Add alarms"
    assert "Ines Okafor" in (folder / "a.csv").read_text()


def test_actions_as_json_has_the_shape_of_its_schema(folder: Path) -> None:
    report = validated(run("actions", "pm", "--today", "2026-12-01", "--json", "-"), "actions")
    assert [(one["text"], one["overdue"]) for one in report["actions"]] == [("Add alarms", True)]


@pytest.mark.parametrize("command", ["patterns", "actions"])
def test_a_day_that_is_none_is_told(folder: Path, command: str) -> None:
    ran = run(command, "pm", "--today", "tomorrow")
    assert ran.exit_code == 2 and "a date such as 2026-11-03 was expected" in ran.stderr


# new


def test_new_writes_a_file_and_touches_none_that_is_there(folder: Path) -> None:
    words = ("new", "Users could not check out for 44 minutes", "--date", "2026-11-03")
    assert run(*words).stdout == "2026-11-03-users-could-not-check-out-for-44.md\n"
    (folder / "2026-11-03-users-could-not-check-out-for-44.md").write_text("mine")
    ran = run(*words)
    assert ran.exit_code == 2 and "exists already, and is left as it is" in ran.stderr
    assert (folder / "2026-11-03-users-could-not-check-out-for-44.md").read_text() == "mine"


def test_new_asks_on_a_terminal_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run("new", "--out", "x.md")
    assert ran.exit_code == 2 and "a title is needed" in ran.stderr
    monkeypatch.setattr("companion.operations.postmortems.cli.writing.at_terminal", lambda: True)
    ran = run("new", "--out", "x.md", typed="Nobody could pay\n2026-11-03\nCET\n\nPayments\n")
    assert ran.exit_code == 0 and ran.stdout.endswith("\nx.md\n")
    text = (folder / "x.md").read_text()
    assert text.startswith("# Nobody could pay\n") and "- Time zone: CET" in text and "- Owner team: Payments" in text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("new", "X", "--date", "3.11."), "a date such as"),
        (("new", "X", "--out", "none/x.md"), "no such file"),
        (("new", "--decide", "rain"), "it takes customers | objective"),
    ],
)
def test_what_new_cannot_do_is_told_in_one_line(folder: Path, words: tuple[str, ...], why: str) -> None:
    ran = run(*words)
    assert ran.exit_code == 2 and why in ran.stderr and ran.stderr.count("\n") == 1


def test_new_says_whether_one_is_needed_and_writes_nothing(folder: Path) -> None:
    before = sorted(folder.iterdir())
    ran = run("new", "--decide", "near-miss", "--decide", "security")
    assert ran.exit_code == 0 and ran.stdout.startswith("Write one: it is a security incident;")
    assert sorted(folder.iterdir()) == before


# share


def test_share_writes_the_version_without_what_is_restricted(folder: Path) -> None:
    (folder / "full.md").write_text("# A leak\n\n## Details (restricted)\n\nHow.\n\n## Lessons\n\n1. Check.\n")
    ran = run("share", "full.md", "--out", "lessons.md")
    assert (ran.exit_code, ran.stdout) == (0, "lessons.md: left out 1 section, no passages and no comments\n")
    assert (folder / "lessons.md").read_text() == "# A leak\n\n## Lessons\n\n1. Check.\n"


def test_share_writes_nothing_while_something_looks_secret(folder: Path) -> None:
    (folder / "full.md").write_text("# A leak\n\n## Lessons\n\n1. Ask ana@shop.example.\n")
    ran = run("share", "full.md", "--out", "lessons.md")
    assert (ran.exit_code, ran.stdout) == (1, "full.md:5: e-mail address: ana@…\n")
    assert not (folder / "lessons.md").exists()
    assert run("share", "full.md", "--out", "lessons.md", "--allow", "ana@shop.example").exit_code == 0


def test_share_does_not_write_over_the_whole_version(folder: Path) -> None:
    (folder / "full.md").write_text("# A leak\n\nx\n")
    ran = run("share", "full.md", "--out", "./full.md")
    assert ran.exit_code == 2 and "the whole version itself" in ran.stderr
