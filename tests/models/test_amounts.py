"""What asks for a number, and what gives one."""

from __future__ import annotations

import pytest

from companion.models.amounts import Asked, asked, gives


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much did it earn?", Asked.NUMBER),
        ("How many people work there?", Asked.NUMBER),
        ("By how much did revenue grow?", Asked.NUMBER),
        ("What was the revenue of Borealis in Q2 2025?", Asked.NUMBER),
        ("What was Borealis's operating income in Q2?", Asked.NUMBER),
        ("What revenue did Borealis report?", Asked.NUMBER),
        ("What were the total expenses?", Asked.NUMBER),
        ("What is the number of employees?", Asked.NUMBER),
        ("In Q2, what was the cash flow from operations?", Asked.NUMBER),
        ("What percentage of revenue was services?", Asked.PER_CENT),
        ("By how many per cent did revenue grow?", Asked.PER_CENT),
        ("What % of sales is online?", Asked.PER_CENT),
        ("What was the reason for the lower margin?", Asked.WORDS),
        ("What drove the growth of revenue?", Asked.WORDS),
        ("Which risks does the revenue depend on?", Asked.WORDS),
        ("What is a socket?", Asked.WORDS),
        ("Who audits the costs?", Asked.WORDS),
        ("Why did the price rise?", Asked.WORDS),
        ("What?", Asked.WORDS),
        ("", Asked.WORDS),
    ],
)
def test_the_noun_that_what_belongs_to_decides(question: str, kind: Asked) -> None:
    assert asked(question)[0] is kind


def test_the_words_that_ask_for_a_number_are_not_looked_for() -> None:
    assert asked("How much revenue was there?")[1].split() == ["revenue", "was", "there?"]
    assert asked("What percentage of sales is online?")[1].split() == ["sales", "is", "online?"]


@pytest.mark.parametrize(
    ("sentence", "has"),
    [
        ("Revenue was $94.9 million.", True),
        ("Revenue was 1,204,000 dollars.", True),
        ("It employs 412 people.", True),
        ("Revenue was ten million.", True),
        ("The margin was 7 percent.", True),
        ("Sales were $2024.", True),
        ("Sales were 2,025.", True),
        ("Revenue fell.", False),
        ("Revenue fell in 2024.", False),
        ("Revenue fell in the quarter that ended on June 30, 2024.", False),
        ("Revenue is reported in Form 10-Q for Q3.", False),
        ("Revenue in 2025, as asked, fell.", False),
        ("In FY2024 it fell.", False),
    ],
)
def test_years_days_and_names_are_no_amounts(sentence: str, has: bool) -> None:
    assert gives(sentence, Asked.NUMBER, "What was the revenue in 2025?") is has


def test_a_number_of_the_question_is_no_answer() -> None:
    assert not gives("The 412 people like it.", Asked.NUMBER, "How much do the 412 people earn?")


@pytest.mark.parametrize(
    ("sentence", "has"),
    [
        ("It grew by 7 %.", True),
        ("It grew by 7.5 percent.", True),
        ("It grew by ten per cent.", True),
        ("It grew by 2 percentage points.", True),
        ("It grew by 7 million.", False),
        ("It grew.", False),
    ],
)
def test_who_asks_for_a_percentage_gets_one(sentence: str, has: bool) -> None:
    assert gives(sentence, Asked.PER_CENT, "By what percentage did it grow?") is has


def test_who_asks_for_words_needs_no_number() -> None:
    assert gives("It grew.", Asked.WORDS, "Did it grow?")
