"""How many calls reach the database when it is down: products, and a walk where a budget stops the retries."""

from __future__ import annotations

import math
from collections.abc import Sequence


def database_calls(attempts: Sequence[int], stops: int | None = None) -> int:
    """Multiply the attempts of the layers, from the outermost to the one before the database.

    Parameters
    ----------
    attempts
        How often each layer calls the next in all; that is one more than its retries.
    stops
        The layer, counted from 0, that answers its caller with a status that nobody retries: those above it try once.
    """
    return math.prod(attempts if stops is None else attempts[stops:])


def from_retries(retries: Sequence[int]) -> int:
    """Multiply, where each layer's setting counts retries and not attempts."""
    return math.prod(number + 1 for number in retries)


def throttled_calls(attempts: Sequence[int], requests: int, tokens: int) -> int:
    """Count the calls of the database when each layer has a budget of tokens and nothing ever succeeds.

    A failure takes a token, and only above half of them is a call tried again. So a layer makes fewer than half as
    many retries as it has tokens, whatever comes: those requests that come later are called once.
    """
    left = [float(tokens)] * len(attempts)

    def call(layer: int) -> int:
        if layer == len(attempts):
            return 1
        calls = 0
        for _ in range(attempts[layer]):
            calls += call(layer + 1)
            left[layer] = max(0.0, left[layer] - 1)
            if left[layer] <= tokens / 2:
                break
        return calls

    return sum(call(0) for _ in range(requests))
