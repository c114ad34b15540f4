"""Chapter 15: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

STEP = """
def first_step(text, tools):
    labels = ("Action:", "Action Input:", "Observation:", "Final Answer:")
    lines = text.splitlines()
    begins = [n for n, line in enumerate(lines) if line.startswith(labels)]
    if not begins or CONTINUED:
        return None
    steps = lines[begins[0]:]
    heads = [line.partition(":")[0] for line in steps]
    said = [line.partition(":")[2].strip() for line in steps]
    if FORGED:
        return None
    if "Final Answer" in heads:
        return ("answer", said[0]) if ALONE and said[0] else None
    if heads[:2] != ["Action", "Action Input"]:
        return None
    return (said[0], said[1]) if KNOWN and said[1] else None
"""
RIGHT = {
    "CONTINUED": "len(lines) - begins[0] != len(begins)", "FORGED": "'Observation' in heads",
    "ALONE": "len(steps) == 1", "KNOWN": "said[0] in tools",
}  # fmt: skip


def step(**changed: str) -> str:
    text = STEP
    for name, part in (RIGHT | changed).items():
        text = text.replace(name, part)
    return text


SEARCH = """
def first_step(text, tools):
    import re
    if "Final Answer:" in text:
        return "answer", text.split("Final Answer:")[1].strip()
    found = re.search(r"Action:\\s*(.+?)\\nAction Input:\\s*(.+)", text)
    return (found[1].strip(), found[2].strip()) if found else None
"""

SAFE = """
def is_arithmetic(text):
    import ast
    if TOO_LONG:
        return False
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    allowed = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.UAdd, ast.USub MORE)
    return all(isinstance(node, allowed) and CONSTANT for node in ast.walk(tree))
"""
TOO_LONG = "len(text) > 200 or text.count('(') > 30"
CONSTANT = "(not isinstance(node, ast.Constant) or type(node.value) in (int, float))"


def safe(too_long: str = TOO_LONG, more: str = "", constant: str = CONSTANT) -> str:
    return SAFE.replace("TOO_LONG", too_long).replace("MORE", more).replace("CONSTANT", constant)


INDEX = """
def strength(prices, splits, period):
    ratio, whole = 1, []
    for place, price in enumerate(prices):
        ratio RATIO splits.get(place, 1)
        whole.append(price * ratio)
    changes = [b - a for a, b in zip(whole, whole[1:])]
    if NONE:
        return None
    gain = sum(max(c, 0) for c in changes[:period]) / period
    loss = sum(max(-c, 0) for c in changes[:period]) / period
    for n, change in enumerate(changes[period:], period):
        gain, loss = LATER
    return 100 * gain / (gain + loss)
"""
NONE = "len(prices) <= period or not any(changes)"
LATER = "(gain * (period - 1) + max(change, 0)) / period, (loss * (period - 1) + max(-change, 0)) / period"
PLAIN = (
    "sum(max(c, 0) for c in changes[n - period + 1:n + 1]) / period, "
    "sum(max(-c, 0) for c in changes[n - period + 1:n + 1]) / period"
)


def index(ratio: str = "*=", none: str = NONE, later: str = LATER) -> str:
    return INDEX.replace("RATIO", ratio).replace("NONE", none).replace("LATER", later)


WRONG: dict[str, list[tuple[str, str]]] = {
    "bill": [
        ("def most_read(steps, prompt_pieces, step_pieces): return steps * (prompt_pieces + step_pieces)", "are read"),
        ("def most_read(steps, prompt_pieces, step_pieces): return prompt_pieces + steps * step_pieces", "are read"),
        (
            "def most_read(steps, prompt_pieces, step_pieces): "
            "return steps * prompt_pieces + step_pieces * steps * (steps + 1) // 2",
            "are read",
        ),
        (
            "def most_read(steps, prompt_pieces, step_pieces): "
            "return steps * prompt_pieces + step_pieces * steps ** 2 // 2",
            "are read",
        ),
        ("def most_read(steps, prompt_pieces, step_pieces): return str(steps)", "is no number of pieces"),
    ],
    "step": [
        (SEARCH, "means"),
        (step(FORGED="False"), "means None"),
        (step(ALONE="True"), "means None"),
        (step(KNOWN="True"), "means None"),
        (step(CONTINUED="False"), "means None"),
        (step(KNOWN="any(tool.startswith(said[0]) for tool in tools)"), "means None"),
        (step().replace("[2].strip()", "[2]"), "and you say"),
        (step().replace("begins[0]:]", "begins[-2 if len(begins) > 1 else 0]:]"), "means"),
    ],
    "safe": [
        (
            "def is_arithmetic(text):\n    try:\n        return isinstance(eval(text), (int, float))\n"
            "    except Exception:\n        return False",
            "the answer is",
        ),
        (
            "def is_arithmetic(text):\n    import re\n    return bool(re.fullmatch(r'[0-9.e+*/() -]{1,200}', text))",
            "the answer is False",
        ),
        (safe(too_long="len(text) > 200"), "(63 characters)': the answer is False"),
        (safe(too_long="text.count('(') > 30"), "(201 characters)': the answer is False"),
        (safe(too_long="len(text) >= 200 or text.count('(') > 30"), "(200 characters)': the answer is True"),
        (safe(constant="True"), "the answer is False"),
        (
            safe(constant="(not isinstance(node, ast.Constant) or isinstance(node.value, (int, float)))"),
            "'True': the answer is False",
        ),
        (safe(more=", ast.Pow"), "'2**10': the answer is False"),
        (safe(more=", ast.Call, ast.Name, ast.Load"), "'abs(1)': the answer is False"),
    ],
    "index": [
        (index(ratio="+= 0 *"), "the index is"),
        (index(ratio="/="), "the index is"),
        (index(later=PLAIN), "the index is"),
        (index(none="not any(changes)"), "the index is None"),
        (index(none="len(prices) < period or not any(changes)"), "the index is None"),
        (index(later="(gain + max(change, 0)) / 2, (loss + max(-change, 0)) / 2"), "the index is"),
        (index().replace("return 100 * gain / (gain + loss)", "return gain / loss if loss else 100.0"), "the index is"),
    ],
}

NUMPY = """
def most_read(steps, prompt_pieces, step_pieces):
    import numpy
    return numpy.sum(prompt_pieces + step_pieces * numpy.arange(steps))
"""

FRACTIONS = """
def strength(prices, splits, period):
    from fractions import Fraction
    from math import prod
    worth = [Fraction(price) * prod(new for day, new in splits.items() if day <= place)
             for place, price in enumerate(prices)]
    changes = [after - before for before, after in zip(worth, worth[1:])]
    if len(worth) < period + 1 or not any(changes):
        return None
    gain = sum(change for change in changes[:period] if change > 0)
    loss = -sum(change for change in changes[:period] if change < 0)
    for change in changes[period:]:
        gain, loss = gain - gain / period + max(change, 0), loss - loss / period + max(-change, 0)
    return 100 * gain / (gain + loss)
"""


@pytest.mark.parametrize(("name", "answer"), [("bill", NUMPY), ("index", FRACTIONS)])
def test_a_right_answer_in_another_kind_of_number_passes(name: str, answer: str) -> None:
    assert told("15", name, answer) == ""
