"""The clock of a simulation: what is to happen, one thing after the other, in the order of its time.

Time stands still while something happens and then jumps to whatever is due next. What is due at the same moment happens
in the order in which it was scheduled, so that a run repeats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any


@dataclass
class Clock:
    """A queue of events; a simulator's world inherits it. The unit of time is the simulator's own.

    Attributes
    ----------
    now : float
        The time.

    Examples
    --------
    >>> clock, heard = Clock(), []
    >>> clock.after(2.0, heard.append, "thunder")
    >>> clock.at(1.0, heard.append, "lightning")
    >>> clock.run(until=1.5)
    >>> heard, clock.now
    (['lightning'], 1.5)
    """

    now: float = field(default=0.0, init=False)
    _due: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = field(
        default_factory=list, init=False, repr=False
    )
    _order: count[int] = field(default_factory=count, init=False, repr=False)

    def at(self, time: float, happen: Callable[..., object], *args: Any) -> None:
        """Let something happen at a time, which is not past."""
        heappush(self._due, (time, next(self._order), happen, args))

    def after(self, wait: float, happen: Callable[..., object], *args: Any) -> None:
        """Let something happen after a while."""
        heappush(self._due, (self.now + wait, next(self._order), happen, args))

    def run(self, until: float = inf) -> None:
        """Let everything happen that is due by then; it is that time afterwards, or that of the last event for ever."""
        due = self._due
        while due and due[0][0] <= until:
            self.now, _, happen, args = heappop(due)
            happen(*args)
        if until < inf:
            self.now = until
