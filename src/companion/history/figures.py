"""A history as a figure: who asked what when, and what came back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from companion.figures import Bar, Figure, lanes
from companion.history.drawing import columns
from companion.history.events import Operation


def space_time(
    operations: Sequence[Operation], title: str, *, x: str = "", marked: Collection[Operation] = ()
) -> Figure:
    """Draw a space-time diagram of operations.

    Parameters
    ----------
    operations : sequence of Operation
        Few enough to be read.
    title : str
        The finding.
    x : str
        What the places of the events measure, with the unit; empty if they have an order only, and no scale.
    marked : collection of Operation
        Those that the finding is about.
    """
    ordered = sorted(operations, key=lambda one: one.invoked)
    at = {place: float(place) for one in ordered for place in (one.invoked, one.returned) if place is not None}
    if not x:
        at = {place: float(column) for place, column in columns(ordered).items()}
    bars = [
        Bar(
            f"process {one.process}",
            at[one.invoked],
            None if one.returned is None else at[one.returned],
            one.told,
            one in marked,
        )
        for one in ordered
    ]
    return lanes(title, x or "time (order only)", bars, ticks=bool(x))
