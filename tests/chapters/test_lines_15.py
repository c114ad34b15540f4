"""Chapter 15: what stands on the page as code is what the package does."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

import nbformat
import pytest

from companion.reasoning.react.black_scholes import black_scholes
from companion.reasoning.react.calculator import CalculatorError, calculate
from companion.reasoning.react.filtered_eval import ESCAPES
from companion.reasoning.react.hostile import hostile
from companion.reasoning.react.indicators import rsi
from companion.reasoning.react.loop import run
from companion.reasoning.react.parsing import Answer, FormatError, article_parse, outputs, parse
from companion.reasoning.react.script import Script
from companion.reasoning.react.tools import finance_tools, history_of

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "15-react.ipynb", 4).cells
}
TOOLS = ["calculator", "stock_data", "option_price", "search_filings"]


def lines(*names: str, **given: Any) -> dict[str, Any]:
    """Run cells of the chapter, with what they are given, and give what they define."""
    for name in names:
        exec(CELLS[f"react-{name}"], given)
    return given


def test_the_search_on_the_page_is_the_articles_parser() -> None:
    page = lines("searching", re=re)["by_searching"]
    for output in [*outputs(), *outputs("held_back")]:
        assert page(output.text.strip()) == article_parse(output.text)


def test_the_parser_on_the_page_reads_what_follows_the_format_and_refuses_forged_observations() -> None:
    page = lines("by_line", re=re)["by_line"]
    for output in outputs():
        if output.kind in ("well formed", "answer inside"):
            assert said(page, output.text) == said_by_package(output.text)
        if output.kind == "observation of its own":
            assert said(page, output.text) is None


def test_the_parser_on_the_page_takes_no_answer_that_something_follows() -> None:
    page = lines("by_line", re=re)["by_line"]
    for text in ("Final Answer: 42\nThought: done", "Final Answer: 42\nFinal Answer: 43"):
        assert said(page, text) is None
    assert said(page, "known\nFinal Answer: 42") == ("final_answer", "42")


def said(page: Callable[[str], tuple[str, str, str, bool]], text: str) -> tuple[str, str] | None:
    try:
        return page(text)[1:3]
    except ValueError:
        return None


def said_by_package(text: str) -> tuple[str, str] | None:
    try:
        step = parse(text, TOOLS)
    except FormatError:
        return None
    return ("final_answer", step.text) if isinstance(step, Answer) else (step.tool, step.input)


def test_the_loop_on_the_page_answers_as_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    page = lines("searching", "loop", re=re)
    replies = ["compute\nAction: calculator\nAction Input: 17*23", "known\nFinal Answer: 391"]
    tools = finance_tools()
    told = run("What is 17*23?", Script(replies=[*replies]), tools)
    assert page["react"]("What is 17*23?", Script(replies=[*replies]), tools, page["by_searching"]) == told.answer
    assert "calculator -> 391" in capsys.readouterr().out


def test_the_calculator_on_the_page_computes_what_the_packages_computes() -> None:
    compute = lines("operators", "value", "compute", re=re)["compute"]
    for text in ("(94.9 - 88.1) / 88.1 * 100", "-2**3 + max(1, 2.5)", "sqrt(2)/3", "abs(-1e5)*0.1", "0.3 - 0.1*3"):
        assert Decimal(calculate(text)) == pytest.approx(compute(text), rel=Decimal("1e-14"))


def test_the_calculator_on_the_page_computes_no_hostile_expression_but_plain_sums_that_are_too_deep() -> None:
    compute = lines("operators", "value", "compute", re=re)["compute"]
    for text in (text for texts in hostile().values() for text in texts):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compute(text)
        except (ValueError, SyntaxError, DecimalException, RecursionError, TypeError):
            continue
        assert set(text) <= set("1+-*2"), text
        with pytest.raises(CalculatorError, match="more than 30 operations"):
            calculate(text)


def test_the_filter_on_the_page_makes_of_the_expressions_what_the_packages_does() -> None:
    page = lines("cut")
    for escape in ESCAPES:
        if escape.rule == "cut":
            assert page["cut"](escape.expression) == escape.plain


def test_the_index_on_the_page_is_the_tools() -> None:
    page = lines("wilder")
    for ticker in ("AAPL", "IBM"):
        prices = history_of(ticker, 1).adjusted[:400]
        assert page["index"](prices, page["wilder"])[-1] == pytest.approx(rsi(prices), abs=1e-6)


def test_the_option_on_the_page_is_the_packages() -> None:
    page = lines("option")["option"]
    terms = {"spot": 100.0, "strike": 95.0, "years": 0.5, "rate": 0.03, "volatility": 0.3}
    for kind in ("call", "put"):
        assert page(kind, **terms) == pytest.approx(black_scholes(kind, **terms).price)


def test_three_of_the_four_that_the_parser_takes_wrongly_are_refused_by_the_calculator() -> None:
    refused = []
    for output in outputs("held_back"):
        read = said_by_package(output.text)
        if read is not None and read != output.means:
            try:
                calculate(read[1])
            except CalculatorError:
                refused.append(read[1])
    assert len(refused) == 3
