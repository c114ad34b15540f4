"""What the last exercises are judged by: a key that the guide's reading fulfils, and an examination that is fair."""

from __future__ import annotations

import pytest

from companion.schemas.pii.demo.exercises import (
    KEY,
    PRINTED,
    agrees,
    drawn_case,
    examine,
    levels_by_rules,
    named,
    what_differs,
)
from companion.schemas.pii.evaluation.benchmark import judge, score
from companion.schemas.pii.evaluation.corpus import load_corpus
from companion.schemas.pii.rules.loading import RulesError
from companion.schemas.pii.verdict import Level

RIGHT = {name: next(level.value for level in Level if agrees(name, level)) for name in KEY}


def test_the_key_gives_each_field_one_level_and_three_are_high() -> None:
    assert all(sum(agrees(name, level) for level in Level) == 1 for name in KEY)
    assert sorted(RIGHT.values()).count("HIGH") == 3
    assert what_differs(RIGHT) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"barrier_code": "SECRET"}, "not 'SECRET'"),
        ({"barrier_code_sent": "HIGH"}, "1 of your HIGH fields can ruin nobody"),
        ({"step_free": "PUBLIC"}, "1 HIGH missed"),
        (dict.fromkeys(["pitch", "plate", "lead_guest"], "LOW") | {"phone_on_site": "LOW"}, "3 of the other labels"),
    ],
)
def test_labels_that_differ_are_told_how(change: dict[str, str], said: str) -> None:
    assert said in (what_differs(RIGHT | change) or "")


def test_another_reading_of_two_other_fields_is_allowed_and_a_missing_one_is_not() -> None:
    assert what_differs(RIGHT | {"plate": "LOW", "lead_guest": "MEDIUM"}) is None
    assert what_differs({name: level for name, level in RIGHT.items() if name != "pitch"}) == "no label for pitch"


def test_the_rules_are_asked_about_the_campsite_as_about_any_schema() -> None:
    assert levels_by_rules({"ssn": ("string", ""), "left": ("int32", "of the paper")}) == {
        "ssn": "HIGH",
        "left": "PUBLIC",
    }


def test_a_drawn_case_counts_what_it_drew() -> None:
    for size in (1, 50):
        truth, guess, hits, of = drawn_case(size, 7)
        assert len(truth) == max(size, 1) and guess.keys() <= truth.keys()
        assert 1 <= of == list(truth.values()).count("LOW") and 0 <= hits <= of
        assert drawn_case(size, 7) == (truth, guess, hits, of) != drawn_case(size, 8)


def test_rules_of_ones_own_are_examined_beside_those_of_the_book() -> None:
    nothing = examine("version: mine\nrules: []\n")
    fifth = judge(load_corpus("new_trades"))
    home = [each for each in fifth if each.field.trade in ("library", "veterinary") and named(each) not in PRINTED]
    away = [each for each in fifth if each.field.trade in ("league", "waste") and named(each) not in PRINTED]
    assert len(PRINTED) == len(fifth) - len(home) - len(away)
    assert (nothing.home, nothing.away) == (score(home), score(away))
    assert nothing.before == nothing.after and (nothing.lost, nothing.patient) == ((), ())
    with pytest.raises(RulesError):
        examine("rules: [")


def test_what_the_chapter_prints_is_worth_nothing() -> None:
    copied = examine(
        "version: m\nrules:\n  - {id: m, type: X, level: HIGH, why: w, holds: [text, number, flag], names: [sin, hepb, "
        "concussions, keysafe, proof of id number, homebound reason]}\n"
    )
    assert (copied.home, copied.away) == ((nothing := examine("version: m\nrules: []\n")).home, nothing.away)


def test_what_rules_of_ones_own_take_away_is_told() -> None:
    seen = examine("version: m\npublic:\n  - {why: w, names: [passport number, diagnosis, blood group, allergies]}\n")
    assert "passport_number" in seen.patient
    assert seen.after.matrix[0][0] <= seen.before.matrix[0][0] - len(seen.lost)
