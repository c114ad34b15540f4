"""The figure of balancing: which server got how many calls."""

from __future__ import annotations

from collections.abc import Mapping

from companion.calls.network_tax.balancing.runs import NAMES, Spread
from companion.figures import Figure, bars


def figure_spreads(spreads: Mapping[str, Spread]) -> Figure:
    """Draw each server's calls, for each way of balancing by its name."""
    idle = [name for name, spread in spreads.items() if spread.about.count(0) == len(NAMES) - 1]
    title = f"In {len(idle)} of {len(spreads)} designs one server does all the work"
    calls = {
        name: {f"server {worker}": float(calls) for worker, calls in zip(NAMES, spread.about, strict=True)}
        for name, spread in spreads.items()
    }
    return bars(title, "calls, to the nearest ten", calls)
