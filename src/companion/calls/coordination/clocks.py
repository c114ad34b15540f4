"""Clocks for leases: the machine's own, or one that an experiment sets by hand."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
real: Clock = time.monotonic
"""The machine's seconds; never goes back."""


class HandClock:
    """A clock that stands still until it is told to go on: experiments need not wait, and repeat."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let so many seconds pass."""
        if not seconds >= 0:
            raise ValueError(f"{seconds} seconds: a clock does not go back")
        self.now += seconds
