"""The article's ladder with a reader that can do no more than a prompt's words."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.models import chat_model
from companion.models.rules import parse_rules
from companion.schemas.pii.evaluation.corpus import LabelledField, LabelledSchema, labelled_fields
from companion.schemas.pii.llm import prompts
from companion.schemas.pii.llm.asking import AskedField, ask
from companion.schemas.pii.llm.prompts import (
    BASIC,
    EXPLICIT,
    LADDER,
    NAIVE,
    climb,
    figures,
    ladder_scores,
    measure_offline,
    own_ladders,
    record_ladder,
    sample,
)
from companion.schemas.pii.verdict import Level


@pytest.fixture(scope="module")
def fields(corpus: list[LabelledSchema]) -> list[LabelledField]:
    return labelled_fields(corpus)


def test_the_ladder_goes_from_no_rule_to_words_to_names() -> None:
    assert list(LADDER) == ["naive", "basic", "explicit"]
    assert parse_rules(NAIVE, list(Level)) == []
    assert [rule.level for rule in parse_rules(BASIC, list(Level))] == ["HIGH", "MEDIUM", "LOW", "PUBLIC"]
    assert len(parse_rules(EXPLICIT, list(Level))) > 20


@pytest.mark.parametrize(
    ("name", "level", "kind"),
    [
        ("ssn", "HIGH", "SSN"),
        ("credit_card_cvv", "HIGH", "CREDIT_CARD"),
        ("annual_income", "HIGH", None),
        ("dob", "MEDIUM", "DATE_OF_BIRTH"),
        ("longitude", "MEDIUM", None),
        ("middle_name", "LOW", "NAME"),
        ("employer_name", "LOW", None),
        ("created_at", "PUBLIC", None),
    ],
)
def test_the_explicit_prompt_says_what_the_article_says(name: str, level: str, kind: str | None) -> None:
    (said,) = ask(EXPLICIT, [AskedField("Account", name, "string")], chat_model("offline")).opinions
    assert said is not None and (said.sensitivity, said.pii_type) == (level, kind)


def test_a_name_that_the_list_lacks_gets_no_answer() -> None:
    (said,) = ask(EXPLICIT, [AskedField("Account", "social_insurance_no", "string")], chat_model("offline")).opinions
    assert said is None


def test_no_answer_counts_as_public_and_apart(
    corpus: list[LabelledSchema], fields: list[LabelledField], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "load_corpus", lambda part: corpus)
    found = measure_offline()
    scores = ladder_scores(found)
    assert {score.n for score in scores.values()} == {len(fields)}
    assert found["naive/no answer"] == len(fields) and scores["naive"].recall(Level.HIGH) == 0
    assert scores["naive"].accuracy == sum(each.label.level is Level.PUBLIC for each in fields) / len(fields)
    assert 0 < found["explicit/no answer"] < len(fields)
    assert 0 <= found["corpus"] < 1_000_000


def test_a_measurement_is_the_same_twice(corpus: list[LabelledSchema], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "load_corpus", lambda part: corpus[:3])
    assert measure_offline() == measure_offline()


def test_figures_of_a_sample_make_its_scores_again(fields: list[LabelledField]) -> None:
    few = sample(fields)
    steps = climb(few)
    scores = ladder_scores(figures(few, steps))
    for step in steps:
        right = sum((level or Level.PUBLIC) is each.label.level
                    for level, each in zip(step.answers.levels, few, strict=True))  # fmt: skip
        assert scores[step.prompt].right == right


@given(size=st.integers(1, 300), seed=st.integers(0, 9))
def test_a_sample_keeps_the_shares_of_the_levels(fields: list[LabelledField], size: int, seed: int) -> None:
    chosen = sample(fields, size, seed)
    assert chosen == sample(fields, size, seed)
    assert len(chosen) == size == len({id(each) for each in chosen})
    shares, taken = Counter(each.label.level for each in fields), Counter(each.label.level for each in chosen)
    assert all(abs(taken[level] - size * shares[level] / len(fields)) < 1 for level in Level)


def test_a_sample_is_the_same_in_every_process() -> None:
    code = (
        "from types import SimpleNamespace as N; from companion.schemas.pii.llm.prompts import sample; "
        "from companion.schemas.pii.verdict import Level; "
        "print([each.n for each in sample([N(n=n, label=N(level=list(Level)[n % 4])) for n in range(400)])])"
    )
    seeds = [os.environ | {"PYTHONHASHSEED": seed} for seed in ("1", "2")]
    answers = [subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True) for env in seeds]
    assert answers[0].stdout == answers[1].stdout != b""


def test_a_model_of_ones_own_is_recorded_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANION_MEASUREMENTS", str(tmp_path))
    (tmp_path / "pii.prompts.smollm2.json").write_text("{}")  # the book's own, which is no reader's
    assert own_ladders("development") == own_ladders("new_trades") == {}
    monkeypatch.setattr(prompts, "chat_model", lambda name: chat_model("offline"))
    record_ladder("ollama/Llama3.1:8b", "new_trades")
    assert (tmp_path / "pii.own.new_trades.ollama-llama3-1-8b.json").is_file()
    assert own_ladders("development") == {}
    (said,) = own_ladders("new_trades").items()
    assert said[0] == "ollama-llama3-1-8b, 60 fields" and said[1].n == 60
