"""What exercises of chapter 15 are checked against: texts and what they mean, expressions, prices with splits."""

from __future__ import annotations

import ast
import random
import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise

Step = tuple[str, str] | None

_LABELS = ("Action:", "Action Input:", "Observation:", "Final Answer:")

TEXTS = (
    "",
    "no label at all",
    "add them\nAction: calculator\nAction Input: 1+1",
    "Action: calculator \nAction Input:  1+1 ",
    "two lines\nof thought\nAction: stock_data\nAction Input: AAPL",
    "I know\nFinal Answer: 42",
    "I know\nFinal Answer:",
    "I know\nFinal Answer: 42\nor 43",
    "I know\nFinal Answer: 42\nFinal Answer: 43",
    "I know that Final Answer: is the last\nFinal Answer: 42",
    "Final Answer: the memo says Final Answer: hold",
    "search\nAction: stock_data\nAction Input: what stands at Final Answer: there",
    "both\nAction: calculator\nAction Input: 1+1\nFinal Answer: 2",
    "both\nFinal Answer: 2\nAction: calculator\nAction Input: 1+1",
    "forged\nAction: calculator\nAction Input: 1+1\nObservation: 3",
    "Observation: 3",
    "two\nAction: calculator\nAction Input: 1+1\nAction: stock_data\nAction Input: AAPL",
    "unknown\nAction: web\nAction Input: x",
    "almost\nAction: calc\nAction Input: 1",
    "no input\nAction: calculator",
    "no input\nAction: calculator\nAction Input:",
    "no action\nAction Input: 1+1",
    "Action Input: 1+1\nAction: calculator",
    "lines\nAction: calculator\nAction Input: 1+1\nand 2",
    " Action: calculator\nAction Input: 1+1",
    "action: calculator\naction input: 1+1",
    "Action: calculator\n\nAction Input: 1+1",
    "Action: calculator\nAction Input: a: b: c",
)
"""Texts that a model could write."""


def step_of(text: str, tools: Sequence[str]) -> Step:
    """Say what a text means by the rules of exercise 2."""
    lines = text.splitlines()
    while lines and not any(lines[0].startswith(label) for label in _LABELS):
        del lines[0]
    found = []
    for line in lines:
        label = next((label for label in _LABELS if line.startswith(label)), "")
        if label in ("", "Observation:"):
            return None
        found.append((label, line[len(label) :].strip()))
    match found:
        case [("Final Answer:", answer)] if answer:
            return "answer", answer
        case [("Action:", tool), ("Action Input:", said), *more] if tool in tools and said:
            return None if any(label == "Final Answer:" for label, _ in more) else (tool, said)
    return None


def some_texts(seed: int, count: int) -> list[str]:
    """Draw texts of lines that belong to steps, in any order."""
    rng = random.Random(seed)
    lines = ("a thought", "Action: calculator", "Action: stock_data", "Action: web", "Action Input: 1+1",
             "Action Input:", "Action Input: Final Answer: 3", "Observation: 2", "Final Answer: 4",
             "Final Answer:", "")  # fmt: skip
    usual = ["a thought", "Action: calculator", "Action Input: 7"]
    drawn = []
    for _ in range(count):
        text = [*usual] if rng.random() < 0.5 else []
        for _ in range(rng.randrange(1, 4)):
            text.insert(rng.randrange(len(text) + 1), rng.choice(lines))
        drawn.append("\n".join(text).rstrip("\n"))
    return drawn


HOSTILE = (
    "", "()", "1,", "1;2", "1\n2", "a", "pi", "1 if 2 else 3", "[1]", "{1}", "lambda: 1", "abs(-1)", "(1).real",
    "1 .real", "1(2)", "1[0]", "1 < 2", "not 1", "~1", "1 and 2", "1 // 2", "1 % 2", "2 ** 3", "1 << 2", "1 @ 2",
    "1 | 2", "None", "False", "...", "b'1'", "f'{1}'", "'1' '2'", "3+4j", "(x := 1)", "*1", "1 2", "(1", "1)",
    "__import__('os')", "().__class__", "[x for x in (1,)]", "await 1", "yield", "1 in (1,)", "print(1)", "1 is 1",
    "-'1'", "'a'*3",
)  # fmt: skip
"""Texts that are no sums of numbers."""

HONEST = ("1/0", "1-1/(2-2)", "1e308*10", "+-+1", "((1))", "0.5 / .25", "1_000", "0x10", "9" * 100, "1.", "1 -- 1")
"""Texts that are, though some have no result."""


def is_sum(text: str) -> bool:
    """Say whether a text is arithmetic by the rules of exercise 3."""
    if len(text) > 200 or text.count("(") > 30:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _is_sum(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError):
        return False


def _is_sum(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return type(value) in (int, float)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=inner):
            return _is_sum(inner)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            return _is_sum(left) and _is_sum(right)
    return False


def some_expressions(seed: int, count: int) -> list[tuple[str, bool]]:
    """Draw expressions, half of them with a piece in them that may not be there; give each with the right answer."""
    rng = random.Random(seed)
    drawn = []
    for _ in range(count):
        pieces = [_some_expression(rng, 3)]
        if rng.random() < 0.5:
            pieces.insert(
                rng.randrange(2), rng.choice((" ** 2", "abs(1)", " % 3", "'1'", "2j", "(1).real", " 3", "True"))
            )
        text = "".join(pieces)
        drawn.append((text, is_sum(text)))
    return drawn


def _some_expression(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(("1", "2.5", "0", "1e3", ".5", "94.9"))
    inner = _some_expression(rng, depth - 1)
    if rng.random() < 0.3:
        return rng.choice(("({})", "-{}", "+({})")).format(inner)
    return f"{inner} {rng.choice('+-*/')} {_some_expression(rng, depth - 1)}"


INDEX_CASES: tuple[tuple[list[float], dict[int, int], int], ...] = (
    ([1.0, 2.0, 3.0, 4.0], {}, 3),
    ([4.0, 3.0, 2.0, 1.0], {}, 2),
    ([5.0, 5.0, 5.0, 5.0], {}, 2),
    ([5.0, 5.0, 2.5, 2.5], {2: 2}, 2),
    ([6.0, 5.0, 2.5, 3.0, 1.0, 1.5], {2: 2, 4: 3}, 2),
    ([1.0, 2.0, 1.0], {}, 3),
    ([1.0, 2.0, 1.0, 2.0], {}, 3),
    ([40.0, 20.0, 21.0, 20.5, 22.0], {1: 2}, 3),
    ([], {}, 3),
    ([10.0, 12.0, 11.0, 11.0, 13.0, 12.0, 12.0, 14.0], {}, 3),
)
"""Prices, splits and a period."""


def strength_of(prices: Sequence[float], splits: Mapping[int, int], period: int) -> float | None:
    """Give Wilder's index by the rules of exercise 4: each change in the shares of its own day, scaled afterwards."""
    ratio, changes = 1, []
    for place, (before, after) in enumerate(pairwise(prices), start=1):
        new = splits.get(place, 1)
        changes.append((after * new - before) * ratio)
        ratio *= new
    if len(prices) <= period or not any(changes):
        return None
    means = []
    for moves in ([max(change, 0.0) for change in changes], [max(-change, 0.0) for change in changes]):
        mean = sum(moves[:period]) / period
        for move in moves[period:]:
            mean += (move - mean) / period
        means.append(mean)
    return 100 * means[0] / sum(means)


def some_prices(seed: int, count: int) -> list[tuple[list[float], dict[int, int], int]]:
    """Draw prices in halves, splits that keep them so, and periods."""
    rng = random.Random(seed)
    drawn = []
    for _ in range(count):
        worth, ratio, prices, splits = 960.0, 1, [], {}
        for place in range(rng.randrange(0, 30)):
            worth += rng.choice((-12, -6, 0, 6, 18))
            if place and rng.random() < 0.1:
                splits[place] = 2
                ratio *= 2
            prices.append(worth / ratio)
        drawn.append((prices, splits, rng.randrange(2, 8)))
    return drawn
