"""Every action of a folder: as rows, for a spreadsheet, for a calendar."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from companion.operations.postmortems.document import Document, State
from companion.operations.postmortems.folder.actions import RESTRICTED, Task, actions_csv, actions_ics, tasks
from companion.operations.postmortems.reading.read import parse
from tests.operations.postmortems.draws import few

TODAY = dt.date(2026, 12, 1)
TEXT = """\
# Users could not check out for 44 minutes

## Action items

| # | Action | Owner | Due | Priority | Lesson | Status |
|---|--------|-------|-----|----------|--------|--------|
| 1 | Add alarms at 75 % and 90 % of the pool | Ines Okafor | 2026-11-20 | High | Lesson 1 | open |
| 2 | Count queries in the build | Tom Berg | 2026-12-20 | Medium | Lesson 2 | open |
| 3 | Roll back without approval | Ana Lima | 2026-11-10 | Low | Lesson 1 | done |
| 4 | Move to cells | Ana Lima | | Low | Lesson 1 | won't do |
"""


@pytest.fixture
def found() -> list[Task]:
    return tasks([parse(TEXT, "folder/checkout.md")], TODAY)


def todos(written: bytes) -> list[dict[str, object]]:
    calendar = Calendar.from_ical(written)
    return [{name.lower(): todo.decoded(name) for name in todo} for todo in calendar.walk("VTODO")]


def test_an_open_action_is_overdue_on_the_day_after_its_date() -> None:
    document = parse(TEXT)
    assert [task.overdue for task in tasks([document], TODAY)] == [True, False, False, False]
    assert [task.overdue for task in tasks([document], dt.date(2026, 11, 20))] == [False] * 4


def test_a_task_has_what_the_document_says(found: list[Task]) -> None:
    first = found[0]
    assert (first.file, first.line, first.number, first.owner) == ("folder/checkout.md", 7, "1", "Ines Okafor")
    assert (first.due, first.priority, first.lessons) == (dt.date(2026, 11, 20), "High", ("1",))
    assert [task.state for task in found] == [State.OPEN, State.OPEN, State.DONE, State.DROPPED]


def test_of_a_restricted_action_only_that_it_is_there_is_told() -> None:
    text = TEXT.replace("## Action items", "## Action items (restricted)")
    found = tasks([parse(text)], TODAY)
    assert {task.text for task in found} == {RESTRICTED}
    assert "alarms" not in actions_csv(found) and b"alarms" not in actions_ics(found, TODAY)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "＝", " ="])
def test_no_cell_is_a_formula(found: list[Task], start: str) -> None:
    said = f'{start}HYPERLINK("http://evil.example","x")'
    hostile = replace(found[0], text=said, owner=said, title=said, due=None, due_text=said)
    (row,) = csv.DictReader(io.StringIO(actions_csv([hostile])))
    for name in ("action", "owner", "due", "post mortem"):
        assert row[name].startswith("'") and "HYPERLINK" in row[name]


def test_the_spreadsheet_has_a_row_for_each_action(found: list[Task]) -> None:
    rows = list(csv.DictReader(io.StringIO(actions_csv(found))))
    assert [row["overdue"] for row in rows] == ["yes", "no", "no", "no"]
    assert rows[0]["due"] == "2026-11-20" and rows[0]["post mortem"] == "Users could not check out for 44 minutes"


def test_a_library_reads_the_calendar_back(found: list[Task]) -> None:
    read = todos(actions_ics(found, TODAY))
    assert [todo["summary"] for todo in read] == [task.text for task in found]
    assert [todo.get("due") for todo in read] == [task.due for task in found]
    assert [todo["status"] for todo in read] == ["NEEDS-ACTION", "NEEDS-ACTION", "COMPLETED", "CANCELLED"]
    assert [todo["priority"] for todo in read] == [1, 5, 9, 9]
    assert read[0]["dtstamp"] == dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    assert "folder/checkout.md:7, action 1" in str(read[0]["description"])
    assert len({todo["uid"] for todo in read}) == 4


def test_the_calendar_repeats_byte_for_byte_and_its_lines_are_short(found: list[Task]) -> None:
    written = actions_ics(found, TODAY)
    assert written == actions_ics(found, TODAY)
    assert all(len(line) <= 75 for line in written.split(b"\r\n")) and b"\n" not in written.replace(b"\r\n", b"")


def test_a_task_keeps_its_identity_when_its_line_date_owner_or_the_folders_place_change() -> None:
    def uids(document: Document, folder: str) -> list[object]:
        return [todo["uid"] for todo in todos(actions_ics(tasks([document], TODAY), TODAY, folder))]

    moved = TEXT.replace("# Users", "\n\n# Users").replace("2026-11-20", "2026-12-24").replace("Ines Okafor", "Jo")
    before = uids(parse(TEXT, "folder/checkout.md"), "folder")
    assert uids(parse(moved, "other/checkout.md"), "other") == before
    assert uids(parse(TEXT, "folder/search.md"), "folder") != before


def test_the_same_words_twice_are_two_tasks() -> None:
    text = "# X\n\n## Actions\n\n- [ ] Add an alert\n- [ ] Add an alert\n"
    assert len({todo["uid"] for todo in todos(actions_ics(tasks([parse(text)], TODAY), TODAY))}) == 2


@few
@given(st.text(), st.text(), st.text())
def test_whatever_the_words_the_calendar_is_read_back(text: str, owner: str, title: str) -> None:
    task = Task("x.md", 1, title, "", text, owner, None, title, owner, State.OPEN, (), False)
    (todo,) = todos(actions_ics([task], TODAY))
    assert todo["uid"] and todo["summary"]
    (row,) = csv.reader(io.StringIO(actions_csv([task]).partition("\n")[2]))
    assert len(row) == 11
