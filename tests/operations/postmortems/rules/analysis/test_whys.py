"""A document has to ask why, from what customers saw to something that can be changed, by whatever method."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.analysis import CHECKS
from companion.operations.postmortems.rules.outcome import Outcome, Verdict

MET, NOT_MET, CANNOT_TELL = Verdict.MET, Verdict.NOT_MET, Verdict.CANNOT_TELL


def judged(rule: str, text: str) -> Outcome:
    return CHECKS[rule](parse(f"# Users could not check out for 20 minutes\n\n{text}\n"))


def chain(*answers: str) -> str:
    return "## Five whys\n\n" + "\n".join(
        f"{n}. Why did that happen to the users?\n   -> {answer}" for n, answer in enumerate(answers, start=1)
    )


# Depth


def test_a_chain_of_three_whys_is_deep_enough() -> None:
    assert judged("whys-missing", chain("500s.", "No connection.", "The pool was exhausted.")).verdict is MET


def test_a_chain_of_one_why_is_quoted_by_its_last_answer() -> None:
    outcome = judged("whys-missing", chain("The pool was exhausted."))
    assert outcome.verdict is NOT_MET
    assert outcome.marks[0].line == 5
    assert "ends after 1 question, at “The pool was exhausted.”" in outcome.marks[0].message


def test_contributing_factors_do_as_well_as_whys() -> None:
    text = """## Contributing factors

* a change made ten times as many queries per request
* the load test runs on a tenth of the data
* rollbacks need an approval, also at night"""
    assert judged("whys-missing", text).verdict is MET


def test_prose_that_gives_reasons_for_reasons_is_deep_enough() -> None:
    text = """## Root cause

The pool was exhausted because each request made ten queries. The tests did not show it, since they run on ten rows.
Nobody had asked for more, as the tables were small when the tests were written, which meant that no one looked."""
    assert judged("whys-missing", text).verdict is MET


def test_a_cause_that_is_only_named_is_not_enough() -> None:
    outcome = judged("whys-missing", "## Root cause\n\nOOM. The batches were too big.")
    assert (outcome.verdict, outcome.marks[0].line) == (NOT_MET, 5)


def test_an_empty_section_on_causes_is_found_by_its_heading_and_its_prompt_is_no_analysis() -> None:
    outcome = judged("whys-missing", "## Root cause\n\n<!-- Keep asking why! Because of what? Since when? -->\n\nTBD")
    assert (outcome.verdict, outcome.marks[0].line) == (NOT_MET, 3)


def test_reasons_in_prose_without_a_section_cannot_be_told() -> None:
    text = (
        "It failed because the disk was full. The disk was full since logs are kept for ever, which nobody had noticed."
    )
    assert judged("whys-missing", text).verdict is CANNOT_TELL


def test_a_document_without_any_reason_is_not_met() -> None:
    text = "## Summary\n\nCheckout failed.\n\n## Impact\n\n400 users.\n\n## Timeline\n\n- 10:00 down\n- 10:20 up"
    outcome = judged("whys-missing", text)
    assert (outcome.verdict, outcome.marks[0].line) == (NOT_MET, None)


def test_long_prose_without_words_for_reasons_is_not_called_shallow() -> None:
    outcome = judged("whys-missing", "## Root cause\n\n" + "The cache holds the plan of each statement. " * 20)
    assert outcome.verdict is CANNOT_TELL


# Numbers


def test_whys_in_bullets_are_one_finding_with_their_count() -> None:
    outcome = judged("whys-numbered", chain("a", "b", "c").replace("1.", "-").replace("2.", "-").replace("3.", "-"))
    (mark,) = outcome.marks
    assert "3 of 3 whys have no number" in mark.message


def test_two_branches_that_both_begin_at_one_are_told_apart_by_nothing() -> None:
    text = f"{chain('a', 'b', 'c')}\n\n**Branch A: detection**\n\n1. Why was it late?\n   -> No alert."
    outcome = judged("whys-numbered", text)
    assert outcome.verdict is NOT_MET
    assert "Two branches have a why 1" in outcome.marks[0].message


def test_branches_with_numbers_of_their_own_are_met() -> None:
    text = """## Root cause

**Primary chain (1.x)**

1.1 Why did users see errors?
-> 500s.

1.2 Why?
-> The pool.

**Detection (2.x)**

2.1 Why did detection take 12 minutes?
-> Only error rates are watched."""
    assert judged("whys-numbered", text).verdict is MET


def test_factors_in_bullets_have_nothing_to_refer_to_and_in_numbers_they_have() -> None:
    bullets = "## Contributing factors\n\n- one and two\n- three and four\n- five and six"
    numbers = bullets.replace("- one", "1. one").replace("- three", "2. three").replace("- five", "3. five")
    assert judged("whys-numbered", bullets).verdict is NOT_MET
    assert judged("whys-numbered", numbers).verdict is MET
    assert judged("whys-numbered", "## Root cause\n\nThe disk was full.").verdict is CANNOT_TELL


# Where it ends


@pytest.mark.parametrize(
    "answer",
    [
        "Human error.",
        "Because the operator typed the wrong region.",
        "The engineer forgot to renew it.",
        "The runbook was not followed.",
        "Process failure.",
        "It is a legacy system.",
        "It is a legacy component that nobody wants to touch.",
        "Human error. The engineer who wrote the change did not look at the number of queries.",
        "Technical debt.",
        "A typo in the configuration.",
    ],
)
def test_a_chain_does_not_end_at_a_person_a_process_or_old_code(answer: str) -> None:
    outcome = judged("whys-stop-early", chain("500s.", "No connection.", answer))
    assert outcome.verdict is NOT_MET
    assert outcome.marks[0].line == 9


@pytest.mark.parametrize(
    "answer",
    [
        "The tool accepts any region and asks for no confirmation.",
        "The operator typed the wrong region, and the tool does not ask for a confirmation.",
        "It was not human error: nothing shows which region is selected.",
        "The engineer forgot it, because certificates are in no inventory.",
        "The runbook was not followed since it takes an hour and the alert leaves ten minutes.",
        "The legacy system has no owner since the teams were merged.",
        "Test data has never been kept at the size of production.",
    ],
)
def test_a_chain_may_pass_by_an_error_if_it_says_what_made_it_possible(answer: str) -> None:
    assert judged("whys-stop-early", chain("500s.", "No connection.", answer)).verdict is MET


def test_an_error_in_the_middle_of_a_chain_is_no_end() -> None:
    assert judged("whys-stop-early", chain("Human error.", "No check.", "Nobody owns the tool.")).verdict is MET


def test_each_branch_is_looked_at_by_its_own_end() -> None:
    text = """## Root cause

1.1 Why did users see errors?
-> 500s.

1.2 Why?
-> Human error.

2.1 Why did detection take 12 minutes?
-> Only error rates are watched."""
    (mark,) = judged("whys-stop-early", text).marks
    assert mark.line == 8


def test_prose_that_blames_and_stops_is_found_and_prose_that_goes_on_is_not() -> None:
    stops = "## Root cause\n\nThe wrong table was dropped. The cause was human error."
    assert judged("whys-stop-early", stops).verdict is NOT_MET
    goes_on = f"{stops} The console looks the same for test and production, and nothing asks for a second person."
    assert judged("whys-stop-early", goes_on).verdict is MET


def test_others_who_speak_of_human_error_in_a_quotation_are_left_alone() -> None:
    text = "## Root cause\n\nThe form has no second step.\n\n> The cause was human error."
    assert judged("whys-stop-early", text).verdict is MET


# Where it begins


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        ("Why did customers see errors at checkout?", MET),
        ("Why were 300 orders shipped twice?", MET),
        ("Why was the site down?", MET),
        ("Why was the connection pool exhausted?", NOT_MET),
        ("Why was the flag set to true?", NOT_MET),
        ("Why was it so?", CANNOT_TELL),
    ],
)
def test_the_first_why_asks_about_what_was_seen(question: str, verdict: Verdict) -> None:
    text = f"## Five whys\n\n1. {question}\n   -> It was.\n2. Why was that?\n   -> Nothing prevents it."
    assert judged("whys-first", text).verdict is verdict


def test_the_first_why_may_take_up_the_words_of_the_title() -> None:
    text = "## Five whys\n\n1. Why could nobody check out for so many minutes?\n   -> The pool was exhausted."
    assert judged("whys-first", text).verdict is MET


def test_factors_that_come_again_as_headings_are_counted_once_and_need_no_numbers() -> None:
    factors = ["The clock was set by hand", "The manual was not read by us", "Old versions were not tried out"]
    listed = "".join(f"- {factor}\n" for factor in factors)
    headed = "".join(f"### {factor}\n\nIt was so.\n\n- one\n- two\n- three\n\n" for factor in factors)
    assert judged("whys-numbered", f"## Causes\n\n{listed}\n{headed}").verdict is MET
    (mark,) = judged("whys-numbered", f"## Causes\n\n{listed}\n### In detail\n\n- one\n- two\n- three\n").marks
    assert mark.message.startswith("None of the 3 factors")


def test_a_cause_is_quoted_with_its_reason() -> None:
    long = "The settings of the network on the machine of the proxy were lost because two gateways were named."
    (mark,) = judged("whys-missing", f"## Causes\n\n{long}\n\n## Impact\n\nAll of it.\n").marks
    assert "“because two gateways were named.”" in mark.message


def test_reasons_that_stand_where_it_was_diagnosed_leave_it_open() -> None:
    more = "It answered to the wrong side, hence nothing arrived. The first card wins because it is up sooner."
    text = f"## Causes\n\nTwo gateways were named.\n\n## Diagnosis\n\n{more}\n"
    assert judged("whys-missing", text).verdict is CANNOT_TELL


def test_branches_that_each_have_a_number_may_count_from_one() -> None:
    asked = "1. Why did users see errors?\n   The pool was empty.\n2. Why was it?\n   It was small.\n"
    assert (
        judged("whys-numbered", f"## Five whys\n\n**Branch 1**\n\n{asked}\n**Branch 2, the alert**\n\n{asked}").verdict
        is MET
    )
    assert (
        judged("whys-numbered", f"## Five whys\n\n**The pool**\n\n{asked}\n**The alert**\n\n{asked}").verdict is NOT_MET
    )


@pytest.mark.parametrize(("last", "verdict"), [
    ("It is legacy code.", NOT_MET), ("It is legacy code, which no test covers.", MET),
])  # fmt: skip
def test_a_short_last_sentence_is_where_a_chain_stops_whatever_was_said_before_it(last: str, verdict: Verdict) -> None:
    assert judged("whys-stop-early", chain("500s.", "No seat.", f"The form is theirs. {last}")).verdict is verdict
