"""A reader's answer is checked in one fresh namespace, and what is wrong is said in words that help."""

from __future__ import annotations

import json
from typing import Any

import pytest

from companion.panel.exercise import MOST, check


def judge(answer: str, test: str = "assert total == 6, 'the total is 6'", givens: str = "numbers = [1, 2, 3]") -> Any:
    return json.loads(check(json.dumps({"givens": givens, "answer": answer, "check": test})))


def test_a_right_answer_is_right_and_what_it_prints_is_kept() -> None:
    verdict = judge("total = sum(numbers)\nprint(total)", "assert total == 6\nprint('Exercise 1: right')")
    assert verdict == {"ok": True, "message": "", "stdout": "6\nExercise 1: right\n"}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("total = 7", "the total is 6"),
        ("", "NameError: name 'total' is not defined"),
        ("a = 1\ntotal = sum(number)", "NameError: name 'number' is not defined. Did you mean: 'numbers'?"),
        ("total = (1", "SyntaxError: '(' was never closed (line 1 of your answer)"),
        ("def f():\n    return 1 / 0\n\ntotal = f()", "ZeroDivisionError: division by zero (line 2 of your answer)"),
        ("raise NotImplementedError('your answer is missing')",
         "NotImplementedError: your answer is missing (line 1 of your answer)"),
        ("total = int(input('how many?'))", "RuntimeError: input() is not available here: use the given values (line"),
        ("raise SystemExit", "SystemExit:  (line 1 of your answer)"),
        ("assert False, 'my own'", "AssertionError: my own (line 1 of your answer)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(answer: str, message: str) -> None:
    verdict = judge(answer)
    assert verdict["ok"] is False
    assert verdict["message"].startswith(message.partition(". Did you")[0])


def test_an_error_in_a_function_that_the_check_calls_names_the_readers_line() -> None:
    verdict = judge("def total(values):\n    return values[9]", "assert total([1]) == 1, 'no'")
    assert verdict["message"] == "IndexError: list index out of range (line 2 of your answer)"


def test_an_assertion_without_words_is_quoted() -> None:
    assert judge("total = 7", "x = 1\nassert total == 6")["message"] == "this does not hold: total == 6"


def test_two_answers_do_not_see_each_other() -> None:
    assert judge("total = 6")["ok"]
    assert judge("")["message"].startswith("NameError")


def test_endless_printing_does_not_fill_the_page() -> None:
    printed = judge("total = 6\nfor _ in range(100_000):\n    print('again')")["stdout"]
    assert len(printed) < MOST + 100
    assert printed.endswith("...\n")
