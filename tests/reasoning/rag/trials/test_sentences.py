"""Sentences that lie keep the words of the true one, and change one thing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.rag.facts import Embed
from companion.reasoning.rag.trials.sentences import (
    asked_again,
    cases,
    cosines,
    cosines_of,
    first_right,
    swapped,
    texts,
)


def test_there_are_36_cases_and_no_lie_is_true() -> None:
    found = cases(make_corpus(1))
    assert len(found) == 36
    for case in found:
        assert len({case.true, case.paraphrase, case.stranger, *case.lies.values()}) == 7
        for lie in case.lies.values():
            assert len(set(case.true.split()) ^ set(lie.split())) == 2  # one word for another


@settings(max_examples=60)
@given(st.integers(1, 99_999))
def test_swapped_digits_make_another_number_of_the_same_length(tenths: int) -> None:
    value = f"{tenths // 10:,}.{tenths % 10}"
    other = swapped(value)
    assert other != value and len(other) == len(value)


def test_a_text_is_nearest_to_itself(words: Embed) -> None:
    assert cosines([("one", "one"), ("net income", "net income")], words) == pytest.approx([1, 1], abs=1e-6)
    told = cosines_of(cases(make_corpus(1)), words)
    assert all(len(values) == 36 for values in told.values()) and len(told) == 6


def test_words_alone_tell_q2_from_q3_only_when_both_say_q2(words: Embed) -> None:
    corpus = make_corpus(1)
    assert first_right(corpus, words, in_words=False) > 0.95
    assert first_right(corpus, words, in_words=True) < 0.6


def test_a_question_comes_with_its_own_rewording_and_with_another_question() -> None:
    for one, same, other in asked_again(make_corpus(1)):
        assert "Q1 2025" in one and "Q1 2025" in same and "Q2 2025" in other
        assert one.replace("Q1", "Q2") == other


def test_all_texts_are_listed() -> None:
    listed = set(texts())
    corpus = make_corpus(1)
    assert {case.paraphrase for case in cases(corpus)} < listed
    assert {text for asked in asked_again(corpus) for text in asked} < listed
