"""What the article's calculator lets through, each thing in a process that is thrown away."""

from __future__ import annotations

import pytest

from companion.reasoning.react.filtered_eval import ESCAPES, SECRET, Escape, as_text, evaluate

DONE = {
    "reads a file, and gives it as a number": SECRET,
    "writes a file": "16 {'written.txt': 'by an expression'}",
    "imports os": "25 {}",
    "runs a command of the shell": "0 {'shell.txt': 'by the shell'}",
    "runs statements": "None {'statement.txt': 'by exec'}",
    "makes a class that is whatever it is rounded to": "42 {}",
    "reads attributes by a format": "8 {}",
    "ends the process": "None {}",
    "computes until it is killed": "None {}",
    "reads a file without two underscores": SECRET,
}


def test_there_are_ten_ways() -> None:
    assert [escape.does for escape in ESCAPES] == [*DONE]


@pytest.mark.parametrize("escape", ESCAPES, ids=lambda escape: escape.does)
def test_each_does_what_a_calculator_should_not(escape: Escape) -> None:
    (outcome,) = evaluate([escape.expression], escape.rule)
    told = f"{outcome.value} {outcome.files}"
    read = as_text(outcome.value) if outcome.value and len(outcome.value) > 20 else ""
    assert DONE[escape.does] in (told, read)
    assert (outcome.error == "ended") == (escape.does.startswith(("ends", "computes")))


def test_nothing_of_it_would_get_through_if_the_filter_did_not_cut() -> None:
    cut = [escape for escape in ESCAPES if "__" in escape.plain]
    assert len(cut) == 8
    refused = evaluate([escape.expression for escape in cut], "refuse")
    assert {outcome.error for outcome in refused} == {"Calculation error: forbidden"}
    for outcome in evaluate([escape.plain for escape in cut]):
        assert outcome.error.startswith("Calculation error")
        assert outcome.files == {}


def test_honest_expressions_are_wrong_or_refused_without_a_reason() -> None:
    said = evaluate(["2^10", "0.004*1", "1/3", "1e400", "10**5000", "5%", "$94.9 - $88.1", "1,000*2", "3x4", "1+1"])
    assert [outcome.value for outcome in said] == ["8", "0.0", "0.33", "inf", None, None, None, None, None, "2"]
    assert said[4].error.startswith("ValueError in the caller")
