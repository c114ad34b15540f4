"""The chapter's figures, as functions of results; each computes its title, the finding, from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.figures import Figure, Panel, Series, bars, grid, lines
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


def figure_distance(
    distances: Sequence[float], results: Mapping[str, Sequence[Result]], expected: Mapping[str, Sequence[float]]
) -> Figure:
    """Draw the mean wait against the distance between the sites, under each mode and by the closed form."""
    waits = {name: [run.summary["mean_latency"] or 0.0 for run in runs] for name, runs in results.items()}
    ends = {name: values[-1] for name, values in waits.items()}
    dear, cheap = max(ends, key=lambda name: ends[name]), min(ends, key=lambda name: ends[name])
    title = f"At {distances[-1]:g} ms the mean wait is {ends[dear]:.0f} ms with {dear}"
    title += "".join(f", {ends[name]:.0f} with {name}" for name in ends if name not in (dear, cheap))
    title += f" and {ends[cheap]:.0f} with {cheap}"
    return _beside(title, distances, "mean wait (ms)", waits, expected)


def figure_promises(
    distances: Sequence[float], seen: Mapping[str, Sequence[float]], expected: Mapping[str, Sequence[float]]
) -> Figure:
    """Draw how many bookings are taken back against the distance, in means of runs and by the closed form."""
    told = (f"{name} takes back {seen[name][-1]:.1f} ({expected[name][-1]:.1f} expected)" for name in seen)
    title = f"At {distances[-1]:g} ms {', '.join(told)}"
    return _beside(title, distances, "bookings taken back (a run)", seen, expected)


def _beside(
    title: str, distances: Sequence[float], y: str, seen: Mapping[str, Sequence[float]],
    expected: Mapping[str, Sequence[float]],
) -> Figure:  # fmt: skip
    series = [Series(name, distances, list(values), points=True) for name, values in seen.items()]
    series += [Series(f"{name}, closed form", distances, list(values)) for name, values in expected.items()]
    return lines(title, "one way between two sites (ms)", [Panel(y, series)])


def figure_escrow(alone: Mapping[tuple[float, float], float]) -> Figure:
    """Draw which share of the withdrawals (%) needs no other site, over deposits (%) and the number of sites."""
    shares = [share for share, _ in alone]
    poor, rich = (min(alone[at] for at in alone if at[0] == share) for share in (min(shares), max(shares)))
    title = f"Where {max(shares):.0f} % deposit at least {rich:.1f} % of the withdrawals need no other site, "
    title += f"where {min(shares):.0f} % do as few as {poor:.0f} %"
    return grid(title, "operations that deposit (%)", "sites", dict(alone), unit="% decided without asking",
                low="no better than red", high="free")  # fmt: skip


def figure_withdrawals(outcomes: Mapping[str, Outcome]) -> Figure:
    """Draw, for each way to decide withdrawals, how many overdrew the account and what users waited."""
    bad = [name for name, outcome in outcomes.items() if outcome.overdrawn]
    cheapest = min((name for name in outcomes if name not in bad), key=lambda name: outcomes[name].mean_latency)
    wait = 1000 * outcomes[cheapest].mean_latency
    title = f"{', '.join(bad) or 'None'} overdraws; the cheapest that does not is {cheapest}, at {wait:.0f} ms"
    groups = {
        f"{name} ({outcome.overdrawn} overdrawn)": {"mean wait": 1000 * outcome.mean_latency}
        for name, outcome in outcomes.items()
    }
    return bars(title, "mean wait (ms)", groups)
