"""How rules are held against what people labelled."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from companion.operations.postmortems.evaluation import (
    Judged,
    Score,
    Sentence,
    around,
    by_family,
    differences,
    judge_documents,
    judge_sentences,
    score,
    sentences,
)
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.catalogue import rules
from companion.operations.postmortems.rules.outcome import Verdict

FOLDER = Path(__file__).parents[3] / "data" / "postmortems"
FITTED = 0.9


def judged(wanted: bool, verdict: Verdict, *, unsure: bool = False, rule: str = "action-vague") -> Judged:
    return Judged(rule, "a sentence", wanted, verdict, unsure)


@cache
def fitted() -> tuple[Judged, ...]:
    few = judge_sentences(one for one in sentences(FOLDER / "sentences.jsonl") if not one.held_back)
    return (*few, *judge_documents(FOLDER, held_back=False))


def test_precision_counts_what_was_invented_and_recall_what_was_missed() -> None:
    answers = [judged(True, Verdict.NOT_MET), judged(True, Verdict.NOT_MET), judged(True, Verdict.NOT_MET),
               judged(False, Verdict.NOT_MET), judged(True, Verdict.MET), judged(True, Verdict.CANNOT_TELL),
               judged(False, Verdict.MET)]  # fmt: skip
    found = score(answers)
    assert found == Score(hits=3, alarms=1, misses=2, untold=1, asked=7)
    assert (found.precision, found.recall) == (0.75, 0.6)


def test_without_a_finding_there_is_no_precision_and_without_a_fault_no_recall() -> None:
    assert (score([]).precision, score([]).recall) == (None, None)


def test_what_the_person_cannot_tell_is_asked_only_where_the_rule_claims_to_know() -> None:
    assert score([judged(False, Verdict.CANNOT_TELL, unsure=True)]).asked == 0
    assert score([judged(False, Verdict.NOT_MET, unsure=True)]).alarms == 1


def test_differences_name_rule_and_sentence() -> None:
    answers = [judged(True, Verdict.MET), judged(False, Verdict.NOT_MET), judged(True, Verdict.NOT_MET)]
    assert differences(answers) == {
        "missed": ["action-vague: a sentence"], "invented": ["action-vague: a sentence"]
    }  # fmt: skip


@pytest.mark.parametrize(
    "one", sentences(FOLDER / "sentences.jsonl")[::7], ids=lambda one: f"{one.rule} {one.text[:20]}"
)
def test_a_sentence_is_read_where_it_would_stand(one: Sentence) -> None:
    document = parse(around(one))
    places = {"title": document.title, "lesson": document.lessons, "action": document.actions,
              "timeline": document.timeline, "why": document.whys}  # fmt: skip
    assert one.text.split()[-1].strip(".:*`") in str(places.get(one.place, document.sections))


def test_the_labels_name_rules_that_there_are() -> None:
    known = {rule.id for rule in rules()}
    assert {one.rule for one in fitted()} <= known
    assert {one.rule for one in sentences(FOLDER / "sentences.jsonl")} <= known


@pytest.mark.parametrize("family", ["story", "timeline", "analysis", "learning", "process"])
def test_rules_find_nine_tenths_of_what_they_were_fitted_to_and_invent_little(family: str) -> None:
    found = by_family(fitted())[family]
    assert found.asked > 50
    assert (found.precision or 0) >= FITTED and (found.recall or 0) >= FITTED, differences(fitted())


def test_documents_that_meet_every_rule_have_no_finding() -> None:
    clean = {"checkout.md", "quotes.md", "rooms.md"}
    assert [one for one in fitted() if one.what in clean and one.found] == []


def test_the_first_meeting_is_kept_as_it_fell() -> None:
    kept = json.loads((FOLDER / "first_meeting.json").read_text("utf-8"))
    families = [Score(**one) for one in kept["families"].values()]
    whole = Score(**kept["all"])
    assert whole.hits == sum(one.hits for one in families) and whole.asked == sum(one.asked for one in families)
    assert (round(whole.precision or 0, 2), round(whole.recall or 0, 2)) == (0.86, 0.71)
