"""The figures of chapter 9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.figures import Figure, Panel, Series, lines, sequence
from companion.figures.sequence import Message, Moment, State

__all__ = ["figure_late", "figure_written"]


def figure_late(first: int, second: int) -> Figure:
    """Draw how a server that was paused wakes up, and writes nothing.

    Parameters
    ----------
    first, second : int
        The fences of the two leases.
    """
    return sequence(
        "The server that wakes late writes under a fence that is over, and changes no row",
        "time",
        [
            Message("A", "database", "claim", sent=0, arrived=1),
            Message("database", "A", f"fence {first}", sent=1, arrived=2),
            State("A", "works", start=2, end=3),
            State("A", "down", start=3, end=8, what="paused"),
            Moment("database", "the lease runs out", at=4),
            Message("B", "database", "claim", sent=4.5, arrived=5),
            Message("database", "B", f"fence {second}", sent=5, arrived=6),
            State("B", "works", start=6, end=7),
            Message("A", "database", f"completed, fence {first}", sent=8, arrived=9, marked=True),
            Message("database", "A", "0 rows", sent=9, arrived=10, marked=True),
            Message("B", "database", f"completed, fence {second}", sent=11, arrived=12),
            Message("database", "B", "1 row", sent=12, arrived=13),
        ],
        participants=["A", "database", "B"],
        ticks=False,
    )


def figure_written(events: Sequence[int], theirs: Mapping[int, float], ours: Mapping[int, float]) -> Figure:
    """Draw what is written for each byte that is told, over the number of events.

    Parameters
    ----------
    events : sequence of int
        How many were told.
    theirs, ours : mapping of int to float
        Bytes written ahead for each byte told: with the history in the task, and with rows of their own.
    """
    x = [float(count) for count in events]
    title = (
        f"For {events[-1]} events the history in the task writes {theirs[events[-1]]:.0f} bytes for each byte told, "
        f"rows of their own {ours[events[-1]]:.1f}"
    )
    series = [
        Series("history in the task", x, [theirs[count] for count in events], points=True),
        Series("rows of their own", x, [ours[count] for count in events], points=True),
    ]
    return lines(title, "events", [Panel("bytes written for each byte told", series)])
