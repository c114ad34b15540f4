"""The figure of the crash storm: every life of a child that crashes again and again, until somebody gives up."""

from __future__ import annotations

from collections.abc import Sequence

from companion.calls.concurrency.supervisor.scripted import Run
from companion.figures import Bar, Figure, lanes


def figure_storm(runs: Sequence[Run], restarts: int, within: float, unit: float = 1.0) -> Figure:
    """Draw each life of a child, a lane for each length of life; the last life of a supervisor that gave up is marked.

    Parameters
    ----------
    runs : sequence of Run
        By rising length of life.
    restarts, within : int, float
        What the supervisor allows.
    unit : float
        How many of the clock's ticks are a second.
    """
    ended = [run.lives / unit for run in runs if run.gave_up]
    lived = [run.lives / unit for run in runs if not run.gave_up]
    title = f"{restarts} restarts in {within / unit:g} s: " + (
        f"a child that lives {max(ended):g} s is given up, one that lives {min(lived):g} s never"
        if ended and lived
        else f"{'all' if ended else 'none'} of {len(runs)} children {'are' if len(runs) > 1 else 'is'} given up"
    )
    drawn = []
    for run in runs:
        for number, (start, end) in enumerate(run.spans, 1):
            last = run.gave_up and number == len(run.spans)
            label = f"{number} end" if last else str(number)
            drawn.append(Bar(f"lives {run.lives / unit:g} s", start / unit, end / unit, label, marked=last))
    return lanes(title, "time (s)", drawn)


__all__ = ["figure_storm"]
