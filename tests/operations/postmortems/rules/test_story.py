"""What a reader is told: title, summary, impact."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.document import Document
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules import story
from companion.operations.postmortems.rules.outcome import Outcome, Verdict, family

TITLE = "# Users could not check out for 20 minutes\n\n"


def document(text: str) -> Document:
    return parse(text if text.lstrip().startswith("# ") else TITLE + text)


def judged(rule: str, text: str) -> Outcome:
    return story.CHECKS[rule](document(text))


@pytest.mark.parametrize("rule", family("story")["rules"])
def test_the_bad_example_gives_a_finding_of_its_rule_and_the_good_one_none(rule: str) -> None:
    said = family("story")["rules"][rule]
    bad, good = judged(rule, said["bad"]), judged(rule, said["good"])
    assert bad.verdict is Verdict.NOT_MET
    assert all(mark.message.endswith(".") for mark in bad.marks)
    assert good.verdict is Verdict.MET, good


def test_every_rule_of_the_family_has_a_check_and_every_check_a_text() -> None:
    assert set(story.CHECKS) == set(family("story")["rules"])


# The title


@pytest.mark.parametrize(
    "title",
    [
        "Users unable to complete checkout for 23 minutes in US-EAST",
        "Post mortem: payment e-mails not sent for three hours",
        "Logins failed for 30 minutes",
        "All services returning 503 in Kubernetes",
        "Redis upgrade broke logins for 12 minutes",
        "Customers were charged twice after a failed database migration",
        "docs.example.org unavailable on 12 May",
        "Search down for 40 minutes",
    ],
)
def test_a_title_that_tells_what_customers_met_is_fine_also_with_its_cause(title: str) -> None:
    assert judged("title-customer-problem", f"# {title}\n\nText.\n").verdict is Verdict.MET


@pytest.mark.parametrize(
    "title",
    [
        "Connection pool exhaustion caused outage",
        "Database failure",
        "Expired TLS certificate",
        "Slow query on the orders table",
        "Incident report 2023-05-12",
        "Postmortem: outage on 3 June 2024",
        "Customer database outage",
        "Replay of a sealed confirmation",
        "Deployment failure in checkout",
    ],
)
def test_a_title_that_names_what_broke_or_nothing_is_a_finding_at_its_line(title: str) -> None:
    (mark,) = judged("title-customer-problem", f"\n# {title}\n\nText.\n").marks
    assert mark.line == 2


@pytest.mark.parametrize("title", ["docs.rs outage post mortem", "Dashboard performance", "Gatekeeper disruption"])
def test_whether_a_named_service_is_one_that_customers_use_cannot_be_told(title: str) -> None:
    outcome = judged("title-customer-problem", f"# {title}\n\nText.\n")
    assert outcome.verdict is Verdict.CANNOT_TELL
    assert title[:8] in outcome.why


def test_a_document_whose_h1s_are_all_sections_has_no_title() -> None:
    (mark,) = judged("title-customer-problem", "# Summary\n\nIt was down.\n\n# Timeline\n\n- 10:00 UTC down\n").marks
    assert (mark.line, "no title" in mark.message) == (None, True)


def test_a_title_of_the_front_matter_is_a_title() -> None:
    text = "---\ntitle: Users could not log in\n---\n\n## Summary\n\nIt was down.\n"
    assert story.CHECKS["title-customer-problem"](parse(text)).verdict is Verdict.MET


# The summary

WHOLE = (
    "The checkout service takes the orders of our shop. From 14:38 to 15:22 PST, for 44 minutes, 23,000 checkout "
    "attempts failed because new code exhausted the pool of connections. Rolling back resolved it."
)


@pytest.mark.parametrize("heading", ["## Summary\n\n", "## TL;DR\n\n", "**Summary:** ", ""])
def test_a_summary_counts_under_its_heading_its_label_or_the_title(heading: str) -> None:
    assert judged("summary-incomplete", f"{heading}{WHOLE}\n\n## Timeline\n\n- 10:00 UTC down\n").verdict is Verdict.MET


@pytest.mark.parametrize(
    ("without", "named"),
    [
        (" PST", "the time zone of its times"),
        ("23,000 checkout attempts", "how many were affected"),
        (" because new code exhausted the pool of connections", "why it happened"),
        (" Rolling back resolved it.", "how it was resolved"),
    ],
)
def test_the_finding_names_the_part_that_is_absent_and_no_other(without: str, named: str) -> None:
    filled = "checkout" if "23,000" in without else ""
    (mark,) = judged("summary-incomplete", f"## Summary\n\n{WHOLE.replace(without, filled)}\n").marks
    assert mark.message == f"The summary does not say {named}."
    assert mark.line == 5


def test_lines_at_the_top_count_as_parts_of_the_summary() -> None:
    text = (
        "- Started: 2024-05-01 10:00 UTC\n- Duration: 44 minutes\n\n## Summary\n\n"
        "The API that serves our maps refused 3,000 requests because a disk was full. Removing old files fixed it.\n"
    )
    assert judged("summary-incomplete", text).verdict is Verdict.MET


def test_a_document_without_any_summary_is_told_so_once() -> None:
    (mark,) = judged("summary-incomplete", "## Timeline\n\n- 10:00 UTC down\n- 10:10 UTC up\n").marks
    assert "no summary" in mark.message


def test_a_section_under_an_unknown_heading_may_be_the_summary() -> None:
    prose = "Something happened to the boats in the harbour, and it took us hours to see it."
    text = f"## The long night of the whales\n\n{prose}\n"
    outcome = judged("summary-incomplete", text)
    assert outcome.verdict is Verdict.CANNOT_TELL
    assert "whales" in outcome.why


# The impact


@pytest.mark.parametrize(
    "impact",
    [
        "23,000 checkout attempts failed, about $89,000.",
        "P95 latency increased from 200ms to 3.2 seconds.",
        "12% of requests failed.",
        "Two customers could not log in.",
        "All users in the EU were logged out.",
        "No customer was affected.",
        "The error rate reached 15 %.",
        "One in five logins failed.",
        "We lost 3.4 million messages.",
        "The site was completely down.",
        "We cannot count the lost events because the access log is kept for one day only.",
        "The number of users is not known, since we keep no logs.",
    ],
)
def test_a_number_of_something_or_a_reason_for_none_is_an_impact(impact: str) -> None:
    assert judged("impact-quantified", f"## Impact\n\n{impact}\n").verdict is Verdict.MET


@pytest.mark.parametrize(
    "impact",
    [
        "Users experienced errors.",
        "The disk was >90% full.",
        "Over 90% of a disk that customers use was full.",
        "Some customers were affected at 14:38.",
        "Users saw an error 500 on 12 May.",
        "There was a significant impact on version 3.2 of the shop.",
    ],
)
def test_how_full_a_disk_was_a_time_a_date_and_a_version_are_no_impact(impact: str) -> None:
    (mark,) = judged("impact-quantified", f"## Impact\n\n{impact}\n").marks
    assert mark.line == 5


def test_not_knowing_the_number_is_a_finding_while_nobody_says_why() -> None:
    (mark,) = judged("impact-quantified", "## Impact\n\nWe could not determine how many users were hit.\n").marks
    assert "not why" in mark.message


def test_numbers_in_quotations_and_code_are_not_the_impact() -> None:
    text = "## Impact\n\n> 5,000 users are angry\n\n```\n300 requests failed\n```\n\nUsers saw errors.\n"
    assert judged("impact-quantified", text).verdict is Verdict.NOT_MET


def test_the_impact_of_a_document_whose_parts_are_not_recognised_cannot_be_told() -> None:
    assert story.CHECKS["impact-quantified"](parse("# Timeline\n\n- 10:00 UTC down\n")).verdict is Verdict.CANNOT_TELL


def test_what_the_service_is_for_is_asked_only_beside_something_else() -> None:
    short = WHOLE.replace("The checkout service takes the orders of our shop. ", "")
    assert judged("summary-incomplete", f"## Summary\n\n{short}\n").verdict is Verdict.MET
    (mark,) = judged("summary-incomplete", f"## Summary\n\n{short.replace(' Rolling back resolved it.', '')}\n").marks
    assert mark.message == "The summary does not say what the service is for and how it was resolved."


@pytest.mark.parametrize(
    ("summary", "rest"),
    [
        ("## Summary\n\nOn 3 March 2026 all users got errors for several hours because a disk was full. It was "
         "replaced.", ""),
        ("## Summary\n\nNobody was affected when a disk filled up on 3 March 2026 for an hour because of logs. It was "
         "replaced.", ""),
        ("## Summary\n\nOn 3 March 2026 all users got errors for an hour because a disk was full.",
         "## Resolution\n\nAn engineer put a larger one in."),
        ("## What happened?\n\nOn 3 March 2026 the site was down because a disk was full. We removed files.",
         "## What was the impact?\n\n300 users waited from 05:13 UTC on for 12 minutes."),
    ],
)  # fmt: skip
def test_no_zone_is_asked_without_times_and_the_next_section_is_read_too(summary: str, rest: str) -> None:
    assert judged("summary-incomplete", f"{summary}\n\n{rest}\n").verdict is Verdict.MET


def test_a_summary_that_is_called_so_has_its_numbers_in_itself() -> None:
    text = "## Summary\n\nOn 3 March 2026 users got errors for an hour because a disk was full. It was replaced.\n\n"
    (mark,) = judged("summary-incomplete", f"{text}## Impact\n\n300 users waited.\n").marks
    assert "how many were affected" in mark.message


def test_the_advice_says_what_stands_further_down_only_where_it_does() -> None:
    text = "## Summary\n\nOn 3 March 2026 300 users got errors because a disk was full.\n\n"
    (mark,) = judged("summary-incomplete", f"{text}## Detection\n\nA user called.\n").marks
    assert mark.fix == "Add one sentence for each part that is named."
    (mark,) = judged("summary-incomplete", f"{text}## Detection\n\nA user called; a fix was reverted.\n").marks
    assert "how it was resolved stands further down already" in mark.fix


def test_the_title_of_a_project_names_no_part_that_broke() -> None:
    text = "# Node.js and cache.io infrastructure incident of 3 March\n\nUsers got errors for an hour.\n"
    assert judged("title-customer-problem", text).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    "summary",
    [
        "The deployment was slow for an afternoon, but service was never unavailable.",
        "At block 812 the chain was split in two, as some nodes copied the memory and others did not, "
        "until the fix was installed on all of them on the next morning.",
    ],
)
def test_where_no_customer_was_hurt_the_title_cannot_name_one(summary: str) -> None:
    text = f"# Broken deployments\n\n## Summary\n\n{summary}\n"
    assert judged("title-customer-problem", text).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    "said",
    [
        "between the hours of 1900 and 2100 UTC",
        "from on or about 2025-02-10 through\n2025-04-01",
        "from 14:38 to 15:22",
    ],
)
def test_from_when_to_when_says_how_long(said: str) -> None:
    text = f"# Uploads failed\n\n## Summary\n\nThe registry takes packages. Uploads failed {said}, some 300 of them.\n"
    assert not any("how long" in mark.message for mark in judged("summary-incomplete", text).marks)
