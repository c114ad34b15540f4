"""A variant of an exercise: the same givens with other numbers, drawn from a seed.

Every draw has a generator of its own, named by seed, chapter, exercise and variable, so that a new exercise changes
nothing in the others.
"""

from __future__ import annotations

import ast
import hashlib
import random
from dataclasses import dataclass
from typing import Any

MAX_CHOICES = 10_000


@dataclass(frozen=True)
class Assignment:
    """A line `name = literal`: its value, and where the literal stands (lines from 1, columns in UTF-8 bytes)."""

    value: Any
    first: tuple[int, int]
    last: tuple[int, int]


def assignments(source: str) -> dict[str, Assignment]:
    """Find the lines `name = literal` at the top level of a piece of code."""
    found = {}
    for node in ast.parse(source).body:
        target: ast.expr | None = None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign):
            target = node.target
        if not isinstance(target, ast.Name) or not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        try:
            value = ast.literal_eval(node.value)
        except (ValueError, TypeError):
            continue
        at = node.value
        end = (at.end_lineno or at.lineno, at.end_col_offset or at.col_offset)
        found[target.id] = Assignment(value, (at.lineno, at.col_offset), end)
    return found


def choices(rule: Any, committed: Any) -> list[Any]:
    """List the values that a rule allows; whole numbers stay whole, others stay floats.

    Raises
    ------
    ValueError
        If the rule is neither a list nor a range.
    """
    if isinstance(rule, list) and rule:
        values = list(rule)
    elif isinstance(rule, dict) and {"low", "high"} <= rule.keys() <= {"low", "high", "step"}:
        low, high, step = rule["low"], rule["high"], rule.get("step", 1)
        if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in (low, high, step)) or step <= 0:
            raise ValueError("low, high and step must be numbers, and step above 0")
        count = int((high - low) / step + 1e-9) + 1
        if not 0 < count <= MAX_CHOICES:
            raise ValueError(f"low to high by step makes {count} values; 1 to {MAX_CHOICES} are possible")
        values = [low + k * step for k in range(count)]
        values = [value if isinstance(value, int) else round(value, 10) for value in values]
    else:
        raise ValueError('it must be a list of values, or {"low": ..., "high": ..., "step": ...}')
    whole = isinstance(committed, int) and not isinstance(committed, bool)
    if whole and any(isinstance(value, float) for value in values):
        raise ValueError("the committed value is a whole number, so all others must be")
    return [float(value) if isinstance(committed, float) and isinstance(value, int) else value for value in values]


def redraw(source: str, vary: dict[str, Any], seed: str, chapter: str, exercise: str) -> str:
    """Draw the givens of an exercise anew: the same code with other literals.

    Parameters
    ----------
    source
        The givens as committed.
    vary
        Which names are drawn, and from what.
    seed, chapter, exercise
        What the draws are named by.
    """
    given = assignments(source)
    lines = source.encode().split(b"\n")
    for name in sorted(vary, key=lambda name: given[name].first, reverse=True):  # from the end: places stay right
        old = given[name]
        possible = [value for value in choices(vary[name], old.value) if value != old.value]
        drawn = random.Random(f"{seed}/{chapter}/{exercise}/{name}").choice(possible) if possible else old.value
        (top, left), (bottom, right) = old.first, old.last
        after = lines[bottom - 1][right:]
        lines[top - 1 : bottom] = [lines[top - 1][:left] + repr(drawn).encode() + after]
    return b"\n".join(lines).decode()


def check_seed(variant: str | None, chapter: str, exercise: str, secret: str = "") -> int:
    """Give the seed of the hidden tests: another one than the chapter's, for each variant and each teacher's secret."""
    text = f"check/{'' if variant is None else variant}/{chapter}/{exercise}{secret and '/'}{secret}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
