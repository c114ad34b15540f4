"""The figures of the concerns: what leaks in which order, and what each place costs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from companion.calls.contracts.concerns.costs import added
from companion.figures import Figure, bars, matrix


def figure_orders(found: Mapping[tuple[str, ...], Mapping[str, str]], asked: tuple[str, ...]) -> Figure:
    """Draw which property leaks in which order; `found` as `orders.all_orders` gives it."""
    whole = [order for order in found if not any(name in found[order] for name in asked)]
    count = len(whole) or "None"
    keep = "keeps" if len(whole) < 2 else "keep"
    names = ", ".join(sorted(next(iter(found))))
    title = f"{count} of {len(found)} orders of {names} {keep} all {len(asked)} properties"
    cells = {
        (" > ".join(order), name): "leaks" if name in found[order] else "holds" for order in found for name in asked
    }
    return matrix(title, "order, the outermost first", "property", cells, {"holds": "+", "leaks": "!"})


def figure_costs(figures: Mapping[str, float]) -> Figure:
    """Draw what each place adds to a call; `figures` as `costs.costs` gives them. What was lost in noise has no bar."""
    extra = added(dict(figures))
    cheapest, dearest = min(extra, key=lambda name: extra[name]), max(extra, key=lambda name: extra[name])
    title = f"{dearest}: {extra[dearest]:,.0f} µs more a call; {cheapest}: {extra[cheapest]:.2g} µs"
    groups = {
        name: {"added": cost if cost > 0 else math.nan} for name, cost in sorted(extra.items(), key=lambda one: one[1])
    }
    return bars(title, "µs added to a call (CPU; of sidecars by the clock)", groups, log=True)
