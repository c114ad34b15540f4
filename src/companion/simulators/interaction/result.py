"""What a run gave: counts for every second in which requests began, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from companion.simulators.interaction.settings import DATA_PLANE, Settings

OUTCOMES = ("delivered", "changed", "refused")
COUNTED = ("executions", "wasted", "duplicates", "ghosts", "lost_updates", "out_of_order", "refused_by_a")


@dataclass(frozen=True)
class Result:
    """A run.

    Attributes
    ----------
    settings : Settings
        What was simulated.
    series : dict of str to list
        For each second ``t``, of the requests that began in it: ``delivered`` (B has what A meant, and A knows),
        ``changed`` (B has something else, and nobody was told), ``refused`` (somebody was told).
    summary : dict of str to float or None
        Shares of the requests, executions a request, mean latency in s; see `page.ROWS`. None where the scenario has
        no such thing.
    totals : dict of str to int
        Counts over the run.
    """

    settings: Settings
    series: Mapping[str, list[Any]]
    summary: Mapping[str, float | None]
    totals: Mapping[str, int]


@dataclass
class Tally:
    """What is counted while a run lasts."""

    settings: Settings
    per_second: dict[str, Counter[int]] = field(default_factory=lambda: {name: Counter() for name in OUTCOMES})
    counts: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    busy: float = 0.0
    """How long B worked in all, in s; `late` is the part of it that came after its caller had left."""
    late: float = 0.0

    def settle(self, outcome: str, begun: float) -> None:
        """Count what became of a request that began at a time (s)."""
        self.per_second[outcome][int(begun)] += 1


def conclude(tally: Tally) -> Result:
    """Make the result of what was counted."""
    settings = tally.settings
    seconds = range(-int(-settings.duration // 1))
    columns: dict[str, list[Any]] = {"t": list(seconds)}
    columns |= {name: [tally.per_second[name][second] for second in seconds] for name in OUTCOMES}
    ended = {name: sum(columns[name]) for name in OUTCOMES}
    requests = sum(ended.values())
    moving = settings.failure_scenario not in DATA_PLANE
    executions = tally.counts["executions"]
    waits = tally.latencies
    summary: dict[str, float | None] = {
        **{f"{name}_share": count / requests if requests else None for name, count in ended.items()},
        "silent_share": ended["changed"] / failed if (failed := ended["changed"] + ended["refused"]) else None,
        "executions_per_request": executions / requests if moving and requests else None,
        "wasted_share": tally.counts["wasted"] / executions if moving and executions else None,
        "late_share": tally.late / tally.busy if tally.busy else None,
        "mean_latency": fsum(waits) / len(waits) if moving and waits else None,
    }
    totals = {"requests": requests, **ended, **{name: tally.counts[name] for name in COUNTED}}
    return Result(settings, columns, summary, totals)
