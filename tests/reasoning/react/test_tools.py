"""The tools tell a figure with its unit and its day, and tell absence as absence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from companion.reasoning.react.tool import ToolError
from companion.reasoning.react.tools import METRICS, finance_tools, history_of

CALCULATOR, STOCK, OPTION, FILINGS = finance_tools(seed=1)


def test_there_are_four_tools_whose_schemas_are_valid() -> None:
    names = [tool.name for tool in finance_tools()]
    assert names == ["calculator", "stock_data", "option_price", "search_filings"]
    for tool in finance_tools():
        Draft202012Validator.check_schema(tool.schema["function"]["parameters"])


def test_the_calculators_refusal_says_what_to_write() -> None:
    assert CALCULATOR.call("2**10") == "1024"
    with pytest.raises(ToolError, match=r"write 2\*\*10"):
        CALCULATOR.call("2^10")


def of(ticker: str, **more: Any) -> dict[str, str]:
    """Ask for all metrics; give what is said of each."""
    said = STOCK.call(json.dumps({"ticker": ticker, "metrics": METRICS, **more}))
    return dict(zip(METRICS, said.splitlines(), strict=True))


def test_a_price_comes_with_its_day_and_its_unit() -> None:
    assert of("aapl")["price"] == "The price of AAPL on 2013-03-01 was 430.47 dollars."
    assert of("AAPL", day="2012-09-19")["52_week_high"] == "The 52_week_high of AAPL on 2012-09-19 was 702.10 dollars."


@pytest.mark.parametrize("ticker", ["AAPL", "FB", "HALDIM", "ZUNDRA"])
def test_whatever_is_asked_for_is_answered_and_nothing_is_a_zero(ticker: str) -> None:
    for metric, told in of(ticker).items():
        assert told.startswith(f"The {metric} of {ticker} on ")
        assert (" was " in told) != (" is not known: " in told)
        assert "was 0.00" not in told


def test_absence_has_a_reason() -> None:
    assert of("AAPL")["pe_ratio"].endswith("is not known: this source has prices alone.")
    assert of("ZUNDRA")["beta"].endswith("is not known: nobody has computed it.")
    assert of("HALDIM", day="2025-06-02")["pe_ratio"].endswith("is not known: it is told for 2025-12-01 alone.")
    assert of("AAPL", day="2000-03-02")["rsi"].endswith("is not known: it takes 15 prices of which one differs.")
    assert of("HALDIM")["dividend_yield"].endswith("is not known: this source says nothing of dividends.")


def test_what_the_market_says_of_a_firm_is_what_the_tool_says() -> None:
    told = of("HALDIM")
    assert told["52_week_high"].endswith("was 29.23 dollars.")
    assert told["pe_ratio"].endswith("was 16.70 times earnings.")
    assert told["beta"].endswith("was 0.66.")


def test_a_split_does_not_halve_an_average() -> None:
    at = of("AAPL", day="2005-02-28")
    assert at["moving_avg_50"].endswith("was 36.82 dollars.")
    assert at["rsi"].endswith("was 71.83.")


@pytest.mark.parametrize("day", ["2005-02-28", "2008-10-10", "2000-12-29"])
def test_no_answer_about_a_day_depends_on_what_came_after_it(day: str) -> None:
    history = history_of("AAPL", 1)
    at = [str(each) for each in history.days].index(day) + 1
    ratio = history.adjusted[at - 1] / history.paid[at - 1]
    cut = type(history)("AAPL", history.days[:at], history.paid[:at], [p / ratio for p in history.adjusted[:at]],
                        history.volume[:at])  # fmt: skip
    for metric in ("price", "rsi", "moving_avg_50", "52_week_high", "52_week_low"):
        assert history.figure(metric, at - 1) == pytest.approx(cut.figure(metric, at - 1))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"ticker": "TSLA"}, "no share 'TSLA'; there are AAPL, FB"),
        ({"ticker": "AAPL", "metrics": ["eps"]}, "metrics.0: Input should be 'price'"),
        ({"ticker": "AAPL", "metrics": "price"}, "metrics"),
        ({"ticker": "AAPL", "day": "2005-02-27"}, "was no day of trade for AAPL"),
        ({"ticker": "AAPL", "day": "soon"}, "day: Input should be a valid date"),
        ({}, "ticker: Field required"),
    ],
)
def test_what_cannot_be_looked_up_is_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ToolError, match=why):
        STOCK.call(json.dumps(given))


def test_an_option_is_priced_and_a_bad_one_refused() -> None:
    terms = {"kind": "call", "spot": 100, "strike": 100, "years": 1, "rate": 0.05, "volatility": 0.2}
    assert "is worth 10.4506 dollars" in OPTION.call(json.dumps(terms))
    with pytest.raises(ToolError, match="volatility is 0"):
        OPTION.call(json.dumps(terms | {"volatility": 0}))
    with pytest.raises(ToolError, match="takes a JSON object with kind, spot"):
        OPTION.call("a call at 100")


def test_filings_are_found_by_firm_and_words() -> None:
    found = FILINGS.call(json.dumps({"query": "operating income of the quarter", "ticker": "haldim"}))
    assert all(line.startswith("[haldimyr-") for line in found.splitlines() if line.startswith("["))
    assert "perating income" in found
    with pytest.raises(ToolError, match="no firm 'AAPL'; there are HALDIM"):
        FILINGS.call(json.dumps({"query": "income", "ticker": "AAPL"}))
    with pytest.raises(ToolError, match="no passage"):
        FILINGS.call("xyzzy")


def test_a_year_s_high_needs_a_year_of_prices() -> None:
    asked = '{"ticker": "FB", "metrics": ["52_week_high", "price"], "day": "2012-06-01"}'
    told = finance_tools()[1].call(asked)
    assert "52_week_high of FB on 2012-06-01 is not known: its prices begin on 2012-05-18" in told


@pytest.mark.parametrize(
    ("place", "given"),
    [
        (1, '{"ticker": "AAPL", "metrics": []}'),
        (1, '{"ticker": "AAPL", "day": 1348012800}'),
        (2, '{"kind": "call", "spot": "100", "strike": 100, "years": 1, "rate": 0.05, "volatility": 0.2}'),
        (2, '{"kind": "call", "spot": true, "strike": 100, "years": 1, "rate": 0.05, "volatility": 0.2}'),
    ],
)
def test_what_the_schema_does_not_allow_the_tool_does_not_take(place: int, given: str) -> None:
    with pytest.raises(ToolError):
        finance_tools()[place].call(given)
