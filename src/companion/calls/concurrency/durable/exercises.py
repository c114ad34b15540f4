"""What the check of the exercise on keys holds an answer against: names of orders that are easily mixed up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

ALIKE = ("a", "a1", "1a", "a/1", "1/a", "1:a", "a-1")
"""Orders whose names run into the number of a step when a key is put together without care."""


def random_names(draw: random.Random) -> list[str]:
    """Draw forty short names of digits, letters and the characters that people put between two parts."""
    return sorted({"".join(draw.choices("a1/:-_ ", k=draw.randint(1, 5))) for _ in range(40)})


def collision(step_key: Callable[[str, int, int, int], str], orders: Iterable[str], steps: int = 130) -> str:
    """Find two steps that have one key; say which, or nothing.

    Parameters
    ----------
    step_key : callable
        The answer to the exercise.
    orders : iterable of str
        Names of orders, all different.
    steps : int
        How many steps each has.
    """
    seen: dict[str, str] = {}
    for order in orders:
        for step in range(1, steps + 1):
            this = f"step {step} of order {order!r}"
            other = seen.setdefault(step_key(order, step, 1, 5), this)
            if other != this:
                return f"{other} and {this}"
    return ""


__all__ = ["ALIKE", "collision", "random_names"]
