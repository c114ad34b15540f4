"""An action is a deed with one owner and a date, follows from a lesson, and can be seen to be done."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.learning import CHECKS
from companion.operations.postmortems.rules.learning.actions import is_team, is_vague
from companion.operations.postmortems.rules.outcome import Outcome, Severity, Verdict

MET, NOT_MET, CANNOT_TELL = Verdict.MET, Verdict.NOT_MET, Verdict.CANNOT_TELL
ERROR, WARNING = Severity.ERROR, Severity.WARNING
HEAD = "| # | Action | Owner | Due | Priority | Lesson | Status |\n|---|---|---|---|---|---|---|\n"


def judged(rule: str, text: str) -> Outcome:
    return CHECKS[rule](parse(f"# Users could not check out for 20 minutes\n\n**Date:** 2026-11-03\n\n{text}\n"))


def table(*rows: str) -> str:
    return f"## Action items\n\n{HEAD}" + "\n".join(rows)


def row(
    action: str = "Give up on a query after two seconds",
    owner: str = "Ana Lima",
    due: str = "2026-11-20",
    priority: str = "High",
    lesson: str = "1",
    status: str = "open",
) -> str:
    return f"| 1 | {action} | {owner} | {due} | {priority} | {lesson} | {status} |"


EVERY = sorted(CHECKS.keys() - {"lessons-missing", "lessons-numbered", "lesson-not-universal", "actions-missing"})


@pytest.mark.parametrize("rule", EVERY)
def test_an_action_with_all_that_it_needs_is_met(rule: str) -> None:
    lessons = "## Lessons learned\n\n1. Whatever waits needs a limit.\n\n"
    assert judged(rule, lessons + table(row())).verdict is MET


@pytest.mark.parametrize("rule", EVERY)
def test_where_no_list_was_recognised_nothing_is_said_of_its_entries(rule: str) -> None:
    assert judged(rule, "We will do better.").verdict is CANNOT_TELL


# Whether there are any


def test_a_list_that_is_empty_is_found_and_one_that_leads_elsewhere_cannot_be_told() -> None:
    assert judged("actions-missing", "## Follow-up\n\nTBD").marks[0].line == 5
    outcome = judged("actions-missing", "## Follow-up\n\nSee the [board](https://example.org/board/7).")
    assert (outcome.verdict, "links" in outcome.why) == (CANNOT_TELL, True)


def test_nothing_to_do_is_an_answer_if_it_says_why() -> None:
    text = "## Action items\n\nNone, because the service is switched off in December."
    assert judged("actions-missing", text).verdict is MET


def test_plans_in_prose_leave_it_open() -> None:
    assert judged("actions-missing", "The shop was slow. We will add a second disk.").verdict is CANNOT_TELL


# Owners


@pytest.mark.parametrize("owner", ["", "TBD", "-", "nobody yet", "?", "unassigned"])
def test_nobody_is_an_error(owner: str) -> None:
    (mark,) = judged("action-owner", table(row(owner=owner))).marks
    assert mark.severity in (None, ERROR)
    assert "Give up on a query" in mark.message


@pytest.mark.parametrize(
    "owner", ["Platform team", "SRE", "on-call", "Payments", "everyone", "@acme/infra", "QA and Ops"]
)
def test_a_team_is_a_warning(owner: str) -> None:
    (mark,) = judged("action-owner", table(row(owner=owner))).marks
    assert (mark.severity, owner in mark.message) == (WARNING, True)


@pytest.mark.parametrize(
    "owner",
    ["Ana Lima", "@ana", "AL", "Ana", "Ana Lima (platform team)", "Ana and Ben", "the release manager", "A. Lima"],
)
def test_a_person_a_handle_or_the_role_of_one_person_is_met(owner: str) -> None:
    assert not is_team(owner)
    assert judged("action-owner", table(row(owner=owner))).verdict is MET


def test_a_name_is_a_teams_where_the_document_calls_it_so() -> None:
    text = table(row(owner="Research Tools"))
    assert judged("action-owner", text).verdict is MET
    assert judged("action-owner", f"It belongs to the Research Tools team.\n\n{text}").verdict is NOT_MET


def test_a_name_before_a_colon_owns_the_action_and_a_subject_does_not() -> None:
    assert judged("action-owner", "## To do\n\n- Carla: ask the other teams who use it").verdict is MET
    assert judged("action-owner", "## To do\n\n- Monitoring: alert on the pool at 75 %").verdict is NOT_MET


def test_what_is_done_or_dropped_needs_no_owner_and_no_date() -> None:
    text = table(row(owner="", due="", status="done"), row(owner="", due="", status="dropped"))
    assert judged("action-owner", text).verdict is MET
    assert judged("action-due", text).verdict is MET


def test_what_stands_under_completed_is_done() -> None:
    text = (
        "## Remediation\n\n### Immediate actions (completed)\n\n- Raised the limit of the pool\n- Fixed the rate limit"
    )
    assert judged("action-owner", text).verdict is MET


def test_what_all_of_a_list_lack_is_one_finding_at_its_heading() -> None:
    (mark,) = judged("action-owner", table(*[row(owner="")] * 4)).marks
    assert (mark.line, mark.message) == (5, "All 4 open actions name nobody who sees to it.")


def test_what_a_few_of_a_list_lack_is_a_finding_each() -> None:
    marks = judged("action-owner", table(row(), row(owner=""), row(), row(owner=""))).marks
    assert [mark.line for mark in marks] == [10, 12]


def test_what_many_of_a_list_lack_is_one_finding_that_says_where_it_begins() -> None:
    (mark,) = judged("action-owner", table(row(), *[row(owner="")] * 6)).marks
    assert "6 of 7" in mark.message and "line 10" in mark.message


# Dates


@pytest.mark.parametrize("due", ["", "TBD", "soon", "ASAP", "ongoing"])
def test_no_date_is_an_error(due: str) -> None:
    (mark,) = judged("action-due", table(row(due=due))).marks
    assert mark.severity in (None, ERROR)


@pytest.mark.parametrize("due", ["next sprint", "Q1 2027", "within 3 months"])
def test_a_time_that_is_no_day_is_a_warning(due: str) -> None:
    (mark,) = judged("action-due", table(row(due=due))).marks
    assert (mark.severity, due in mark.message) == (WARNING, True)


@pytest.mark.parametrize(("due", "verdict"), [("2026-12-18", MET), ("2026-12-19", NOT_MET), ("within two weeks", MET)])
def test_the_45th_day_is_the_last(due: str, verdict: Verdict) -> None:
    assert judged("action-due", table(row(due=due))).verdict is verdict


def test_a_date_before_the_incident_is_a_slip() -> None:
    (mark,) = judged("action-due", table(row(due="2026-01-20"))).marks
    assert "before the incident" in mark.message


def test_days_are_counted_only_where_the_incident_has_a_date() -> None:
    text = f"# Users could not check out\n\n{table(row(due='2031-01-01'))}\n"
    assert CHECKS["action-due"](parse(text)).verdict in (MET, NOT_MET)
    undated = CHECKS["action-due"](parse(text.replace("2031-01-01", "soon")))
    assert undated.verdict is NOT_MET


# Priority and lessons


def test_any_word_for_a_priority_will_do() -> None:
    assert judged("action-priority", table(row(priority="must have"))).verdict is MET
    assert judged("action-priority", table(row(priority=""))).verdict is NOT_MET


LESSONS = "## Lessons learned\n\n1. Whatever waits needs a limit.\n2. Logs are data.{}\n\n"


def test_an_action_may_name_its_lesson_or_the_lesson_its_action() -> None:
    assert judged("action-linked", LESSONS.format("") + table(row(lesson=""))).verdict is NOT_MET
    assert judged("action-linked", LESSONS.format(" (Action #1)") + table(row(lesson=""))).verdict is MET


def test_a_lesson_that_is_not_there_is_named() -> None:
    (mark,) = judged("action-linked", LESSONS.format("") + table(row(lesson="7"))).marks
    assert "refers to lesson 7, and there is none" in mark.message


def test_without_a_list_of_lessons_a_link_cannot_be_asked_for() -> None:
    assert judged("action-linked", table(row(lesson=""))).verdict is CANNOT_TELL


# Deeds and wishes


@pytest.mark.parametrize(
    "action",
    [
        "Investigate better monitoring",
        "We should look into the retries",
        "[P1] Explore circuit breakers",
        "Consider a second region",
        "Figure out why the probe was silent",
        "Evaluate options for a queue",
        "Further investigation of the leak",
    ],
)
def test_looking_into_something_is_no_action(action: str) -> None:
    assert judged("action-investigate", f"## Action items\n\n- {action}").verdict is NOT_MET


@pytest.mark.parametrize(
    "action",
    ["Alert when an investigation lasts an hour", "Add the runbook for evaluating canaries", "Done: investigate it"],
)
def test_the_word_elsewhere_or_a_closed_question_is_none(action: str) -> None:
    assert judged("action-investigate", f"## Action items\n\n- {action}").verdict is MET


@pytest.mark.parametrize(
    "action",
    [
        "Improve monitoring",
        "Add more tests",
        "Better alerting",
        "Update the documentation",
        "Be more careful",
        "Make the system more robust",
        "Prevent this from happening again",
        "Train the team",
        "Fix the bug",
        "Improve monitoring of the connection pool",
        "Talk to the bank about its batch",
    ],
)
def test_a_wish_names_no_thing_and_no_end(action: str) -> None:
    assert is_vague(action)


@pytest.mark.parametrize(
    "action",
    [
        "Alert on the use of the pool at 75 % and 90 %",
        "Add tests for the midnight rollover",
        "Remove the manual approval step",
        "Improve alerting on queue depth by paging at 10,000",
        "Automate certificate renewal",
        "Rotate keys",
        "Ensure that tests run before each deploy",
        "Document the failover procedure in the runbook",
    ],
)
def test_a_deed_has_a_thing_a_number_or_a_way(action: str) -> None:
    assert not is_vague(action)


def test_owner_date_and_priority_in_the_same_line_make_no_wish_concrete() -> None:
    text = "## Action items\n\n1. Improve monitoring. Owner: Ana Lima. Due: 2026-11-20. Priority: high. Lesson 2."
    assert "“Improve monitoring.”" in judged("action-vague", text).marks[0].message


def test_a_ticket_may_say_what_the_list_does_not() -> None:
    assert judged("action-vague", "## To do\n\n- [Update the runbook](https://example.org/77)").verdict is MET


# Done, and too much


def test_what_is_done_leads_to_its_change() -> None:
    done = "## Action items\n\n- [x] Raise the limit of the pool{}"
    assert judged("closed-action", done.format("")).verdict is NOT_MET
    for change in (" ([change 8](https://example.org/8))", " (#4711)", " in commit 3f2a91c", ", OPS-231", " (v2.3.1)"):
        assert judged("closed-action", done.format(change)).verdict is MET, change
    assert judged("closed-action", "## Action items\n\n- [ ] Raise the limit").verdict is MET


@pytest.mark.parametrize(
    "action",
    [
        "Rewrite the checkout service from scratch",
        "Re-architect the order flow",
        "Migrate everything to Kubernetes",
        "Break up the monolith",
        "Replace the payment stack",
        "Build our own queue",
    ],
)
def test_a_plan_for_another_system_is_out_of_scope(action: str) -> None:
    assert judged("scope", table(row(action))).verdict is NOT_MET


@pytest.mark.parametrize(
    "action",
    ["Rewrite the query of the report", "Move the job to 04:00", "Replace the certificate", "Split the test suite"],
)
def test_a_small_change_with_a_large_verb_is_in_scope(action: str) -> None:
    assert judged("scope", table(row(action))).verdict is MET


def test_thirteen_open_actions_or_half_a_year_are_too_much() -> None:
    assert judged("scope", table(*[row()] * 12)).verdict is MET
    assert "13 actions are open" in judged("scope", table(*[row()] * 13)).marks[0].message
    assert "half a year" in judged("scope", table(row(due="2027-06-01"))).marks[0].message


ANNOUNCED = (
    "## What we are doing\n\n- The old job has been switched off.\n- We have removed its rights.\n- All changes will "
    "need a second reader.\n"
)


@pytest.mark.parametrize("rule", ["action-owner", "action-due", "action-priority"])
def test_a_report_of_what_was_done_is_no_list_to_work_by(rule: str) -> None:
    assert judged(rule, ANNOUNCED).verdict is CANNOT_TELL
    assert (
        judged(rule, "## Action items\n\n- The old job has been switched off.\n- We removed its rights.\n").verdict
        is MET
    )
    assert judged(rule, ANNOUNCED + "- Test the import\n- Alert on the age of the queue\n").verdict is NOT_MET


def test_a_done_action_is_linked_where_another_sentence_links_the_same_deed() -> None:
    top = "We [switched off and removed the old job](https://example.org/12) at once.\n\n"
    done = "## Action items\n\n- The old job has been switched off and removed.\n"
    assert judged("closed-action", top + done).verdict is MET
    assert judged("closed-action", done).verdict is NOT_MET


@pytest.mark.parametrize(
    "told", ["So a second action was to move all names to the new host.", "The permanent fix came with the new host."]
)
def test_actions_told_in_prose_are_not_said_to_be_missing(told: str) -> None:
    shape = "## Impact\n\nAll users.\n\n## Causes\n\nA full disk.\n\n## Lessons learned\n\n1. Disks fill up.\n\n"
    assert judged("actions-missing", shape).verdict is NOT_MET
    assert judged("actions-missing", f"{shape}## Resolution\n\n{told}\n").verdict is CANNOT_TELL
