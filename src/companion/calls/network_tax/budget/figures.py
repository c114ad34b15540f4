"""The figures of chapter 7's hops: a waterfall, and percentiles beside their sums."""

from __future__ import annotations

from collections.abc import Mapping

from companion.calls.network_tax.budget.chain import Budget
from companion.figures import Bar, Figure, bars, lanes


def figure_waterfall(budget: Budget, deadline: float | None = None) -> Figure:
    """Draw when each step begins and ends on average; means add, so that the bars meet."""
    title = f"On average {budget.mean_ms:.0f} ms, and for one request in a hundred more than {budget.p99_ms:.0f}"
    late = [deadline is not None and step.p99_ms > deadline for step in budget.steps]
    if any(late):
        title = f"After {_short(budget, late)}, more than one request in a hundred is past its {deadline:g} ms"
    return lanes(
        title,
        "ms after the request, on average",
        [
            Bar(_name(step.names), step.start_ms, step.start_ms + step.mean_ms, f"p99 so far {step.p99_ms:.0f}", marked)
            for step, marked in zip(budget.steps, late, strict=True)
        ],
    )


def figure_sums(budgets: Mapping[str, Budget]) -> Figure:
    """Draw the 99th percentile of each whole beside the sum of its hops' 99th percentiles."""
    first = next(iter(budgets))
    whole, added = budgets[first].p99_ms, budgets[first].sum_p99_ms
    title = f"{first}: a p99 of {whole:.0f} ms, where the hops' p99s add up to {added:.0f}"
    return bars(
        title,
        "ms",
        {
            name: {
                "p50 of the whole": round(budget.p50_ms),
                "p99 of the whole": round(budget.p99_ms),
                "hops' p99s, added (at once: the largest)": round(budget.sum_p99_ms),
            }
            for name, budget in budgets.items()
        },
    )


def _name(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _short(budget: Budget, late: list[bool]) -> str:
    number = late.index(True)
    return f"step {number + 1}, {_name(budget.steps[number].names)}"
