"""What the check of the exercise on restarts holds an answer against: cases with a reason each, and the supervisor."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from companion.calls.concurrency.supervisor.scripted import Clock, Scripted
from companion.calls.concurrency.supervisor.supervisor import Supervisor

INTENSITY: tuple[tuple[tuple[float, ...], int, float, bool, str], ...] = (
    ((0.0,), 0, 5.0, False, "nothing was restarted"),
    ((0.0, 1.0), 0, 5.0, True, "no restart is allowed, and there was one"),
    ((0.0, 1.0, 2.0, 3.0), 3, 5.0, False, "three restarts are allowed; the first start is none"),
    ((0.0, 1.0, 2.0, 3.0, 4.0), 3, 5.0, True, "four restarts within 5 s"),
    ((0.0, 1.0, 2.0, 3.0, 6.0), 3, 5.0, True, "from 1 to 6 are 5 s, and that is within 5 s"),
    ((0.0, 1.0, 2.0, 3.0, 6.1), 3, 5.0, False, "from 1 to 6.1 is more than 5 s"),
    ((0.0, 4.0, 8.0, 12.0, 16.0, 20.0), 3, 5.0, False, "never more than two within any 5 s"),
    ((0.0, 4.0, 4.5, 5.5, 6.0), 3, 5.0, True, "four from 4 to 6; a period begins with a restart, not with the clock's"),
    ((0.0, 1.0, 1.1, 1.2, 1.3, 60.0), 3, 5.0, True, "it had given up long before the last one"),
)
"""Starts, R, T, whether it gives up, and why."""


def supervisor_gives_up(starts: Sequence[float], restarts: int, within: float) -> bool:
    """Let the supervisor of this book decide: its child crashes so that it would be started at these times."""
    clock = Clock()
    child = Scripted("child", clock, [after - before for before, after in pairwise(starts)])
    clock.now = starts[0]
    supervisor = Supervisor([child], restarts=restarts, within=within, clock=clock)
    supervisor.start()
    for now in starts[1:]:
        clock.now = now
        supervisor.step()
    given_up = supervisor.reason() is not None
    supervisor.stop()
    return given_up


__all__ = ["INTENSITY", "supervisor_gives_up"]
