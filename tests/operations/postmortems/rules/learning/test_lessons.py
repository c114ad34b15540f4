"""Lessons are there under some name, can be referred to, and hold beyond this incident."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.learning import CHECKS
from companion.operations.postmortems.rules.outcome import Outcome, Verdict

MET, NOT_MET, CANNOT_TELL = Verdict.MET, Verdict.NOT_MET, Verdict.CANNOT_TELL
ACTIONS = """
## Action items

1. Add an alarm on the connections of the pool, at 75 %. Owner: Ana Lima. Due: 2026-11-20. Lesson 1.
2. Run the load test on a copy of production data. Owner: Ana Lima. Due: 2026-11-20. Lesson 2.
"""


def judged(rule: str, text: str) -> Outcome:
    return CHECKS[rule](parse(f"# Users could not check out for 20 minutes\n\n{text}\n"))


@pytest.mark.parametrize("heading", ["Lessons learned", "Takeaways", "Learnt", "What went wrong", "What went well"])
def test_lessons_have_many_names(heading: str) -> None:
    assert judged("lessons-missing", f"## {heading}\n\n- The alert fired at once.").verdict is MET


def test_an_empty_section_is_found_at_its_heading() -> None:
    outcome = judged(
        "lessons-missing", "## Lessons learned\n\n<!-- What did you learn? -->\n\nTBD\n\n## Links\n\nNone."
    )
    assert (outcome.verdict, outcome.marks[0].line) == (NOT_MET, 3)


def test_words_of_learning_without_a_section_leave_it_open() -> None:
    shape = "## Impact\n\n400 users.\n\n## Timeline\n\n- 10:00 down\n- 10:20 up\n\n## Root cause\n\nA full disk. {}"
    assert judged("lessons-missing", shape.format("")).verdict is NOT_MET
    outcome = judged("lessons-missing", shape.format("The lesson for us is that logs are data."))
    assert outcome.verdict is CANNOT_TELL
    assert "line 14" in outcome.why


def test_prose_need_not_have_a_section_of_lessons() -> None:
    assert judged("lessons-missing", "The shop was slow for an hour. It is fast again.").verdict is CANNOT_TELL


# Numbers


def test_lessons_in_bullets_are_one_finding() -> None:
    (mark,) = judged("lessons-numbered", "## Lessons learned\n\n- Logs are data.\n- Limits need alarms.").marks
    assert (mark.line, "None of the lessons has a number" in mark.message) == (5, True)


def test_lessons_with_numbers_are_met_and_a_single_one_needs_none() -> None:
    assert judged("lessons-numbered", "## Lessons learned\n\n1. Logs are data.\n2. Limits need alarms.").verdict is MET
    assert judged("lessons-numbered", "## Lessons learned\n\n- Logs are data.").verdict is MET


def test_lessons_told_in_prose_have_no_list_to_number() -> None:
    text = "## Conclusion\n\nLogs are data, and grow like data.\n\nWe are sorry for the trouble."
    assert judged("lessons-numbered", text).verdict is CANNOT_TELL


def test_a_number_that_two_lessons_share_matters_if_an_action_refers_to_it() -> None:
    text = "## What went wrong\n\n1. No alarm.\n2. No test.\n\n## What we learned\n\n1. Logs are data.\n2. Limits.\n"
    assert judged("lessons-numbered", text).verdict is MET
    assert "Two lessons are number 1" in judged("lessons-numbered", text + ACTIONS).marks[0].message


# Whether they hold beyond the incident


@pytest.mark.parametrize(
    "lesson",
    [
        "We need monitoring of the connection pool.",
        "Load testing failed to catch this.",
        "Add more tests.",
        "We should increase the timeout of the payment client.",
        "The cleaner in version 0.8 has no tests.",
        "Do not run the migration on a Friday again.",
        "Better monitoring.",
        "till needs an idempotency key.",
        "Read the spec.",
        "Engineers have to be more careful with queries.",
    ],
)
def test_a_demand_or_a_complaint_is_no_lesson_for_others(lesson: str) -> None:
    outcome = judged("lesson-not-universal", f"## Lessons learned\n\n1. {lesson}\n")
    assert outcome.verdict is NOT_MET
    assert lesson in outcome.marks[0].message


@pytest.mark.parametrize(
    "lesson",
    [
        "Services should watch every resource that can run out, and not only their errors.",
        "Test environments that differ from production will miss what only production shows.",
        "A retry without a key that identifies the operation is a new operation.",
        "Only one layer of a chain should retry, and it must know the time that its caller has left.",
        "Monitor what can run out, not what has run out.",
        "Test a rollback before you need it.",
        "Never trust a health check that does not do what users do.",
        "What is shared between customers has to be tested as shared.",
    ],
)
def test_a_lesson_that_others_can_use_is_met(lesson: str) -> None:
    assert judged("lesson-not-universal", f"## Lessons learned\n\n1. {lesson}\n{ACTIONS}").verdict is MET


def test_a_lesson_that_repeats_an_action_names_its_line() -> None:
    text = f"## Lessons learned\n\n1. Load tests should run on a copy of production data.\n{ACTIONS}"
    assert "restates the action on line 10" in judged("lesson-not-universal", text).marks[0].message


def test_what_went_wrong_is_told_of_this_incident_and_need_not_be_universal() -> None:
    text = "## What went wrong\n\n- We had no alert on the pool.\n- Load testing failed to catch this."
    assert judged("lesson-not-universal", text).verdict is CANNOT_TELL


@pytest.mark.parametrize(
    "first",
    ["We learned a lot from this incident, not least of our proxy.", "From this incident we take three things:"],
)
def test_the_sentence_that_leads_to_the_lessons_is_none(first: str) -> None:
    text = f"## Lessons learned\n\n{first}\n\nA staging environment has to mirror what it stands for.\n"
    assert judged("lesson-not-universal", text).verdict is MET


def test_an_article_without_actions_needs_no_numbers_at_its_lessons() -> None:
    text = (
        "---\ntitle: Users could not check out\nauthor: Ana\n---\n\n## Lessons learned\n\n- Logs are data.\n- Limits.\n"
    )
    assert CHECKS["lessons-numbered"](parse(text)).verdict is CANNOT_TELL
