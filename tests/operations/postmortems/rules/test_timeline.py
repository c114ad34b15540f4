"""When it happened: zone, trigger, gaps, names, milestones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules import story, timeline
from companion.operations.postmortems.rules.outcome import Outcome, Severity, Verdict, family
from tests.operations.postmortems.draws import tried

TITLE = "# Users could not check out for 20 minutes\n\n"


def judged(rule: str, text: str) -> Outcome:
    return timeline.CHECKS[rule](parse(text if text.startswith("# ") else TITLE + text))


def entries(rule: str, *lines: str, heading: str = "Timeline (UTC)") -> Outcome:
    return judged(rule, f"## {heading}\n\n" + "\n".join(f"- {line}" for line in lines) + "\n")


@pytest.mark.parametrize("rule", family("timeline")["rules"])
def test_the_bad_example_gives_a_finding_of_its_rule_and_the_good_one_none(rule: str) -> None:
    said = family("timeline")["rules"][rule]
    assert judged(rule, said["bad"]).verdict is Verdict.NOT_MET
    assert judged(rule, said["good"]).verdict is Verdict.MET


def test_every_rule_of_the_family_has_a_check_and_every_check_a_text() -> None:
    assert set(timeline.CHECKS) == set(family("timeline")["rules"])


# A timeline


def test_a_timeline_of_a_table_and_of_prose_are_recognised_or_left_open() -> None:
    assert (
        judged(
            "timeline-missing", "## Chronology\n\n| Time | Event |\n|---|---|\n| 9:06a | a |\n| 9:40a | b |\n"
        ).verdict
        is Verdict.MET
    )
    prose = "## What happened\n\nAt 10:00 it broke, at 10:20 we saw it, and at 10:40 it was over.\n"
    assert judged("timeline-missing", prose).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    "text", ["## Timeline\n\n## Causes\n\nA disk.\n", "## Timeline\n\n- 10:00 it broke\n", "It broke.\n"]
)
def test_an_empty_timeline_one_of_one_entry_and_none_are_findings(text: str) -> None:
    assert judged("timeline-missing", text).verdict is Verdict.NOT_MET


# The zone


@pytest.mark.parametrize(
    "text",
    [
        "## Timeline (all times PST)\n\n- 10:00 a\n- 10:10 b\n",
        "## Timeline\n\n*All times in CET.*\n\n- 10:00 a\n- 10:10 b\n",
        "## Timeline\n\n| Time (UTC) | Event |\n|---|---|\n| 10:00 | a |\n| 10:10 | b |\n",
        "## Timeline\n\n- 10:00 UTC a\n- 10:10 UTC b\n",
        "## Timeline\n\n- 10:00 UTC a\n- 10:10 b\n- 10:20 c\n",
        "## Timeline (PST/PDT)\n\n- 10:00 a\n- 10:10 b\n",
        "## Timeline\n\n- 2024-01-01T10:00Z a\n- 2024-01-01T10:10Z b\n",
    ],
)
def test_a_zone_in_the_heading_a_line_a_column_or_the_entries_is_one(text: str) -> None:
    outcome = judged("time-zone", text)
    assert outcome.verdict is Verdict.MET, outcome.marks


def test_times_without_a_zone_are_a_finding_that_names_the_zone_of_another_line() -> None:
    (mark,) = judged("time-zone", "Down from 10:00 UTC on.\n\n## Timeline\n\n- 10:00 a\n- 10:10 b\n").marks
    assert mark.line == 7
    assert 'Line 3 names "UTC"' in mark.message


def test_two_zones_for_different_moments_are_a_warning() -> None:
    (mark,) = entries("time-zone", "10:00 UTC a", "11:10 CET b", "10:20 UTC c", heading="Timeline").marks
    assert mark.severity is Severity.WARNING
    assert "UTC (line 5) and CET (line 6)" in mark.message


def test_without_times_there_is_no_zone_to_judge() -> None:
    assert judged("time-zone", "Text.\n").verdict is Verdict.CANNOT_TELL


# The trigger


def test_a_timeline_that_begins_with_the_harm_or_an_unknown_trigger_is_fine() -> None:
    assert entries("timeline-trigger", "10:00 Users see errors at checkout", "10:10 Alerts fire").verdict is Verdict.MET
    assert entries("timeline-trigger", "10:00 Alert fires; the trigger is unknown", "10:10 Over").verdict is Verdict.MET


def test_a_trigger_that_stands_further_down_is_still_told() -> None:
    assert (
        entries("timeline-trigger", "14:41 Alerts fire", "14:32 Deployment begins", "15:00 Over").verdict is Verdict.MET
    )


def test_a_first_entry_of_which_no_word_is_known_leaves_it_open() -> None:
    assert entries("timeline-trigger", "10:00 Something is found", "10:10 Alerts fire").verdict is Verdict.CANNOT_TELL
    assert entries("timeline-trigger", "10:00 The moon rises", "10:10 The sun").verdict is Verdict.CANNOT_TELL


def test_whatever_stands_before_the_detection_may_have_set_it_off() -> None:
    assert entries("timeline-trigger", "10:00 The moon rises", "10:10 Alerts fire").verdict is Verdict.MET


def test_a_deployment_at_the_end_or_one_that_is_asked_for_is_no_trigger() -> None:
    assert (
        entries("timeline-trigger", "10:00 Alerts fire", "10:20 The fix is deployed to all").verdict is Verdict.NOT_MET
    )
    asked = "10:00 Support sees three mails and asks whether anybody deployed something"
    assert entries("timeline-trigger", asked, "10:20 Restored").verdict is Verdict.NOT_MET


# Gaps


def gaps(*lines: str) -> list[int | None]:
    return [mark.line for mark in entries("timeline-gap", *lines).marks]


def test_a_gap_is_found_at_the_entry_that_ends_it() -> None:
    assert gaps("10:00 Users see errors", "10:10 Alerts fire", "10:40 Service restored") == [7]


@pytest.mark.parametrize(
    "lines",
    [
        ("10:00 Users see errors", "10:10 The on-call engineer investigates the queue", "10:40 Service restored"),
        ("10:00 Users see errors", "10:10 - 10:38 Nodes are drained", "10:40 Service restored"),
        ("10:00 Users see errors", "10:10 Alerts fire", "??:?? Somebody restarts it", "10:40 Service restored"),
        ("10:00 Users see errors", "10:10 Alerts fire", "10:25 Service restored", "12:00 Review with the team"),
        ("08:00 Deployment of release 4", "10:00 Users see errors", "10:10 Service restored"),
        ("10:00 Users see errors", "~10:10 Alerts fire", "~10:29 Service restored"),
        ("23:55 Users see errors", "00:05 Alerts fire", "00:15 Service restored"),
        ("10:00 Users see errors", "10:10 Waiting for the provider", "11:40 Service restored"),
    ],
)
def test_explained_silences_and_those_outside_of_the_harm_are_none(lines: tuple[str, ...]) -> None:
    assert gaps(*lines) == []


def test_at_most_three_gaps_are_shown_and_the_rest_is_counted() -> None:
    hours = [f"{hour}:00 Page number {hour}" for hour in range(11, 17)]
    marks = entries("timeline-gap", "10:00 Users see errors", *hours, "17:00 Service restored").marks
    assert len(marks) == 3
    assert "4 more" in marks[-1].message


def test_without_a_known_restoration_gaps_cannot_be_told() -> None:
    assert entries("timeline-gap", "10:00 Users see errors", "12:00 Somebody goes home").verdict is Verdict.CANNOT_TELL


# Names


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("10:00 @mira-k deploys", "@mira-k"),
        ("10:00 ping from @lena.m in the channel", "@lena.m"),
        ("10:00 Pietro notices the mail", "Pietro"),
        ("10:00 J. Okafor restarts the queue", "J. Okafor"),
        ("10:00 JM: restarts the queue", "JM"),
        ("10:00 the alert wakes Maria", "Maria"),
    ],
)
def test_handles_first_names_initials_and_surnames_are_people(line: str, name: str) -> None:
    (mark,) = entries("timeline-names", line, "10:10 Over").marks
    assert (mark.line, f'"{name}"' in mark.message) == (5, True)


@pytest.mark.parametrize(
    "line",
    [
        "10:00 eslint-scope@3.7.2 is published",
        "10:00 a mail to help@crates.io arrives",
        "10:00 @babel/core is unpublished",
        "10:00 the on-call engineer pages @sre-oncall",
        "10:00 Jenkins and Travis fail, Will it work? Mark the build",
        "10:00 `@media` rules are dropped",
        "10:00 DB: fails over",
        "10:00 IC declares SEV1, DBA joins",
        "10:00 The incident commander declares SEV1",
        "10:00 a customer writes “thanks, Maria”",
        "10:00 https://example.org/@maria is down",
    ],
)
def test_packages_addresses_tools_roles_and_quotations_are_no_people(line: str) -> None:
    outcome = entries("timeline-names", line, "10:10 Over")
    assert outcome.verdict is Verdict.MET, outcome.marks


def test_a_document_gets_one_finding_with_a_count_and_the_first_three() -> None:
    (mark,) = entries(
        "timeline-names", "10:00 Anna sees it", "10:01 Peter, too", "10:02 @zed", "10:03 Maria and Anna", "10:04 John"
    ).marks
    assert mark.message == 'The timeline names 5 people: "Anna", "Peter" and "@zed", and 2 more.'


def test_an_owner_of_an_action_is_known_by_name_in_the_timeline() -> None:
    text = (
        "## Timeline (UTC)\n\n- 10:00 Okonkwo deploys\n- 10:10 Over\n\n## Action items\n\n"
        "| Action | Owner | Due |\n|---|---|---|\n| Add an alert | Maria Okonkwo | 2024-01-01 |\n"
    )
    (mark,) = judged("timeline-names", text).marks
    assert "Okonkwo" in mark.message


# Milestones


def test_absent_milestones_are_named() -> None:
    (mark,) = entries(
        "timeline-milestones", "10:00 Deployment begins", "10:10 Users see errors", "10:40 Release 4 is taken off"
    ).marks
    assert "detection" not in mark.message  # "see" may be one
    assert "escalation or resolution" in mark.message


def test_a_long_timeline_in_which_nothing_is_bold_gets_a_warning_at_most() -> None:
    lines = [
        "10:00 Deployment begins",
        *[f"10:0{n} Step {n}" for n in range(1, 6)],
        "10:10 Alerts fire",
        "10:20 Severity raised",
        "10:30 Resolved",
    ]
    (mark,) = entries("timeline-milestones", *lines).marks
    assert mark.severity is Severity.WARNING
    assert entries("timeline-milestones", *lines[:-1], "10:30 **Resolved**").verdict is Verdict.MET


def test_entries_of_which_no_word_is_known_leave_milestones_open() -> None:
    assert entries("timeline-milestones", "10:00 The moon", "10:10 The sun").verdict is Verdict.CANNOT_TELL


# Whatever is written

PIECES = [
    "## Timeline (UTC)",
    "# Summary",
    "## Impact",
    "- 10:00 Alerts fire",
    "- 9:59 @a deploys",
    "- ??:?? b",
    "| a | b |",
    "|---|---|",
    "| 10:00 | Restored |",
    "> quoted 12:00",
    "```",
    "**Impact:** 3 users",
    "~11:00 - 10:00",
    "2024-13-45 25:61 c",
    "",
    "Latency: 3",
]
LINES = st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=25)


@tried(40)
@given(LINES)
def test_no_document_is_an_exception_and_every_finding_has_a_line_of_it(lines: list[str]) -> None:
    text = "\n".join(lines).replace("\r", " ")
    read = parse(text)
    for check in (*timeline.CHECKS.values(), *story.CHECKS.values()):
        outcome = check(read)
        assert (outcome.verdict is Verdict.NOT_MET) == bool(outcome.marks)
        assert (outcome.verdict is Verdict.CANNOT_TELL) == bool(outcome.why)
        assert all(mark.line is None or 1 <= mark.line <= text.count("\n") + 1 for mark in outcome.marks)


def test_the_longest_gap_is_told_first() -> None:
    outcome = entries(
        "timeline-gap", "10:00 Users see errors", "10:30 The disk is full", "12:30 A disk is ordered", "12:35 Resolved"
    )
    assert outcome.marks[0].message.startswith("120 minutes")


def test_a_gap_in_which_nobody_noticed_is_explained_by_saying_for_how_long() -> None:
    lines = "## Timeline (UTC)\n\n- 02:00 Users see errors\n- 05:00 The alert fires\n- 05:10 Resolved\n\n"
    assert judged("timeline-gap", lines).verdict is Verdict.NOT_MET
    told = "## What went wrong\n\nIt went unnoticed for three hours.\n"
    assert judged("timeline-gap", lines + told).verdict is Verdict.MET


def test_entries_that_are_headings_need_nothing_bold_where_one_is_a_milestone_in_itself() -> None:
    times = ["10:00", "10:10", "10:20", "10:30", "10:40", "10:50", "11:00"]
    said = ["Incident declared", "An engineer is paged"] + ["We look at the logs of the pool together"] * 4
    body = "\n\n".join(f"### {time}\n\n{text}" for time, text in zip(times, [*said, "Incident resolved"], strict=True))
    assert judged("timeline-milestones", f"## Timeline (UTC)\n\n{body}\n").verdict is Verdict.MET
    plain = "\n".join(f"- {time} {text}" for time, text in zip(times, [*said, "Incident resolved"], strict=True))
    assert judged("timeline-milestones", f"## Timeline (UTC)\n\n{plain}\n").verdict is Verdict.NOT_MET


def test_an_attack_from_outside_has_no_change_before_it() -> None:
    lines = "## Timeline (UTC)\n\n- 02:00 The alert fires\n- 05:10 Resolved\n"
    assert judged("timeline-trigger", lines).verdict is Verdict.NOT_MET
    told = "## Summary\n\nA denial-of-service attack made the site slow.\n\n"
    assert judged("timeline-trigger", told + lines).verdict is Verdict.CANNOT_TELL


def test_a_zone_is_not_asked_of_a_language_whose_readers_share_one() -> None:
    text = "# ログインできない障害\n\n## タイムライン\n\n- 10:00 障害が発生した\n- 11:00 復旧した\n"
    assert judged("time-zone", text).verdict is Verdict.CANNOT_TELL


def test_where_no_restoration_is_recognised_the_last_repair_ends_what_is_looked_at() -> None:
    told = [
        "11:40 Release 41 is out, its build was green",
        "12:20 A shop asks what the field is",
        "14:00 Logging is switched off",
    ]
    (mark,) = entries("timeline-gap", *told).marks
    assert "12:20" in mark.message


@pytest.mark.parametrize(
    "first",
    ["22:10 The guard receives a call", "22:10 A customer writes that a sum is wrong", "22:10 First mail from a shop"],
)
def test_a_message_from_outside_is_when_it_was_noticed(first: str) -> None:
    assert entries("timeline-trigger", first, "22:40 Service is restored").verdict is Verdict.NOT_MET


def test_a_slip_of_the_hand_may_be_the_trigger() -> None:
    assert (
        entries("timeline-trigger", "21:40 The cable of the wrong rack is unplugged by mistake").verdict is Verdict.MET
    )
