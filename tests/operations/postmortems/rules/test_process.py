"""What customers were told, who read the document, what its graphs say in words, and which team it belongs to."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.outcome import Outcome, Verdict
from companion.operations.postmortems.rules.process import CHECKS

MET, NOT_MET, CANNOT_TELL = Verdict.MET, Verdict.NOT_MET, Verdict.CANNOT_TELL
TITLE = "# Users could not check out for 20 minutes\n\n"


def judged(rule: str, text: str) -> Outcome:
    return CHECKS[rule](parse(f"{TITLE}{text}\n"))


# Communication


@pytest.mark.parametrize(
    "text",
    [
        "## Communication\n\nThe status page said so from 14:55 UTC.",
        "## Communication\n\nTravellers with two seats got a mail at noon, and a refund.",
        "## Communication\n\nWe wrote back to the three authors and asked them to upload again.",
        "## Communication\n\nNothing was sent, because nobody saw an error.",
        "## Impact\n\n40 users saw an error. All customers were notified by e-mail the next day.",
        "## Timeline\n\n- 10:00 Deploy\n- 10:10 Status page updated\n- 10:20 Resolved",
        "## Impact\n\nNo customers were affected; the tool is internal only.",
    ],
)
def test_a_message_or_silence_with_a_reason_is_met(text: str) -> None:
    assert judged("communication", text).verdict is MET


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("## Impact\n\n400 customers saw an error page.", None),
        ("## Communication\n\nNo message was sent.", 3),
        ("## Communication\n\nThe incident channel was kept up to date.", 3),
        ("## Communication\n\nWe told the neighbouring teams in the stand-up.", 3),
        ("## Communication\n\nCommunication could be better next time.", 3),
        ("## Communication\n\n<!-- What did we tell customers? -->", 3),
    ],
)
def test_silence_without_a_reason_and_talk_among_colleagues_are_not(text: str, line: int | None) -> None:
    outcome = judged("communication", text)
    assert (outcome.verdict, outcome.marks[0].line) == (NOT_MET, line)


def test_a_public_apology_may_itself_be_the_message() -> None:
    assert judged("communication", "We are sorry that your builds failed.").verdict is CANNOT_TELL


def test_a_customer_who_reports_a_failure_has_not_been_told_of_it() -> None:
    text = "## Timeline\n\n- 10:00 Deploy\n- 10:10 Customer support escalates: users report failures\n- 10:20 Resolved"
    assert judged("communication", text).verdict is NOT_MET


# Review


def reviewed(**said: str) -> Outcome:
    meta = "\n".join(f"{key}: {value}" for key, value in said.items())
    return CHECKS["review"](parse(f"---\n{meta}\n---\n\n{TITLE}Checkout failed."))


GOOD = {"date": "2026-11-03", "drafted": "2026-11-04", "published": "2026-11-10", "authors": "Ana Lima",
        "reviewers": "Ben Okoro (search team)"}  # fmt: skip


def test_a_draft_within_a_day_a_reader_from_outside_and_an_end_within_two_weeks_are_met() -> None:
    assert reviewed(**GOOD).verdict is MET
    assert reviewed(**GOOD | {"published": "2026-11-17"}).verdict is MET


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("drafted", "2026-11-05", "2 days after the incident"),
        ("published", "2026-11-18", "15 days after the incident"),
        ("published", "2026-11-04", "a draft for less than a day"),
        ("reviewers", "Ana Lima", "are its authors"),
        ("reviewers", "TBD", "from outside the team"),
        ("status", "in review", "Its status is “in review”"),
    ],
)
def test_each_shortcoming_is_said(key: str, value: str, words: str) -> None:
    outcome = reviewed(**GOOD | {key: value})
    assert outcome.verdict is NOT_MET
    assert any(words in mark.message for mark in outcome.marks), outcome


def test_a_review_may_be_told_in_a_section() -> None:
    text = "## Review\n\nDrafted on 2026-11-04. Reviewed by Ben Okoro of the search team. Published on 2026-11-09."
    assert judged("review", f"**Date:** 2026-11-03\n\n{text}").verdict is MET


def test_a_reviewer_without_any_day_leaves_it_open_and_nothing_at_all_does_not() -> None:
    assert reviewed(date="2026-11-03", reviewers="Ben Okoro").verdict is CANNOT_TELL
    assert reviewed(date="2026-11-03").verdict is NOT_MET


# Graphs


def test_words_that_name_range_unit_events_and_what_is_normal_are_met() -> None:
    caption = (
        "Errors per second, 14:00 to 16:00 UTC, with lines at the deployment and the rollback; dotted the normal rate."
    )
    assert judged("graphs", f"## Metrics\n\n![{caption}](errors.png)").verdict is MET
    assert judged("graphs", f"## Metrics\n\n![Error rate](errors.png)\n\nThe graph shows {caption}").verdict is MET


def test_what_the_words_leave_out_is_listed() -> None:
    (mark,) = judged("graphs", "## Metrics\n\n![Error rate of the checkout service during the night](a.png)").marks
    assert "units, marks of the events and what is normal" in mark.message


def test_a_graph_with_a_name_alone_cannot_be_told() -> None:
    assert judged("graphs", "## Metrics\n\n![Error rate](errors.png)").verdict is CANNOT_TELL


def test_images_without_words_are_one_finding() -> None:
    (mark,) = judged("graphs", "## Metrics\n\n![](a.png)\n\n![](b.png)").marks
    assert (mark.line, "lines 5, 7" in mark.message) == (5, True)


def test_a_link_to_a_dashboard_will_break() -> None:
    (mark,) = judged("graphs", "## Impact\n\nErrors rose ([dashboard](https://grafana.example.org/d/1)).").marks
    assert (mark.line, "linked" in mark.message) == (5, True)


def test_graphs_in_different_time_zones_cannot_be_laid_side_by_side() -> None:
    text = "## Metrics\n\n![Errors per second, 14:00 to 16:00 UTC](a.png)\n\n![Orders, 06:00 to 08:00 PST](b.png)"
    assert "PST, UTC" in judged("graphs", text).marks[0].message


def test_a_picture_of_something_else_and_a_table_of_numbers_cannot_be_told() -> None:
    assert judged("graphs", "## Summary\n\n![Our office](office.jpg)").verdict is CANNOT_TELL
    assert judged("graphs", "## Metrics\n\n| minute | errors |\n|---|---|\n| 14:38 | 120 |").verdict is CANNOT_TELL
    assert judged("graphs", "## Impact\n\n400 users.").verdict is NOT_MET


# The owning team


@pytest.mark.parametrize(
    "text",
    [
        "**Owner team:** payments",
        "Owner: Booking team. Written by the second-line engineer.",
        "**Service:** assistant (owned by the Research Tools team)",
        "This document belongs to the checkout team.",
    ],
)
def test_a_team_may_be_named_in_many_ways(text: str) -> None:
    assert judged("owner-team", text).verdict is MET


def test_a_person_as_the_owner_leaves_the_team_open() -> None:
    assert judged("owner-team", "**Owner:** Ana Lima").verdict is CANNOT_TELL


@pytest.mark.parametrize(
    "text", ["Checkout failed.", "What belongs to a group must be told to a group.", "**Author:** Ben"]
)
def test_without_a_team_it_is_not_met(text: str) -> None:
    assert judged("owner-team", text).verdict is NOT_MET


def test_the_owners_of_actions_do_not_own_the_document() -> None:
    text = "## Action items\n\n- Raise the limit\n    - **Owner:** payments team"
    assert judged("owner-team", text).verdict is not MET


def test_a_signed_article_of_a_site_leaves_the_team_open() -> None:
    text = "---\ntitle: Users could not check out\nauthor: Ana Lima\n---\n\nCheckout failed for an hour.\n"
    assert CHECKS["owner-team"](parse(text)).verdict is CANNOT_TELL


def test_several_days_in_one_line_belong_each_to_the_word_before_it() -> None:
    top = "date: 2026-03-02\n"
    text = "## Making of\n\nDraft: 2026-03-02, 16:00. Reviewer from another team: Ana Lima. Final: 2026-03-09."
    found = CHECKS["review"](parse(f"---\n{top}---\n\n{TITLE}{text}\n"))
    assert found.verdict is MET


def test_a_line_of_short_pieces_at_the_top_may_name_the_team() -> None:
    assert (
        judged("owner-team", "March 2, 2026 | SEV-2 | Passenger Information\n\n## Impact\n\n31.").verdict is CANNOT_TELL
    )


def test_a_review_of_code_is_none_of_the_document() -> None:
    text = "## Timeline (UTC)\n\n- 11:05 Release 41, review by two people\n- 12:00 Service is restored"
    assert judged("review", f"{text}\n\n## Action items\n\n1. Review all forms").verdict is NOT_MET
    assert judged("review", f"{text}\n\n## More\n\nSearch has had a review of it.").verdict is CANNOT_TELL


def test_a_draft_that_says_that_nobody_has_read_it_is_believed() -> None:
    assert judged("review", "A draft, and not yet reviewed.\n\n## Impact\n\n31.").marks[0].line == 3
