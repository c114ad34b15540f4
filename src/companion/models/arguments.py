"""What a literal reader can give a tool: what stands in the question, and nothing that would have to be understood.

By what the tool's schema says of an argument:

* a list of allowed values (``enum``): those whose words stand in the question;
* an arithmetical expression (its name says so, or its description): the longest piece of the question that looks like
  one, to the letter, so "2^10" stays "2^10";
* a ticker or symbol: a word in capitals that is no indicator's name, such as AAPL, or what follows a dollar sign;
* any other text: the whole question;
* a number: the question's numbers, in their order.

What is not required is filled only where the schema lists the values. What is required and cannot be had is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from companion.models.reading import words

Properties = dict[str, dict[str, Any]]

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_CALCULATION = {"expression", "formula", "calculation"}, re.compile(r"\b(?:arithmetic|mathematical)", re.I)
_TICKER = {"ticker", "symbol"}, re.compile(r"\b(?:ticker|stock symbol)\b", re.I)
_NAMES = "sqrt|log10|log|exp|sin|cos|tan|abs|round|min|max|sum|pow|floor|ceil"
# Atomic and possessive: a run of digits that a letter ends is no expression, and is not taken apart in every way.
_PIECE = rf"(?>(?:{_NAMES})\s*\(|pi\b|e\b|[$€£]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?%?|\.\d+|\*\*|//|[-+*/%^×÷(),])"
_EXPRESSION = re.compile(rf"(?<![\w.]){_PIECE}(?:\s*{_PIECE})*+(?!\w)")
_OPERATION = re.compile(rf"[\d.)%]\s*(?:\*\*|//|[-+*/%^×÷])\s*[-+$€£(.\w]|\b(?:{_NAMES})\s*\(")
LONGEST = 2000
"""Characters of a question in which an expression is looked for; a longer one is a document."""
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b")
_CASHTAG = re.compile(r"\$([A-Za-z]{1,5}(?:\.[A-Za-z])?)\b")
_CAPITALS = re.compile(r"(?<![\w$])[A-Z]{2,5}(?:\.[A-Z])?(?![\w])")
_NO_TICKER = frozenset(
    re.findall(
        r"\w+",
        """ADX AND ATR CCI CEO CFO EMA EPS ETF EUR FY GAAP GDP IPO MACD NOT NYSE OBV OR PE PEG ROE ROI RSI SEC SMA UK US
        USA USD VWAP YTD""",
    )
)


def arguments(question: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Fill a tool's arguments from a question.

    Parameters
    ----------
    question : str
        What is asked.
    parameters : dict
        The tool's JSON Schema.
    """
    properties: Properties = parameters.get("properties", {})
    required = set(parameters.get("required", ()))
    numbers = iter(_NUMBER.findall(question))
    found: dict[str, Any] = {}
    for name, form in properties.items():
        value = _listed(question, form) if _choices(form) is not None else None
        if value is None and name in required and _choices(form) is None:
            value = _value(question, name, form, numbers)
        if value is not None:
            found[name] = value
    return found


def recognised(question: str, parameters: dict[str, Any]) -> int:
    """Count the required arguments that the question names as such: a listed value, an expression, a ticker."""
    properties: Properties = parameters.get("properties", {})
    required = {name: properties.get(name, {}) for name in parameters.get("required", ())}
    found = arguments(question, {"properties": required, "required": list(required)})
    return sum(name in found and _is_special(name, form) for name, form in required.items())


def _is_special(name: str, form: dict[str, Any]) -> bool:
    return _choices(form) is not None or _means(_CALCULATION, name, form) or _means(_TICKER, name, form)


def _value(question: str, name: str, form: dict[str, Any], numbers: Iterator[str]) -> Any:
    match form.get("type"):
        case "string" if _means(_CALCULATION, name, form):
            return expression_in(question)
        case "string" if _means(_TICKER, name, form):
            return ticker_in(question)
        case "string":
            return question
        case "integer" | "number":
            number = next(numbers, None)
            return None if number is None else json.loads(number)
        case _:
            return None


def _means(kind: tuple[set[str], re.Pattern[str]], name: str, form: dict[str, Any]) -> bool:
    """Whether a text argument is of a kind, by the words of its name or by its description."""
    names, described = kind
    return form.get("type") == "string" and bool(
        names & set(words(name)) or described.search(str(form.get("description", "")))
    )


def _choices(form: dict[str, Any]) -> list[Any] | None:
    """Give the values that an argument, or each item of a list, is restricted to."""
    of = form.get("items", {}) if form.get("type") == "array" else form
    choices = of.get("enum")
    return choices if isinstance(choices, list) else None


def _listed(question: str, form: dict[str, Any]) -> Any:
    """Give the listed values whose words stand side by side in the question: all for an array, else the longest."""
    asked = f" {' '.join(words(question))} "
    choices = [value for value in _choices(form) or () if isinstance(value, str) and words(value)]
    named = [value for value in choices if f" {' '.join(words(value))} " in asked]
    if form.get("type") == "array":
        return named or None
    return max(named, key=lambda value: len(words(value)), default=None)


def expression_in(question: str) -> str | None:
    """Give the longest piece of a question that is written as an arithmetical expression, if there is one."""
    if len(question) > LONGEST:
        return None
    text = _DATE.sub("date", question)
    pieces = [found[0].rstrip(" ,").strip() for found in _EXPRESSION.finditer(text) if _OPERATION.search(found[0])]
    return max(pieces, key=len, default=None)


def ticker_in(question: str) -> str | None:
    """Give the first word of a question that is written as a ticker, if there is one."""
    if tagged := _CASHTAG.search(question):
        return tagged[1].upper()
    return next((word for word in _CAPITALS.findall(question) if word not in _NO_TICKER), None)
