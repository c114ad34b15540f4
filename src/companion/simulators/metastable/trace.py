"""What every attempt did between two moments of a run, for the player that opens the chapter.

The run is the fast engine's own, listened to: nothing of it changes.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from companion.player import NEVER, Trace, pack
from companion.simulators.metastable.engine import DEADLINE, Attempt, Engine
from companion.simulators.metastable.settings import Settings

PER_SECOND = 1000
"""Moments are kept in milliseconds."""


@dataclass(frozen=True)
class Journey:
    """One attempt: when it was sent, when a server began on it and when that ended (s); inf for what never came."""

    sent: float
    began: float
    ended: float


def journeys(settings: Settings, until: float) -> list[Journey]:
    """Run up to a moment (s), and tell of each attempt that was sent, in the order of sending."""
    engine = Listening(dataclasses.replace(settings, duration=until))
    engine.run()
    nothing = (inf, inf)
    return [
        Journey(attempt[DEADLINE] - settings.timeout, *engine.service.get(id(attempt), nothing))
        for attempt in engine.deadlines.all
    ]


class Everyone(deque[Attempt]):
    """A queue that remembers whoever stood in it."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Attempt] = []

    def append(self, attempt: Attempt) -> None:
        """Take the last place."""
        self.all.append(attempt)
        super().append(attempt)


class Listening(Engine):
    """The engine, with a note of when each attempt was in service."""

    deadlines: Everyone

    def __init__(self, settings: Settings) -> None:
        self.service: dict[int, tuple[float, float]] = {}
        super().__init__(settings, None)
        self.deadlines = Everyone()

    def _make_start(self) -> Callable[[Attempt, float], None]:
        start = super()._make_start()

        def noted(attempt: Attempt, now: float) -> None:
            start(attempt, now)
            ends = next(time for time, _, _, other in reversed(self.events) if other is attempt)
            self.service[id(attempt)] = (now, ends)

        return noted


def trace(name: str, settings: Settings, start: float, end: float, **words: Any) -> Trace:
    """Record a run for the player's scene ``queue``.

    Parameters
    ----------
    name : str
        The words on its button.
    settings : Settings
        What is run; the queue is served in order.
    start, end : float
        The moments between which it can be seen (s).
    **words
        Further fields of the `Trace`: its ``steps``, its ``preset``.
    """
    seen = [one for one in journeys(settings, end) if one.ended >= start]
    first = seen[0].sent if seen else start
    last = max((place for place, one in enumerate(seen, 1) if one.began < end), default=0)  # behind, all still wait
    begun = [one.began for one in seen[:last]]
    data = {
        "servers": settings.server_capacity,
        "timeout": settings.timeout,
        "first": round(first, 3),
        "sent": pack(_steps([one.sent for one in seen], first)),
        "began": pack(_steps(begun, min(begun, default=first))),
        "beganFirst": round(min(begun, default=first), 3),
        "served": pack([_milliseconds(one.ended - one.began) for one in seen[:last] if one.began < inf]),
    }
    return Trace(name=name, start=start, end=end, data=data, **words)


def _steps(moments: Sequence[float], first: float) -> list[int]:
    # Differences of rounded moments, so that no error adds up; whoever never began stands between two who did.
    steps, before = [], 0
    for moment in moments:
        after = before if moment == inf else round((moment - first) * PER_SECOND)
        steps.append(NEVER if moment == inf else after - before)
        before = after
    return steps


def _milliseconds(seconds: float) -> int:
    return min(round(seconds * PER_SECOND), NEVER - 1)
