"""What a literal reader finds in a question for a tool, and what it does not make up."""

from __future__ import annotations

from typing import Any

import pytest

from companion.models.arguments import LONGEST, arguments, expression_in, recognised, ticker_in


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("What is 17 * 23?", "17 * 23"),
        ("What is (94.9 - 88.1) / 88.1 * 100 in per cent?", "(94.9 - 88.1) / 88.1 * 100"),
        ("How much is 2^10?", "2^10"),
        ("$94.9 - $88.1 is what?", "$94.9 - $88.1"),
        ("What is sqrt(2) * pi?", "sqrt(2) * pi"),
        ("1,000*2, please", "1,000*2"),
        ("What is -5 + 3?", "-5 + 3"),
        ("Divide 7/2.", "7/2"),
        ("What is 2 + 2, and what is 3 * (4 + 5)?", "3 * (4 + 5)"),
        ("15% of 240?", None),
        ("What is two and two?", None),
        ("What happened on 2025-06-30?", None),
        ("Compare Q1-Q3 in the 10-K.", None),
        ("What is 42?", None),
        ("", None),
    ],
)
def test_an_expression_is_taken_to_the_letter(question: str, expression: str | None) -> None:
    assert expression_in(question) == expression


@pytest.mark.parametrize(
    ("question", "ticker"),
    [
        ("What is the RSI of AAPL?", "AAPL"),
        ("price of $tsla", "TSLA"),
        ("Is IBM or MSFT dearer?", "IBM"),
        ("What is BRK.B worth?", "BRK.B"),
        ("What does Apple cost in USD?", None),
        ("Should I buy a share?", None),
    ],
)
def test_a_ticker_is_a_word_in_capitals_that_is_no_indicator(question: str, ticker: str | None) -> None:
    assert ticker_in(question) == ticker


METRICS = {"type": "array", "items": {"type": "string", "enum": ["price", "volume", "pe_ratio", "market_cap"]}}
STOCK: dict[str, Any] = {
    "properties": {"ticker": {"type": "string", "description": "such as AAPL"}, "metrics": METRICS},
    "required": ["ticker"],
}


def test_listed_values_are_those_that_the_question_names() -> None:
    assert arguments("What are price and market cap of IBM?", STOCK) == {
        "ticker": "IBM",
        "metrics": ["price", "market_cap"],
    }
    assert arguments("What do you know of IBM?", STOCK) == {"ticker": "IBM"}
    assert arguments("What is the priceless market of caps?", STOCK) == {}


def test_of_two_values_the_longer_one_is_meant() -> None:
    one_of = {"properties": {"what": {"enum": ["margin", "gross_margin"]}}, "required": ["what"]}
    assert arguments("What is the gross margin?", one_of) == {"what": "gross_margin"}
    assert arguments("What is it?", one_of) == {}


def test_numbers_go_to_numbers_in_their_order_and_a_text_gets_the_question() -> None:
    parameters = {
        "properties": {"query": {"type": "string"}, "low": {"type": "integer"}, "high": {"type": "number"}},
        "required": ["query", "low", "high"],
    }
    question = "What lies between 3 and 4.5?"
    assert arguments(question, parameters) == {"query": question, "low": 3, "high": 4.5}


def test_what_is_not_required_is_not_filled_with_a_guess() -> None:
    parameters = {"properties": {"query": {"type": "string"}, "limit": {"type": "integer"}}, "required": []}
    assert arguments("Give me 3.", parameters) == {}


@pytest.mark.parametrize(
    ("form", "special"),
    [
        ({"type": "string", "description": "An arithmetical expression, such as 2+2"}, True),
        ({"type": "string", "description": "A regular expression"}, False),
    ],
)
def test_an_argument_is_an_expression_by_what_is_said_of_it(form: dict[str, Any], special: bool) -> None:
    parameters = {"properties": {"text": form}, "required": ["text"]}
    assert arguments("What is 2+2?", parameters) == {"text": "2+2" if special else "What is 2+2?"}
    assert recognised("What is 2+2?", parameters) == special


@pytest.mark.parametrize("question", ["1" * 1999 + "x", "1,1." * 499 + "x", "(" * 1999 + "x", "2+" * 999 + "x"])
def test_what_is_nearly_an_expression_is_given_up_at_once(question: str) -> None:
    assert len(question) <= LONGEST
    assert expression_in(question) is None  # with backtracking, 24 digits took ten seconds


def test_in_a_document_no_expression_is_looked_for() -> None:
    assert expression_in("2+2" + " " * LONGEST) is None
    assert expression_in(" ".join(["1 +"] * 600) + " 1") is None  # and none is cut
