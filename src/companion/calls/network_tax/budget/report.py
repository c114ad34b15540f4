"""The budget for a person, with a waterfall, and for programs (`budget.schema.json`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from companion.calls.network_tax.budget.chain import Budget

if TYPE_CHECKING:
    from rich.table import Table

WIDE = 84
BAR = 24


def as_json(file: str, budget: Budget, deadline: float | None, seed: int, samples: int) -> dict[str, Any]:
    """Give it as `budget.schema.json` describes it."""
    steps = [
        {
            "hops": list(step.names),
            "start_ms": round(step.start_ms, 3),
            "mean_ms": round(step.mean_ms, 3),
            "end_p50_ms": round(step.p50_ms, 3),
            "end_p99_ms": round(step.p99_ms, 3),
            "left_ms": None if deadline is None else round(deadline - step.p99_ms, 3),
        }
        for step in budget.steps
    ]
    numbers = {
        "availability": budget.availability,
        "some_hop_beyond_its_p99": budget.beyond,
        "p50_ms": budget.p50_ms,
        "p99_ms": budget.p99_ms,
        "mean_ms": budget.mean_ms,
        "exact_mean_ms": budget.exact_mean_ms,
        "sum_of_p50_ms": budget.sum_p50_ms,
        "sum_of_p99_ms": budget.sum_p99_ms,
        "worst_ms": budget.worst_ms,
    }
    whole = {name: None if value is None else round(value, 6) for name, value in numbers.items()}
    fits = None if deadline is None else budget.p99_ms <= deadline
    return {
        "file": file,
        "seed": seed,
        "samples": samples,
        **whole,
        "deadline_ms": deadline,
        "fits": fits,
        "steps": steps,
    }


def table(budget: Budget, deadline: float | None) -> Table:
    """Draw the waterfall: when each step begins and ends on average, and what the deadline leaves after it."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, width=WIDE, header_style="bold")
    made.add_column("hop", ratio=1, overflow="ellipsis", no_wrap=True)
    made.add_column("on average", width=BAR, no_wrap=True)
    for name in ("mean", "p50 so far", "p99 so far", *(["left"] if deadline is not None else [])):
        made.add_column(name, justify="right", no_wrap=True)
    whole = max(budget.mean_ms, 1e-9)
    for step in budget.steps:
        first = min(BAR - 1, round(BAR * step.start_ms / whole))
        last = max(first + 1, min(BAR, round(BAR * (step.start_ms + step.mean_ms) / whole)))
        cells = [" + ".join(step.names), " " * first + "#" * (last - first), f"{step.mean_ms:.1f}",
                 f"{step.p50_ms:.0f}", f"{step.p99_ms:.0f}"]  # fmt: skip
        late = deadline is not None and step.p99_ms > deadline
        made.add_row(*cells, *([f"{deadline - step.p99_ms:.0f}"] if deadline is not None else []),
                     style="red" if late else "")  # fmt: skip
    return made


def lines(budget: Budget, deadline: float | None) -> Iterator[str]:
    """Say what comes of it, in lines of at most 84 columns; times are in milliseconds."""
    exact = "" if budget.exact_mean_ms is None else f" ({budget.exact_mean_ms:.1f} by the closed form)"
    yield f"p50 {budget.p50_ms:.0f} ms; the p50s add up to {budget.sum_p50_ms:.0f}, which it is not"
    yield f"p99 {budget.p99_ms:.0f} ms; the p99s add up to {budget.sum_p99_ms:.0f}, which it is not"
    yield f"mean {budget.mean_ms:.1f} ms{exact}: means do add"
    yield f"answered {100 * budget.availability:.4f} % of the time"
    yield f"some hop beyond its own p99: {100 * budget.beyond:.2f} % of requests"
    if budget.worst_ms is not None:
        yield f"at worst, by the timeouts and retries: {budget.worst_ms:.0f} ms"
    if deadline is not None:
        spare = deadline - budget.p99_ms
        told = f"{spare:.0f} ms to spare" if spare >= 0 else f"{-spare:.0f} ms too much"
        yield f"deadline {deadline:g} ms: {told} at p99"
