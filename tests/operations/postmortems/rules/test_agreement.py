"""A document that contradicts itself, and those that only seem to."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.agreement import contradiction
from companion.operations.postmortems.rules.outcome import Verdict

TIMELINE = """
## Timeline (all times PST)

- 14:32 - Deployment begins in us-west-2
- 14:38 - Error rates spike to 15%
- 14:41 - Automated alerts fire
- 14:43 - On-call engineer begins investigation
- 14:47 - Customer support escalates: users reporting checkout failures
- 14:52 - Incident severity raised to SEV-1
- 15:03 - Root cause identified: connection pool exhaustion
- 15:07 - Rollback initiated
- 15:22 - Customer impact resolved, errors back to baseline
"""


def messages(text: str) -> list[str]:
    return [mark.message for mark in contradiction(parse(text)).marks]


def test_the_checkout_outage_contradicts_itself_on_duration_detection_and_region() -> None:
    text = (
        "# Users unable to complete checkout for 23 minutes in US-EAST\n"
        + TIMELINE
        + "\n## Five whys\n\n1. Why did detection take 12 minutes?\n   - We only monitor error rates\n"
        "2. Why did rollback take 15 minutes after identifying the cause?\n   - Approval was required\n"
    )
    marks = contradiction(parse(text)).marks
    assert [mark.line for mark in marks] == [1, 17, 1]
    duration, detection, region = (mark.message for mark in marks)
    assert "23 minutes" in duration
    assert "44 minutes from the beginning (14:38, line 6)" in duration
    assert "12 minutes" in detection
    assert "3 minutes from 14:38 (line 6) to 14:41 (line 7)" in detection
    assert "us-east" in region
    assert "us-west-2" in region


@pytest.mark.parametrize(
    "title",
    [
        "Users unable to complete checkout for 44 minutes in us-west",
        "Users unable to complete checkout for 45 minutes",
        "Users unable to check out for three quarters of an hour",
        "Users unable to check out for about 40 minutes",
        "45-minute outage of the checkout",
        "Checkout e-mails delayed by 3 hours",
        "Checkout results 5 minutes late",
        "Users unable to check out for less than an hour",
    ],
)
def test_rounding_delays_and_a_grace_of_two_minutes_are_no_contradiction(title: str) -> None:
    assert messages(f"# {title}\n{TIMELINE}") == []


def test_the_summary_is_held_against_the_timeline_too() -> None:
    (message,) = messages(f"# Checkout failed\n\n## Summary\n\nThe outage lasted 20 minutes.\n{TIMELINE}")
    assert message.startswith('The summary says "20 minutes"')


def test_two_different_lengths_in_a_summary_leave_open_which_is_the_whole() -> None:
    summary = "Checkout failed for 12 minutes, and was slow for 20 minutes."
    assert messages(f"# Checkout failed\n\n## Summary\n\n{summary}\n{TIMELINE}") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Detection took 3 minutes.",
        "Time to detect: 9 minutes",
        "With a canary, detection would have taken 1 minute.",
        "Detection should have taken one minute.",
        "In the previous incident, detection took 30 minutes.",
        "Our goal is to detect within 5 minutes.",
        "The rollback took 15 minutes.",
        "It took 25 minutes to find the cause.",
    ],
)
def test_waits_that_agree_or_are_only_wished_for_are_no_contradiction(sentence: str) -> None:
    assert messages(f"# Checkout failed\n{TIMELINE}\n## Detection\n\n{sentence}\n") == []


@pytest.mark.parametrize(
    ("sentence", "wait"),
    [
        ("Detection took 20 minutes.", "detection"),
        ("The rollback took 40 minutes.", "rollback"),
        ("It took 50 minutes to find the root cause.", "diagnosis"),
    ],
)
def test_a_wait_that_the_timeline_does_not_know_is_found(sentence: str, wait: str) -> None:
    (message,) = messages(f"# Checkout failed\n{TIMELINE}\n## Response\n\n{sentence}\n")
    assert f"for the {wait}" in message


def test_without_a_timeline_nothing_can_be_compared() -> None:
    assert contradiction(parse("# Checkout failed for 20 minutes\n\nText.\n")).verdict is Verdict.CANNOT_TELL


def test_a_timeline_without_a_known_restoration_contradicts_no_duration() -> None:
    text = entries("10:00 Users see errors", "11:00 Somebody goes home").replace("failed", "failed for 20 minutes")
    assert messages(text) == []


def test_a_first_harm_or_a_last_recovery_in_unknown_words_is_no_contradiction() -> None:
    lines = (
        "10:00 Red lights everywhere",
        "10:10 Users see errors",
        "10:40 Service restored",
        "11:00 The last mail is out",
    )
    for minutes in (60, 50, 40, 30):
        assert messages(entries(*lines).replace("failed", f"failed for {minutes} minutes")) == []
    assert len(messages(entries(*lines).replace("failed", "failed for 20 minutes"))) == 1


def entries(*lines: str, heading: str = "Timeline (UTC)") -> str:
    return f"# Checkout failed\n\n## {heading}\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"


def test_entries_out_of_order_are_found_once_with_their_number() -> None:
    (message,) = messages(entries("10:00 a", "10:30 b", "10:20 c", "10:50 d", "10:40 e", "11:00 f", "11:10 g"))
    assert message.startswith('"10:20" stands after "10:30" (line 6)')
    assert "1 more" in message


@pytest.mark.parametrize(
    "lines",
    [
        ("23:50 a", "23:58 b", "00:10 c", "00:20 d"),
        ("11:00 d", "10:40 c", "10:20 b", "10:00 a"),
        ("10:00 a", "~10:20 b", "10:15 c", "10:30 d"),
        ("10:00 a", "10:02 b", "10:01 c", "10:30 d"),
        ("10:00 a", "??:?? b", "10:15 c", "10:30 d"),
    ],
)
def test_midnight_the_latest_first_and_rounded_times_are_in_order(lines: tuple[str, ...]) -> None:
    assert messages(entries(*lines)) == []


def test_two_lists_of_the_same_hour_are_each_in_order() -> None:
    text = entries("10:00 a", "10:30 b", "11:00 c") + "\n### In detail\n\n- 10:05 d\n- 10:20 e\n- 10:40 f\n"
    assert messages(text) == []


def test_a_wrong_year_in_one_entry_is_found() -> None:
    (message,) = messages(
        entries("2024-01-02 10:00 a", "2024-01-02 10:10 b", "2023-01-02 10:20 c", "2024-01-02 10:30 d")
    )
    assert "2023-01-02" in message


def test_a_heading_of_another_day_than_its_entries_is_found() -> None:
    (message,) = messages(entries("2024-01-02 10:00 a", "2024-01-02 10:10 b", heading="Timeline of 2024-01-12 (UTC)"))
    assert "2024-01-12" in message


def test_regions_of_one_family_agree() -> None:
    title = "# Users in eu-central-1a unable to check out"
    assert (
        messages(f"{title}\n\n## Timeline (UTC)\n\n- 10:00 deploy to eu-central-1\n- 10:10 deploy to us-east-1\n") == []
    )


def test_a_day_of_the_week_fits_its_date() -> None:
    text = "# Users could not check out\n\nOn Tuesday, 2026-03-04, it failed. On Tuesday, 2026-03-03, it had not.\n"
    (mark,) = contradiction(parse(text)).marks
    assert (mark.line, mark.message) == (3, '"Tuesday, 2026-03-04" is no such day: 2026-03-04 was a Wednesday.')


@pytest.mark.parametrize(
    "text",
    [
        "On Tue, 3 March 2026",
        "Tuesday the 3rd of March 2026",
        "2026-03-03 (Tuesday)",
        "On Tuesday, 4 March",
        "sun 2026-03-01",
        "Sunday 05/04/2026",
    ],
)
def test_a_day_of_the_week_that_may_be_right_is_no_contradiction(text: str) -> None:
    outcome = contradiction(parse(f"# Users could not check out\n\n{text}, it failed.\n"))
    assert outcome.verdict is Verdict.CANNOT_TELL


def test_a_moment_of_the_summary_is_on_the_same_day_in_the_timeline() -> None:
    lines = "## Timeline (UTC)\n\n- 2026-03-03 21:14 Users see errors\n- 2026-03-04 02:10 Resolved\n"
    text = "# Users could not check out\n\n## Summary\n\nIt began on {} 21:14 UTC.\n\n"
    assert not messages(text.format("2026-03-03") + lines)
    assert messages(text.format("2026-03-04") + lines) == [
        'The summary says "2026-03-04 21:14", the timeline has 2026-03-03 21:14 on 2026-03-03 (line 9).'
    ]


def test_a_slash_before_a_time_hides_no_wrong_order() -> None:
    text = (
        "# Users could not check out\n\n## Timeline (UTC)\n\n- 2026-03-03 05:13 Alert\n- 2026-03-03/11:34 The provider "
        "answers\n- 2026-03-03 09:15 We look into it\n- 2026-03-03 12:00 Over\n- 2026-03-03 12:30 Report\n"
    )
    assert any("out of order" in message for message in messages(text))
