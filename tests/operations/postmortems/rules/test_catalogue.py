"""All rules: each has its texts and its check, and its own examples show what it finds."""

from __future__ import annotations

import re

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.catalogue import FAMILIES, rules
from companion.operations.postmortems.rules.outcome import Outcome, Rule, Verdict, family, ids

TITLE = "# Users could not check out for 20 minutes\n\n"

each_rule = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)


def judge(rule: Rule, snippet: str) -> Outcome:
    titled = re.search(r"^# ", re.sub(r"^```.*?^```", "", snippet, flags=re.M | re.S), flags=re.M)
    return rule.check(parse(snippet if titled or snippet.startswith("---") else TITLE + snippet, "snippet.md"))


@pytest.mark.parametrize("name", FAMILIES)
def test_every_text_has_a_check_and_every_check_a_text(name: str) -> None:
    assert set(family(name)["rules"]) == set(FAMILIES[name].CHECKS)


def test_ids_are_stable_words_and_no_two_rules_share_one() -> None:
    names = [rule.id for rule in rules()]
    assert len(names) == len(set(names)) and set(names) == ids()
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


@each_rule
def test_a_rule_tells_all_that_a_reader_needs(rule: Rule) -> None:
    for text in (rule.says, rule.reason, rule.bad, rule.good, rule.fix):
        assert text.strip()
    for text in (rule.says, rule.reason, rule.fix):
        assert text.strip()[-1] in '.!?)`"' and "\n" not in text.strip(), text
    assert 0 < rule.rank < 100


@each_rule
def test_its_bad_example_gives_its_finding(rule: Rule) -> None:
    found = judge(rule, rule.bad)
    assert found.verdict is Verdict.NOT_MET, found
    assert all(mark.message.strip() for mark in found.marks)


@each_rule
def test_its_good_example_gives_none(rule: Rule) -> None:
    found = judge(rule, rule.good)
    assert found.verdict is Verdict.MET, found
