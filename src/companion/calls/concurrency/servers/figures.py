"""The figures of chapter 3's servers: who is served, what a request costs, and what a closed loop leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from companion.figures import Figure, Message, Moment, Panel, Series, State, bars, lines, sequence


def figure_owned() -> Figure:
    """Draw who waits for whom, where a worker owns a connection."""
    return sequence(
        "Client 2 waits until client 1 has closed, and most of that time the worker does nothing",
        "time",
        [
            Message("client 1", "worker", "request", 0, 1),
            State("worker", "works", 1, 2),
            Message("worker", "client 1", "answer", 2, 3),
            State("worker", "waits", 2, 7),
            Message("client 2", "worker", "request", 3, 8),
            State("client 2", "waits", 3, 10),
            Moment("client 1", "closes", 5.4, marked=True),
            Message("client 1", "worker", "end", 6, 7),
            State("worker", "works", 8, 9),
            Message("worker", "client 2", "answer", 9, 10),
        ],
        ticks=False,
    )


def figure_crowd(served: Mapping[str, int], connections: int) -> Figure:
    """Draw how many connections had an answer, and how many never had one."""
    worst = min(served, key=lambda name: served[name])
    title = f"{worst}: {connections - served[worst]} of {connections} connections never get an answer"
    groups = {name: {"served": float(count), "starved": float(connections - count)} for name, count in served.items()}
    return bars(title, "connections", groups)


def figure_cpu(figures: Mapping[str, float]) -> Figure:
    """Draw the processor time of a request under each model."""
    ordered = sorted(figures, key=lambda name: -figures[name])
    times = figures[ordered[0]] / figures["loop"]
    rest = [figures[name] for name in ordered if not name.startswith("cgi")]
    title = (
        f"{ordered[0]} takes {times:.0f} times the processor of the loop; those without a process for each request "
        f"differ by {max(rest) / min(rest):.1f} times"
    )
    return bars(
        title, "processor time of a request (ms)", {name: {"request": figures[name]} for name in ordered}, log=True
    )


def figure_omission(
    opened: Sequence[tuple[float, float]], closed: Sequence[tuple[float, float]], slow: float
) -> Figure:
    """Draw latency against the moment of each request: (seconds, ms), as an open and a closed loop see one pause.

    Parameters
    ----------
    opened, closed
        Moments in seconds with latencies in ms.
    slow
        From how many ms on a request is called slow, in the title.
    """
    seen, unseen = (sum(latency > slow for _, latency in points) for points in (opened, closed))
    title = f"The same pause: the open loop has {seen} requests slower than {slow:g} ms, the closed loop {unseen}"
    panels = [
        Panel(f"{name}: latency (ms)", [Series(name, *_broken(points), points=True)])
        for name, points in (("open loop", opened), ("closed loop", closed))
    ]
    return lines(title, "moment of the request (s)", panels)


def _broken(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float | None]]:
    """Give the points of a line with a gap where no request was sent for a while."""
    usual = min((later - one for (one, _), (later, _) in pairwise(points)), default=0.0)
    x: list[float] = []
    y: list[float | None] = []
    for at, latency in points:
        if x and at - x[-1] > 1.5 * usual:
            x.append(at)
            y.append(None)
        x.append(at)
        y.append(latency)
    return x, y
