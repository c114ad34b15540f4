"""A label says what its sentences are about; what it does not say, they must."""

from __future__ import annotations

import pytest

from companion.models.evidence import HALF, NO_EVIDENCE, Passage, answer, passages_in, question_in

Q2 = Passage("1", "The Company's revenue was $94.9 million. Its margin held.", "Borealis Inc., 10-Q, Q2 2025, Results")
Q3 = Passage("2", "Revenue was $88.1 million.", "Borealis Inc., 10-Q, Q3 2025, Results")
CASTOR = Passage("3", "Revenue was $5 million.", "Castor, 10-Q, Q2 2025, Results")
ALL_THREE = [CASTOR, Q3, Q2]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What was the revenue of Borealis in Q2 2025?", "The Company's revenue was $94.9 million. [1]"),
        ("What was Borealis's revenue in Q2 2025?", "The Company's revenue was $94.9 million. [1]"),
        ("How much revenue was there at Borealis in Q3 2025?", "Revenue was $88.1 million. [2]"),
        ("What was the revenue of Castor in Q2 2025?", "Revenue was $5 million. [3]"),
    ],
)
def test_firm_and_period_are_taken_from_the_label(question: str, said: str) -> None:
    assert answer(question, ALL_THREE) == said


@pytest.mark.parametrize(
    "question",
    [
        "What was the revenue of Borealis in Q1 2025?",  # no passage of that quarter
        "What was the revenue of Dione in Q2 2025?",  # nor of that firm
        "What was the net revenue of Borealis in Q2 2025?",  # a word that no sentence has
        "What was the turnover of Borealis in Q2 2025?",  # nor does it know that it is the same
        "What was the margin of Borealis in Q2 2025?",  # a sentence, but no number
        "What was the revenue of Borealis in the second quarter of 2025?",
        "Borealis, Q2 2025?",
    ],
)
def test_every_other_word_must_stand_in_the_sentence_and_a_number_where_one_is_asked_for(question: str) -> None:
    assert answer(question, ALL_THREE) == NO_EVIDENCE


def test_where_words_are_asked_for_no_number_is_needed() -> None:
    assert answer("Which margin held at Borealis in Q2 2025?", ALL_THREE) == "Its margin held. [1]"


def test_half_the_words_find_more_and_some_of_it_is_wrong() -> None:
    assert "94.9" in answer("What was the net revenue of Borealis in Q2 2025?", [Q2], HALF)
    assert "94.9" in answer("What was the revenue of Dione in Q2 2025?", [Q2], HALF)


def test_a_number_is_asked_for_by_half_too() -> None:
    assert answer("What was the margin of Borealis in Q2 2025?", [Q2], HALF) == NO_EVIDENCE


def test_two_passages_that_contradict_each_other_are_both_quoted() -> None:
    press = Passage("4", "Revenue was $95.2 million.", "Borealis Inc., press release, Q2 2025")
    said = answer("What was the revenue of Borealis in Q2 2025?", [Q2, press])
    assert said == "The Company's revenue was $94.9 million. [1] Revenue was $95.2 million. [4]"


def test_a_row_of_a_table_is_no_sentence() -> None:
    table = Passage("1", "| | Q2 2025 | Q1 2025 |\n| Revenue | 94.9 | 88.1 |", "Borealis Inc., 10-Q, Q2 2025")
    assert answer("What was the revenue of Borealis in Q2 2025?", [table]) == NO_EVIDENCE


def test_a_passage_that_only_has_a_name_is_read_by_half_and_its_name_says_nothing() -> None:
    named = "Context:\n[Borealis annual report] The revenue was high.\n\nQuestion: Was the revenue high in 2025?"
    assert answer(question_in(named), list(passages_in(named))) == "The revenue was high. [Borealis annual report]"
    about = [Passage("Borealis", "It grew.")]
    assert answer("Did Borealis grow?", about) == NO_EVIDENCE


def test_a_name_that_begins_with_a_number_is_no_label() -> None:
    (passage,) = passages_in("Context:\n[10 rules] It is so.")
    assert (passage.name, passage.label) == ("10 rules", None)
