"""Each phase of the response has to be told and judged, wherever that stands."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.analysis import CHECKS
from companion.operations.postmortems.rules.outcome import Outcome, Verdict

MET, NOT_MET, CANNOT_TELL = Verdict.MET, Verdict.NOT_MET, Verdict.CANNOT_TELL
PHASES = ["detection", "diagnosis", "mitigation", "blast-radius"]
SHAPE = "## Impact\n\n{impact}\n\n## Timeline (UTC)\n\n{timeline}\n\n## Root cause\n\nA full disk.\n"
TIMELINE = """- 14:32 Release 7 goes out
- 14:41 An alert fires
- 15:03 Cause identified
- 15:07 Rolled back
- 15:22 Resolved"""


def judged(rule: str, text: str) -> Outcome:
    return CHECKS[rule](parse(f"# Users could not check out for 20 minutes\n\n{text}\n"))


@pytest.mark.parametrize(
    ("rule", "told", "judgement"),
    [
        ("detection", "An alert on errors fired at 14:41.", "One on the pool would have fired five minutes earlier."),
        ("diagnosis", "The on-call engineer found the cause at 15:03.", "No dashboard shows the pool."),
        ("mitigation", "We rolled back at 15:07.", "An approval delayed it by ten minutes."),
        ("blast-radius", "All users in the region were affected.", "A canary would have limited it to one in twenty."),
    ],
)
def test_what_is_told_and_not_judged_is_found_and_a_judgement_beside_it_mends_it(
    rule: str, told: str, judgement: str
) -> None:
    heading = f"## {rule.replace('-', ' ').capitalize()}\n\n"
    outcome = judged(rule, f"{heading}{told}")
    assert (outcome.verdict, outcome.marks[0].line) == (NOT_MET, 5)
    assert told in outcome.marks[0].message
    assert judged(rule, f"{heading}{told} {judgement}").verdict is MET


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("detection", "## What went well\n\n- The alert fired within a minute."),
        ("detection", "## What went wrong\n\n- A customer told us, after an hour."),
        ("mitigation", "## What went wrong\n\n- The rollback needs an approval, which took 15 minutes."),
        ("detection", "## Root cause\n\n1. Why did detection take 12 minutes?\n   -> Only errors are watched."),
        ("detection", "## How we found out\n\nA customer wrote. We could have known an hour sooner."),
        ("diagnosis", "## Response\n\nThe search went slowly: it took an hour to see that the network was fine."),
    ],
)
def test_a_phase_may_be_judged_anywhere(rule: str, text: str) -> None:
    assert judged(rule, text).verdict is MET


def test_a_judgement_of_one_phase_is_none_of_another() -> None:
    text = "## Incident response\n\nAn alert fired at 14:41.\n\nThe rollback was slow because it needs an approval."
    text += "\n\n" + SHAPE.format(impact="400 users.", timeline=TIMELINE)
    assert judged("mitigation", text).verdict is MET
    assert judged("detection", text).verdict is NOT_MET


def test_an_action_that_would_make_it_shorter_is_a_judgement_and_another_one_is_none() -> None:
    text = SHAPE.format(impact="400 users.", timeline=TIMELINE) + "\n## Action items\n\n1. {}\n"
    sooner = text.format("Probe the shop every ten seconds, to detect failures earlier.")
    assert judged("detection", sooner).verdict is MET
    assert judged("detection", text.format("Add an alert on the pool.")).verdict is NOT_MET


def test_a_phase_that_only_the_timeline_tells_is_found_at_its_entry() -> None:
    outcome = judged("detection", SHAPE.format(impact="400 users.", timeline=TIMELINE))
    assert outcome.verdict is NOT_MET
    assert (outcome.marks[0].line, "Only the timeline" in outcome.marks[0].message) == (10, True)


def test_a_prompt_in_a_comment_and_a_log_in_a_fence_tell_nothing() -> None:
    empty = "## Detection\n\n<!-- How could we have detected it sooner? -->\n\n```\nalert would have fired\n```\n\n"
    quiet = "- 14:32 Release 7 goes out\n- 15:22 It ends"
    outcome = judged("detection", empty + SHAPE.format(impact="400 users.", timeline=quiet))
    assert (outcome.verdict, outcome.marks[0].line) == (NOT_MET, None)


@pytest.mark.parametrize("rule", PHASES)
def test_of_prose_in_which_nothing_is_recognised_it_cannot_be_told(rule: str) -> None:
    text = "On Monday the shop was slow for an hour.\n\nThe index had grown. It is smaller now."
    assert judged(rule, text).verdict is CANNOT_TELL


def test_of_a_timeline_that_cannot_be_read_it_cannot_be_told_either() -> None:
    text = SHAPE.format(impact="400 users.", timeline="It all began in the night, and ended in the morning.")
    assert judged("detection", text).verdict is CANNOT_TELL


def test_how_far_it_spread_may_be_told_by_numbers_under_impact() -> None:
    outcome = judged("blast-radius", SHAPE.format(impact="12 % of the users saw errors.", timeline=TIMELINE))
    assert "“12 % of the users saw errors.”" in outcome.marks[0].message


# The analysis afterwards


def test_an_investigation_with_its_duration_is_met_and_without_it_is_not() -> None:
    text = "## Post-incident analysis\n\nWe replayed the traffic on a copy."
    assert "not how long" in judged("post-incident", text).marks[0].message
    assert judged("post-incident", f"{text} That took two days.").verdict is MET


def test_analysis_among_the_response_is_found_where_it_stands() -> None:
    text = "## Diagnosis\n\nWe suspected the network.\n\nThe next day we reproduced it on a copy."
    outcome = judged("post-incident", text)
    assert (outcome.verdict, outcome.marks[0].line) == (NOT_MET, 7)


def test_a_response_that_lasted_until_the_next_morning_is_no_analysis_afterwards() -> None:
    text = "## Detection\n\nThe ticket waited until the next morning, which cost us twelve hours.\n\n"
    outcome = judged("post-incident", text + SHAPE.format(impact="400 users.", timeline=TIMELINE))
    assert outcome.marks[0].line is None


def test_of_prose_the_analysis_afterwards_cannot_be_told() -> None:
    assert judged("post-incident", "The shop was slow for an hour. It is fast again.").verdict is CANNOT_TELL
