"""The figures of the races: every order of two increments, what a crowd keeps, what a start costs, who pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.calls.concurrency.serverless import bills, factor
from companion.figures import Bar, Figure, bars, lanes


def figure_orders(lost: Mapping[int, float]) -> Figure:
    """Draw which share of all orders loses an update, by the number of steps of each increment.

    Parameters
    ----------
    lost : mapping of int to float
        By the number of steps, the share from 0 to 1.
    """
    most = max(lost)
    title = f"With {most} steps from reading to writing, {100 * lost[most]:.3g} % of all orders lose an update"
    groups = {f"{steps} step{'s' if steps > 1 else ''}": {"lost": 100 * share} for steps, share in lost.items()}
    return bars(title, "orders of two increments that lose one (%)", groups)


def figure_starts(took: Mapping[str, float]) -> Figure:
    """Draw how long a function takes to answer from cold, forked and warm, by what it imports, in milliseconds."""
    groups: dict[str, dict[str, float]] = {"cold": {}, "forked": {}, "warm": {}}
    for name, milliseconds in took.items():
        kind, _, imports = name.partition(", ")
        groups[kind][imports] = milliseconds
    imports = max(groups["cold"], key=lambda name: groups["cold"][name])
    times = groups["cold"][imports] / groups["warm"][imports]
    title = f"With {imports}, a cold start takes {_rounded(times):,} times as long as a warm one"
    return bars(title, "from call to answer (ms)", groups, log=True)


def _rounded(number: float) -> int:
    """Round to two digits: what a machine took says no more."""
    digits = len(str(int(number)))
    return int(round(number, 2 - digits))


def figure_bill(work: Sequence[float], names: str = "ABCD") -> Figure:
    """Draw a chain of functions that each wait for the next: for how long each is billed, and when it works."""
    title = f"{len(work)} functions that wait for each other are billed {factor(work):g} times their work"
    begun, end, drawn = 0.0, sum(work), []
    for name, own, bill in zip(names, work, bills(work), strict=True):
        drawn.append(Bar(name, begun, begun + own, "works"))
        if bill > own:
            drawn.append(Bar(name, begun + own, end, "waits, and is billed", marked=True))
        begun += own
    return lanes(title, "time (units of work)", drawn)
