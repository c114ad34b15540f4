"""Vague amounts, numbers without units, unexplained letters, estimates without a ground."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules import wording
from companion.operations.postmortems.rules.outcome import Outcome, Verdict

TITLE = "# Users could not check out for 20 minutes\n\n"


def judged(rule: str, text: str) -> Outcome:
    return wording.CHECKS[rule](parse(TITLE + text))


def impact(rule: str, text: str) -> Outcome:
    return judged(rule, f"## Impact\n\n{text}\n")


# Vague amounts


@pytest.mark.parametrize(
    "text",
    [
        "Some customers were affected.",
        "A number of users could not log in.",
        "There was a significant impact.",
        "Requests were significantly slower.",
        "A small subset of our users saw errors.",
        "Many orders\nwere lost.",
        "Quite a few shops were offline.",
        "It was slow for some time.",
        "It took several hours.",
        "A few large customers complained.",
        "Response times were higher, with elevated error rates.",
    ],
)
def test_an_amount_in_words_is_a_finding(text: str) -> None:
    (mark,) = impact("vague-quantity", text).marks
    assert mark.line == 5


@pytest.mark.parametrize(
    "text",
    [
        "The sum is exact to three significant digits; 40 orders were wrong.",
        "Some customers, 1,240 by the access log, were charged twice.",
        "A small number of users (about 40) saw it.",
        "Our status page said “some customers may see errors”; 1,240 did.",
        'We told them that "a number of users" were affected.',
        "> Some customers may see errors.",
        "There was a significant increase in latency, from 200 ms to 3 s.",
        "The cause was some missing index.",
        "We lost 12 orders; a few seconds later it was over.",
        "Certain versions of the client retry.",
    ],
)
def test_numbers_quotations_and_other_things_than_amounts_are_none(text: str) -> None:
    outcome = impact("vague-quantity", text)
    assert outcome.verdict is Verdict.MET, outcome.marks


def test_what_nobody_could_know_at_the_time_may_stand_in_the_timeline() -> None:
    text = "## Impact\n\n12 users.\n\n## Timeline (UTC)\n\n- 14:47 Some users report errors\n- 15:00 Resolved\n"
    assert judged("vague-quantity", text).verdict is Verdict.MET


def test_three_vague_amounts_are_shown_and_the_rest_is_counted() -> None:
    marks = impact("vague-quantity", "\n\n".join(["Some customers were affected."] * 6)).marks
    assert [mark.line for mark in marks] == [5, 7, 9]
    assert "3 more" in marks[-1].message


def test_a_vague_title_is_found_at_its_line() -> None:
    (mark,) = wording.CHECKS["vague-quantity"](parse("# Some users could not log in\n\nText of it.\n")).marks
    assert mark.line == 1


# Units


@pytest.mark.parametrize(
    "text",
    [
        "P95 latency rose from 200 to 3200.",
        "Error rate: 0.02",
        "The timeout of 30 was too short.",
        "Memory usage reached 12, then the process died.",
        "| Metric | Value |\n|---|---|\n| P95 latency | 3200 |",
    ],
)
def test_a_measure_without_a_unit_is_a_finding(text: str) -> None:
    (mark,) = impact("metrics-units", text).marks
    assert "no unit" in mark.message


@pytest.mark.parametrize(
    "text",
    [
        "P95 latency rose from 200 to 3,200 ms.",
        "P95 latency rose from 200ms to 3.2 seconds.",
        "The error rate was 15%, the throughput 300 requests/s.",
        "Latency on node 7 rose to 300 ms at 14:38.",
        "The error rate rose at 14:38.",
        "Memory usage doubled on 3 nodes.",
        "The latency was 10 times higher, the error rate 3x.",
        "An error rate of 1 in 5.",
        "Latency in ms: 120 before, 950 during, 118 after.",
        "P99 (seconds) went from 2 to 11.",
        "Time to repair: 8m",
        "The lag was 0.",
        "The connection pool size was 20.",
        "| Metric | Value (ms) |\n|---|---|\n| P95 latency | 3200 |",
        "| Metric | Value |\n|---|---|\n| P95 latency (ms) | 3200 |",
    ],
)
def test_units_counts_times_and_ratios_are_fine(text: str) -> None:
    assert impact("metrics-units", text).marks == ()


def test_where_nothing_is_measured_nothing_lacks_a_unit() -> None:
    assert impact("metrics-units", "12 users were logged out.").verdict is Verdict.CANNOT_TELL
    assert impact("metrics-units", "The error rate was 15%.").verdict is Verdict.MET


# Acronyms


def test_each_unknown_acronym_is_found_once_where_it_first_stands() -> None:
    (mark,) = judged("acronym-undefined", "## Causes\n\nThe XQZ was full.\n\nThe XQZ was full again.\n").marks
    assert (mark.line, '"XQZ"' in mark.message) == (5, True)


@pytest.mark.parametrize(
    "text",
    [
        "The pod disruption budget (PDBX) said no. The PDBX is old.",
        "The PDBX (pod disruption budget of X) said no.",
        "PDBX stands for the budget of pods.",
        "A pod disruption budget for X is kept. The PDBX said no.",
        "The HTTP API of the SQL server used all CPU; SEV1 was declared at 10:00 UTC.",
        "We did NOT restart it, and ran DELETE FROM orders.",
        "See ABC-123, US-EAST and MAX_CONNECTIONS.",
        "> the XQZ is full",
        "```\nXQZ=1\n```",
        "## Glossary\n\n- XQZ: the queue of the zoo\n\n## Causes\n\nThe XQZ was full.",
        "## Attendees\n\n- QX\n- WZ",
    ],
)
def test_what_is_spelled_out_known_shouted_quoted_or_a_name_is_no_unknown_acronym(text: str) -> None:
    outcome = judged("acronym-undefined", f"## Causes\n\nText.\n\n{text}\n")
    assert outcome.verdict is Verdict.MET, outcome.marks


def test_an_acronym_that_is_spelled_out_too_late_is_told_where() -> None:
    (mark,) = judged(
        "acronym-undefined", "## Causes\n\nThe XQZ was full.\n\nThe extra queue of the zoo (XQZ) is old.\n"
    ).marks
    assert mark.message == '"XQZ" is not spelled out before line 7.'


# Estimates


@pytest.mark.parametrize(
    "text", ["Approximately 5,000 users were affected.", "~300 orders were lost.", "An estimated $2,000 was lost."]
)
def test_an_estimate_without_its_ground_is_a_finding(text: str) -> None:
    (mark,) = impact("estimate", text).marks
    assert "estimate" in mark.message


@pytest.mark.parametrize(
    "text",
    [
        "Approximately 5,000 users were affected, going by the logins of the week before.",
        "About 300 orders were lost. We estimate this from the access log.",
        "23,000 checkout attempts failed, representing approximately $89,000.",
        "At ~18:10 it was over, after about 20 minutes, and 12 users wrote to us.",
        "About 300 orders were lost.\n\nThe number is extrapolated from the same hour of Monday.",
    ],
)
def test_an_estimate_with_its_ground_and_a_rounded_time_are_fine(text: str) -> None:
    outcome = impact("estimate", text)
    assert outcome.verdict is Verdict.MET, outcome.marks


def test_a_name_that_is_also_written_small_is_no_acronym() -> None:
    said = "The LAMP network stopped for the readers of our pages.\n\n"
    assert judged("acronym-undefined", f"## Impact\n\n{said}").verdict is Verdict.NOT_MET
    assert judged("acronym-undefined", f"## Impact\n\n{said}LampDAO runs it.").verdict is Verdict.MET
    assert judged("acronym-undefined", f"## Impact\n\n{said}It is at lamp.example.org.").verdict is Verdict.MET


def test_a_word_that_is_shouted_is_no_acronym() -> None:
    assert (
        judged(
            "acronym-undefined", "## Summary\n\nOh, the noise, and then: all the NOISE! BANG! went the fan.\n"
        ).verdict
        is Verdict.MET
    )


def test_among_actions_letters_with_an_article_or_a_plural_are_no_initials() -> None:
    text = "## Action items\n\n1. Review all DTOs for such fields\n"
    assert "DTO" in judged("acronym-undefined", text).marks[0].message
    assert judged("acronym-undefined", "## Action items\n\n1. Review such fields (KLM)\n").verdict is Verdict.MET


def test_a_range_without_a_unit_has_none_whatever_follows() -> None:
    assert impact("metrics-units", "Latency was between 30 and 80 throughout the day.").verdict is Verdict.NOT_MET
    assert impact("metrics-units", "Latency was between 30 and 80 ms throughout the day.").verdict is Verdict.MET


def test_too_long_did_not_read_is_no_acronym() -> None:
    assert judged("acronym-undefined", "# T\n\n## Summary\n\nTL;DR: a disk was full.\n").marks == ()
