"""Sentences keep their lines, words are found as whole words, and many like faults are said once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.catalogue import rules
from companion.operations.postmortems.rules.evidence import all_or_each, bare, content, deed, number, quote, sentences
from companion.operations.postmortems.rules.outcome import Mark, Rule, Verdict
from tests.operations.postmortems.draws import few

OURS = [rule for rule in rules() if rule.family in ("analysis", "learning", "process")]


def snippet(text: str) -> str:
    titled = text.startswith(("# ", "---"))
    return text if titled else f"# Users could not check out for 20 minutes\n\n{text}"


def test_a_sentence_has_the_line_on_which_it_begins() -> None:
    document = parse("# Title\n\nOne, e.g. this.\nTwo begins here\nand ends. Three.\n\n- Four.\n\n> Not mine.\n")
    found = [(one.line, one.text.strip()) for one in sentences(document)]
    assert found == [(3, "One, e.g. this."), (4, "Two begins here and ends."), (5, "Three."), (7, "Four.")]


@pytest.mark.parametrize("text", ["", "TBD", "n/a", "None.", "...", "todo", "to be written", "??"])
def test_words_for_what_is_to_come_say_nothing(text: str) -> None:
    assert bare(text)


@pytest.mark.parametrize("text", ["None, because it is gone", "Nothing was lost", "A"])
def test_other_words_do(text: str) -> None:
    assert not bare(text)


def test_a_quotation_ends_at_a_word() -> None:
    assert quote("word " * 20) == f"“{'word ' * 12}…”"
    assert quote("two\nlines") == "“two lines”"


def test_numbers_are_told_whatever_stands_before_them() -> None:
    assert [number(text) for text in ("L2", "#2", "2.", "1.2", "two", "")] == ["2", "2", "2", "1.2", "", ""]


def test_endings_do_not_hide_that_words_are_the_same() -> None:
    assert content("We monitor the pools") == content("monitoring of pool") == frozenset({"monitor", "pool"})


@pytest.mark.parametrize(
    "line",
    [
        "1. Delete the old shard. Owner: Ana Lima. Due: 2026-11-20. Priority: high. Addresses lesson 2.",
        "- [ ] Delete the old shard (Ana Lima, 2026-11-20, P1) (Lesson #2)",
        "- Delete the old shard – Ana Lima, by 2026-11-20",
    ],
)
def test_a_deed_is_what_remains_of_an_action_without_owner_date_priority_and_lesson(line: str) -> None:
    (action,) = parse(f"# Title\n\n## Action items\n\n{line}\n").actions
    assert deed(action).rstrip(".") == "Delete the old shard"


def test_two_of_two_are_told_one_by_one_and_three_of_three_together() -> None:
    document = parse("# Title\n\n## Action items\n\n- one\n- two\n- three\n")
    marks = [Mark(line, "it") for line in (5, 6, 7)]
    assert all_or_each(document, marks[:2], 2, "{} lack it.").marks == (*marks[:2],)
    assert all_or_each(document, marks[:2], 3, "{} lack it.").marks == (*marks[:2],)
    assert all_or_each(document, marks, 3, "{} lack it.").marks == (Mark(3, "All 3 lack it."),)


@pytest.mark.parametrize("rule", OURS, ids=lambda rule: rule.id)
def test_the_bad_example_of_a_rule_gives_its_finding_and_the_good_one_does_not(rule: Rule) -> None:
    assert rule.check(parse(snippet(rule.bad))).verdict is Verdict.NOT_MET
    assert rule.check(parse(snippet(rule.good))).verdict is Verdict.MET


WHOLE = "\n\n".join(snippet(text) for rule in OURS for text in (rule.bad, rule.good))


@few
@given(st.integers(0, len(WHOLE)), st.integers(0, 3000))
def test_no_cut_of_a_document_makes_a_rule_fail(begin: int, length: int) -> None:
    text = WHOLE[begin : begin + length]
    document = parse(text)
    last = text.count("\n") + 1
    for rule in OURS:
        for mark in rule.check(document).marks:
            assert mark.line is None or 1 <= mark.line <= last, rule.id
