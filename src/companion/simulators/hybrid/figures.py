"""The chapter's figures, as functions of results; each computes its title, the finding, from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.figures import Figure, Panel, Series, bars, lines
from companion.simulators.hybrid.account import Outcome
from companion.simulators.hybrid.result import Result


def figure_waits(results: Mapping[str, Result]) -> Figure:
    """Draw what each kind of operation waits under each mode."""
    groups = {
        name: {f"{kind}s": result.summary[f"{kind}_p50"] or 0.0 for kind in ("room", "note", "colour")}
        for name, result in results.items()
    }
    dearest = max(results, key=lambda name: results[name].summary["mean_latency"] or 0.0)
    colour, room = (results[dearest].summary[f"{kind}_p50"] or 0.0 for kind in ("colour", "room"))
    title = f"Under {dearest} a colour waits {colour:.0f} ms, as long as a room ({room:.0f} ms)"
    return bars(title, "median wait (ms)", groups)


def figure_distance(distances: Sequence[float], results: Mapping[str, Sequence[Result]]) -> Figure:
    """Draw the mean wait against the distance between the sites, under each mode."""
    series = [
        Series(name, distances, [run.summary["mean_latency"] for run in runs], points=True)
        for name, runs in results.items()
    ]
    first, *_, last = [(name, runs[-1].summary["mean_latency"] or 0.0) for name, runs in results.items()]
    title = (
        f"At {distances[-1]:g} ms the mean wait is {first[1]:.0f} ms with {first[0]} and {last[1]:.0f} with {last[0]}"
    )
    return lines(title, "one way between two sites (ms)", [Panel("mean wait (ms)", series)])


def figure_promises(distances: Sequence[float], seen: Sequence[float], expected: Sequence[float]) -> Figure:
    """Draw how many slots are confirmed twice against the distance, simulated and by the closed form."""
    title = f"At {distances[-1]:g} ms {seen[-1]:.1f} slots are confirmed twice; the closed form says {expected[-1]:.1f}"
    series = [
        Series("simulated", distances, list(seen), points=True),
        Series("closed form", distances, list(expected)),
    ]
    return lines(title, "one way between two sites (ms)", [Panel("slots confirmed twice", series)])


def figure_withdrawals(outcomes: Mapping[str, Outcome]) -> Figure:
    """Draw, for each way to decide withdrawals, how many overdrew the account and what users waited."""
    bad = [name for name, outcome in outcomes.items() if outcome.overdrawn]
    cheapest = min((name for name in outcomes if name not in bad), key=lambda name: outcomes[name].mean_latency)
    wait = 1000 * outcomes[cheapest].mean_latency
    title = f"{', '.join(bad) or 'None'} overdraws; the cheapest that does not is {cheapest}, at {wait:.0f} ms"
    groups = {
        name: {"overdrawn (withdrawals)": float(outcome.overdrawn), "mean wait (ms)": 1000 * outcome.mean_latency}
        for name, outcome in outcomes.items()
    }
    return bars(title, "withdrawals, or ms", groups)
