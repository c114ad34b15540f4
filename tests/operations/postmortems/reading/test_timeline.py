"""A timeline in whatever shape it has, on one axis of minutes."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.document import Phase, Role
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.reading.timeline import phases_of
from tests.operations.postmortems.draws import few
from tests.operations.postmortems.reading.samples import clock, starts, timeline

THREE = [("14:32", "Deployment begins"), ("14:41", "Alert fires"), ("14:52", "Errors are back at baseline")]
SHAPES = {
    "items": "\n".join(f"- {time} {text}" for time, text in THREE),
    "numbers": "\n".join(f"{n}. {time}: {text}" for n, (time, text) in enumerate(THREE, 1)),
    "bold times": "\n".join(f"* **{time}** - {text}" for time, text in THREE),
    "a table": "| Time | Event |\n|---|---|\n" + "\n".join(f"| {time} | {text} |" for time, text in THREE),
    "a table with a date": "| Date | Time | Event |\n|---|---|---|\n"
    + "\n".join(f"| 2026-03-14 | {time} | {text} |" for time, text in THREE),
    "a table whose time is last": "| Event | When |\n|---|---|\n"
    + "\n".join(f"| {text} | {time} |" for time, text in THREE),
    "headings": "\n\n".join(f"### {time} {text}" for time, text in THREE),
    "headings with words below": "\n\n".join(f"### {time}\n\n{text}" for time, text in THREE),
    "paragraphs": "\n\n".join(f"{time} {text}" for time, text in THREE),
    "one paragraph with breaks": "<br>\n".join(f"{time} {text}" for time, text in THREE),
    "one paragraph of breaks alone": "<br/>".join(f"{time} {text}" for time, text in THREE),
    "one paragraph of lines": "\n".join(f"{time} {text}" for time, text in THREE),
    "items below a date": "- 2026-03-14\n" + "\n".join(f"  - {time} {text}" for time, text in THREE),
    "items below a bold date": "**14 March 2026**\n\n" + "\n".join(f"- {time} {text}" for time, text in THREE),
    "windows": "\n".join(f"- {time} {text}" for time, text in THREE).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_entries(shape: str) -> None:
    entries = timeline(SHAPES[shape])
    assert [(entry.start, entry.text) for entry in entries if entry.start is not None] == [
        (clock(time), text) for time, text in THREE
    ]
    assert {entry.date for entry in entries} == {dt.date(2026, 3, 14)}


def test_entries_know_their_lines() -> None:
    assert [entry.line for entry in timeline("- 14:32 a\n  more\n- 14:41 b\n\n  more\n\n14:52 c")] == [7, 9, 13]


def test_nested_bullets_under_a_bold_label_are_a_timeline_without_a_heading() -> None:
    document = parse("# Down\n\n**Timeline (UTC):**\n\n- 14 March 2026\n  - 14:32 a\n  - 14:41 b\n\n**Impact:** all\n")
    assert starts(document.timeline)[-2:] == [clock("14:32"), clock("14:41")]
    assert {entry.zone for entry in document.timeline if entry.start} == {"UTC"}


def test_times_in_prose_are_no_entries() -> None:
    document = parse("# Down\n\nOn 14 March we were down from 14:32 UTC until 14:52 UTC, and again from 19:03.\n")
    assert (document.timeline, document.of(Role.TIMELINE)) == ((), ())


def test_three_times_in_a_row_are_a_timeline_whatever_the_heading() -> None:
    document = parse(
        "# Down\n\n## What happened\n\nThis is it:\n\n- 14:32 a\n- 14:41 b\n- 14:52 c\n\nWe learnt:\n\n- d\n- e\n- "
        "f\n- g\n"
    )
    assert starts(document.timeline) == [clock(time) for time, _ in THREE]
    assert [section.role for section in document.sections] == [Role.SUMMARY, Role.TIMELINE, Role.SUMMARY]


def test_two_times_are_none() -> None:
    assert parse("# Down\n\n## What happened\n\n- 14:32 a\n- 14:41 b\n").timeline == ()


@pytest.mark.parametrize(("body", "heading", "top"), [
    ("- 14:32 a", "## Timeline (UTC)", ""), ("All times UTC\n\n- 14:32 a", "## Timeline", ""),
    ("_All times are in UTC._\n\n- 14:32 a", "## Timeline", ""),
    ("| Time (UTC) | Event |\n|---|---|\n| 14:32 | a |", "## Timeline", ""), ("- 14:32 UTC a", "## Timeline", ""),
    ("- 14:32 a", "## Timeline", "All times in UTC.\n\n"),
    ("- 14:32 a", "## Timeline", "Time zone: UTC\n\n"), ("- 14:32 (UTC) a", "## Timeline", ""),
    ("- 2026-03-14T14:32 UTC a", "## Timeline", ""),
])  # fmt: skip
def test_the_zone_may_stand_anywhere(body: str, heading: str, top: str) -> None:
    assert [entry.zone for entry in timeline(body, heading, top)] == ["UTC"]


def test_two_zones_at_once_are_both_kept() -> None:
    assert timeline("- 14:32 a", "## Timeline (CET and UTC)")[0].zone == "CET and UTC"
    assert [entry.zone for entry in timeline("- 01:59 PST a\n- 03:01 PDT b")] == ["PST", "PDT"]


def test_a_document_may_name_no_zone() -> None:
    assert timeline("- 14:32 a")[0].zone == ""


def test_midnight_passes_without_a_word() -> None:
    entries = timeline("- 23:40 a\n- 23:59 b\n- 0:04 c\n- 1:10 d")
    assert starts(entries) == [1420, 1439, 1444, 1510]
    assert [entry.date for entry in entries] == [dt.date(2026, 3, 14)] * 2 + [dt.date(2026, 3, 15)] * 2


def test_a_date_is_given_only_where_it_changes() -> None:
    entries = timeline("- 2026-03-14 14:32 a\n- 14:41 b\n- 2026-03-16 09:00 c\n- 10:00 d")
    assert starts(entries) == [872, 881, 2 * 1440 + 540, 2 * 1440 + 600]


def test_a_heading_for_each_day_gives_the_date() -> None:
    entries = timeline("### 14 March 2026\n\n- 14:32 a\n\n### 15 March 2026\n\n- 09:00 b")
    assert [start for start in starts(entries) if start is not None] == [872, 1440 + 540]


def test_several_incidents_in_one_document_stay_on_their_days() -> None:
    body = (
        "### 21 March 2026 - first\n\n**Root cause:** x\n\n**Timeline:**\n\n- 21:45 a\n- 21:49 b\n\n"
        "### 24 March 2026 - second\n\n**Timeline:**\n\n- 18:00 c\n- 18:10 d"
    )
    found = [(entry.start, entry.date) for entry in timeline(body) if entry.start is not None]
    assert [date.day for _, date in found if date] == [21, 21, 24, 24]
    assert [start for start, _ in found] == [1305, 1309, 3 * 1440 + 1080, 3 * 1440 + 1090]


def test_a_wrong_year_in_one_entry_does_not_move_it() -> None:
    entries = timeline("- 2026-03-14 14:32 a\n- 2026-03-14 14:41 b\n- 2025-03-14 14:52 c\n- 14:55 d")
    assert starts(entries) == [872, 881, 892, 895]
    assert entries[2].date == dt.date(2025, 3, 14)  # as it is written


def test_a_year_that_ends_is_no_wrong_year() -> None:
    assert starts(timeline("- Dec 31 23:50 a\n- Jan 1 00:10 b", top="Date: 2026-12-31\n\n")) == [1430, 1450]


def test_entries_out_of_order_stay_in_the_order_of_the_page() -> None:
    assert starts(timeline("- 14:32 a\n- 14:52 b\n- 14:41 c\n- 14:55 d")) == [872, 892, 881, 895]


def test_a_heading_that_contradicts_its_entries_changes_nothing() -> None:
    entries = timeline("- 2026-03-14 14:32 a", "## Timeline, 12 to 13 March 2026")
    assert [(entry.start, entry.date) for entry in entries] == [(872, dt.date(2026, 3, 14))]


def test_an_open_time_is_an_entry_without_a_start() -> None:
    assert [(e.clock, e.start, e.text) for e in timeline("- 14:32 a\n- [???] b\n- ??:?? c\n- 14:52 d")][1:3] == [
        ("???", None, "b"),
        ("??:??", None, "c"),
    ]


def test_an_item_without_a_time_among_others_is_an_entry() -> None:
    entries = timeline(
        "- **Before the incident**: a password leaks\n- **2026-03-14 9:49 UTC**: b\n- 10:25 c\n- somebody calls\n- "
        "10:40 d"
    )
    assert [(entry.clock, entry.start, entry.text) for entry in entries] == [
        ("Before the incident", None, "a password leaks"), ("2026-03-14 9:49 UTC", 589, "b"), ("10:25", 625, "c"),
        ("", None, "somebody calls"), ("10:40", 640, "d"),
    ]  # fmt: skip


def test_a_note_below_an_entry_belongs_to_it() -> None:
    entries = timeline("- 14:32 a\n- 14:41 b\n- **Note**: c\n  - d\n\n  e")
    assert [entry.text for entry in entries] == ["a", "b\nNote: c\nd\ne"]


def test_a_stretch_of_time_may_pass_midnight() -> None:
    (entry,) = timeline("- 23:50 - 00:20 a")
    assert (entry.start, entry.end) == (1430, 1460)


def test_columns_for_begin_and_end_give_a_stretch() -> None:
    (entry,) = timeline("| Start time | End time | What |\n|---|---|---|\n| 14:32 | 14:41 | a |")
    assert (entry.start, entry.end, entry.text) == (872, 881, "a")


def test_chats_in_quotations_and_logs_in_fences_are_no_entries() -> None:
    body = "- 14:32 a\n\n> 14:33 <ben> is it down?\n> 14:34 <ada> yes\n\n```\n14:35 ERROR pool\n```\n\n- 14:41 b"
    assert starts(timeline(body)) == [872, 881]


def test_key_events_that_repeat_the_timeline_are_not_told_twice() -> None:
    body = "- 14:32 Deployment\n- 14:38 Errors\n- 14:52 Over\n\n## Key events\n\n- 14:32 Deployment\n- 14:52 Over"
    assert starts(timeline(body)) == [872, 878, 892]


def test_a_table_of_something_else_is_no_entry() -> None:
    body = "- 14:32 a\n\n| Region | Errors |\n|---|---|\n| north | 14% |\n| south | 12:1 odds |\n\n- 14:41 b"
    assert starts(timeline(body)) == [872, 881]


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_an_entrys_heading_at_any_level_stays_in_the_timeline(level: int) -> None:
    body = f"### 14:32 a\n\nx\n\n{'#' * level} 14:41 Impact begins\n\ny\n\n### 14:52 c"
    document = parse(f"# Down\n\n## Timeline\n\n{body}\n\n## Impact\n\n5 users\n")
    assert starts(document.timeline) == [872, 881, 892]
    assert document.text(Role.IMPACT) == "5 users"


def test_what_is_bold_in_part_is_strong() -> None:
    assert [entry.strong for entry in timeline("- 14:32 **Trigger:** a\n- 14:41 b")] == [True, False]


@pytest.mark.parametrize(("text", "phase"), [
    ("Deployment of 4.2 begins", Phase.TRIGGER), ("A firewall rule goes live", Phase.TRIGGER),
    ("Error rate climbs to 15%", Phase.IMPACT),
    ("Users cannot log in", Phase.IMPACT), ("The alert pages the on-call engineer", Phase.DETECTED),
    ("A customer reports failures", Phase.DETECTED),
    ("Incident declared, SEV-1", Phase.ESCALATED), ("Root cause identified: the pool", Phase.DIAGNOSED),
    ("Rollback started", Phase.MITIGATING),
    ("Errors are back to normal", Phase.RESOLVED), ("Detection: the dashboard was open", Phase.DETECTED),
    ("RESOLVED all is calm", Phase.RESOLVED),
    ("looks at the gateway (escalation)", Phase.ESCALATED),
])  # fmt: skip
def test_an_entry_tells_its_phase_by_its_words(text: str, phase: Phase) -> None:
    assert phase in phases_of(text)


@pytest.mark.parametrize(("text", "phase"), [
    ("The fix is deployed", Phase.TRIGGER), ("KV closes the ticket", Phase.DETECTED),
    ("Timo looks at 12 tasks since the deploy", Phase.TRIGGER),
    ("Half of the servers run the old release", Phase.TRIGGER), ("Hot fix is merged", Phase.TRIGGER),
])  # fmt: skip
def test_an_entry_tells_no_phase_by_a_word_in_passing(text: str, phase: Phase) -> None:
    assert phase not in phases_of(text)


@few
@given(st.lists(st.integers(0, 120), min_size=3, max_size=12), st.integers(0, 1439))
def test_whatever_the_times_the_steps_between_entries_are_kept(steps: list[int], begin: int) -> None:
    at, said = begin, []
    for step in steps:
        at += step
        said.append(at)
    body = "\n".join(
        f"- {minute // 60 % 24:02}:{minute % 60:02} happens {number}" for number, minute in enumerate(said)
    )
    found = [start for start in starts(timeline(body)) if start is not None]
    assert [b - a for a, b in pairwise(found)] == steps[1:]


def test_a_section_below_another_has_its_zone() -> None:
    entries = timeline("- 14:32 a\n\n### Day 2\n\n- 2026-03-15 08:00 b", "## Timeline (UTC)")
    assert [(entry.start, entry.zone) for entry in entries] == [(872, "UTC"), (1920, "UTC")]


def test_items_that_begin_with_a_day_are_entries_without_a_time() -> None:
    found = timeline(
        "- 2026-03-10: A report.\n- 2026-03-12: The fix is released.\n- 2026-03-14: At 12:50 UTC, it is used."
    )
    assert [entry.date and entry.date.day for entry in found] == [10, 12, 14]
    assert [entry.start is None for entry in found] == [True, True, False]
    assert found[1].text == "The fix is released."
