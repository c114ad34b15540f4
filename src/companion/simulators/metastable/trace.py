"""What every attempt did between two moments of a run, for the two players of the chapter.

The run is the fast engine's own, listened to: nothing of it changes.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any

from companion.player import NEVER, Trace, pack, play
from companion.simulators.metastable.engine import DEADLINE, Attempt, Engine
from companion.simulators.metastable.settings import PRESETS, Settings

PER_SECOND = 1000
"""Moments are kept in milliseconds."""


@dataclass(frozen=True)
class Journey:
    """One attempt: when it was sent, when a server began on it and when that ended (s); inf for what never came."""

    sent: float
    began: float
    ended: float


@lru_cache(maxsize=1)  # a trace and its words tell of the same run
def journeys(settings: Settings, until: float) -> tuple[Journey, ...]:
    """Run up to a moment (s), and tell of each attempt that was sent, in the order of sending."""
    engine = Listening(dataclasses.replace(settings, duration=until))
    engine.run()
    nothing = (inf, inf)
    return tuple(
        Journey(attempt[DEADLINE] - settings.timeout, *engine.service.get(id(attempt), nothing))
        for attempt in engine.deadlines.all
    )


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
    data: dict[str, Any] = {
        "servers": settings.server_capacity,
        "timeout": settings.timeout,
        "first": round(first, 3),
        "sent": pack(_steps([one.sent for one in seen], first)),
        "began": pack(_steps(begun, min(begun, default=first))),
        "beganFirst": round(min(begun, default=first), 3),
        "served": pack([_milliseconds(one.ended - one.began) for one in seen[:last] if one.began < inf]),
    }
    if settings.drop_queue_at is not None:
        data["dropped"] = settings.drop_queue_at
    return Trace(name=name, start=start, end=end, data=data, **words)


RUNS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("the spike", "collapse", {}),
    ("one retry", "one_retry", {}),
    ("no retries", "no_retries", {}),
    ("turn callers away", "load_cut", {"cut_load_at": 75.0}),
    ("retries off", "retries_off", {"set_retries_at": 75.0}),
    ("drop the queue", "queue_dropped", {"drop_queue_at": 75.0}),
    ("callers away, queue dropped", "load_cut", {"cut_load_at": 75.0, "drop_queue_at": 75.0}),
    ("retries off, queue dropped", "way_out", {"set_retries_at": 75.0, "drop_queue_at": 75.0}),
)
"""What a reader of the chapter may try: the words on a button, the preset, and what is done in the running outage."""


def outage(seed: int) -> list[Trace]:
    """Record the outage of the chapter, and what becomes of it if somebody does something five seconds after the spike.

    Parameters
    ----------
    seed : int
        Where every random draw comes from.
    """
    traces = []
    for name, preset, change in RUNS:
        settings = PRESETS[preset].settings(seed=seed, **change)
        if change:  # where the queue grows on, its attempts take the most room
            start, end = 73.0, 85.0 if len(change) > 1 else 84.0
        else:
            start, end = 58.0, 78.0 if settings.max_retries else 88.0
        steps = tell(settings, start, end)
        same = _measures(settings) == _measures(PRESETS[preset].settings())
        traces.append(trace(name, settings, start, end, steps=steps, preset=preset if same else ""))
    return traces


ALT = (
    "Attempts as dots: they wait in a queue, ten workers take them in turn, and answers leave on the right. "
    "Below: answers in time, attempts, and how long the next in the queue has waited."
)


def play_spike(seed: int) -> None:
    """Show what opens the chapter: the spike, and nothing of what comes after it.

    Parameters
    ----------
    seed : int
        Where every random draw comes from.
    """
    settings, start = PRESETS["collapse"].settings(seed=seed), 58.0
    end = settings.spike_start + settings.spike_seconds
    spike = trace("the spike", settings, start, end, steps=tell(settings, start, end))
    play("queue", "Ten workers, and ten seconds of too many callers", [spike], alt=ALT)


def play_outage(seed: int) -> None:
    """Show the outage that follows, and what becomes of it under each measure.

    Parameters
    ----------
    seed : int
        Where every random draw comes from.
    """
    play("queue", "What comes after the spike, and what ends it", outage(seed), alt=ALT)


def tell(settings: Settings, start: float, end: float) -> tuple[tuple[float, str], ...]:
    """Say what there is to see, and when.

    Parameters
    ----------
    settings : Settings
        What is run.
    start, end : float
        What is seen of it (s).
    """
    seen = journeys(settings, end)
    changed = min((at for at, _, _ in settings.interventions), default=inf)
    spike_end = settings.spike_start + settings.spike_seconds

    def waiting(moment: float) -> str:
        there = [one for one in seen if one.sent <= moment < one.began and not _dropped(settings, one, moment)]
        gone = sum(moment > one.sent + settings.timeout for one in there)
        return f"{len(there):,} wait" + (f", {gone:,} of them for nobody" if gone else "")

    def answered(moment: float) -> str:
        in_time = sum(moment - 1 < one.ended <= moment and one.ended <= one.sent + settings.timeout for one in seen)
        return f"in the last second {in_time} got an answer in time"

    steps = [(start, f"{waiting(start).capitalize()}; {answered(start)}.")]
    if changed < inf:
        steps += [(changed, f"{DONE[_measures(settings)]} {waiting(changed).capitalize()}.")]
    else:
        left = min(
            (one.sent + settings.timeout for one in seen if one.began > one.sent + settings.timeout), default=inf
        )
        again = " and asks again" if settings.max_retries else ""
        steps += [
            (
                settings.spike_start,
                f"The spike: {settings.spike_load:g} callers a second instead of {settings.load:g}.",
            ),
            (
                left,
                f"The first caller has waited {settings.timeout:g} s in the queue, leaves{again}. The attempt stays.",
            ),
            (spike_end, f"The spike is over. {waiting(spike_end).capitalize()}; {answered(spike_end)}."),
        ]
    after = max(spike_end, changed if changed < inf else 0.0)
    rest = [moment for moment in (round((after + end) / 2), end) if moment > after]
    steps += [(moment, f"{waiting(moment).capitalize()}; {answered(moment)}.") for moment in rest]
    return tuple((round(moment, 2), words) for moment, words in sorted(steps) if start <= moment <= end)


DONE = {
    ("load",): "From here on all but 20 callers a second are turned away.",
    ("retries",): "From here on nobody tries again.",
    ("queue",): "The queue is thrown away.",
    ("load", "queue"): "The queue is thrown away, and from here on all but 20 callers a second are turned away.",
    ("retries", "queue"): "The queue is thrown away, and from here on nobody tries again.",
}


def _measures(settings: Settings) -> tuple[str, ...]:
    return tuple(what for _, what, _ in settings.interventions)


def _dropped(settings: Settings, one: Journey, moment: float) -> bool:
    at = settings.drop_queue_at
    return at is not None and one.sent < at <= moment and one.began == inf


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
