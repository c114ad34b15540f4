"""Many runs, one question each: where it tips, whether it comes back, and which way it goes.

Plain functions over the fast engine, the larger ones swept on all cores; what they return is plain data, ready to plot.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from companion.parameters import settings_from
from companion.simulators.metastable.engine import run
from companion.simulators.metastable.load import ramp_rates
from companion.simulators.metastable.result import Result
from companion.simulators.metastable.settings import PRESETS, Settings
from companion.sweep import sweep


@dataclass(frozen=True)
class Step:
    """A step of the ramp: its load, where it stands (up or down), and what came of it.

    Attributes
    ----------
    load : float
        Requests/s.
    direction : str
        ``up`` or ``down``; the top counts as up.
    goodput_per_s, attempts_per_s : float
        Means over the step.
    goodput_at_end : float
        Mean goodput over the step's last ten seconds, in requests/s.
    """

    load: float
    direction: str
    goodput_per_s: float
    attempts_per_s: float
    goodput_at_end: float


def hysteresis(settings: Settings | None = None, **overrides: Any) -> list[Step]:
    """Take the load up and down again, and measure each step.

    Parameters
    ----------
    settings : Settings, optional
        A ramp; the preset ``hysteresis`` by default. The duration is made to fit.
    **overrides
        Parameters that differ from it.
    """
    values = dataclasses.asdict(settings or PRESETS["hysteresis"].settings()) | {"pattern": "ramp"} | overrides
    rates = ramp_rates(settings_from(Settings, values))
    result = run(settings_from(Settings, values | {"duration": values["ramp_step_seconds"] * len(rates)}))
    top, width = len(rates) // 2, values["ramp_step_seconds"]
    steps = []
    for place, rate in enumerate(rates):
        start, end = place * width, (place + 1) * width
        steps.append(
            Step(
                load=rate,
                direction="up" if place <= top else "down",
                goodput_per_s=result.mean("goodput_per_s", start, end),
                attempts_per_s=result.mean("attempts_per_s", start, end),
                goodput_at_end=result.mean("goodput_per_s", max(start, end - 10), end),
            )
        )
    return steps


def scan_map(
    rows: tuple[str, Sequence[Any]],
    columns: tuple[str, Sequence[Any]],
    preset: str = "collapse",
    seeds: Iterable[int] = range(1, 4),
    **overrides: Any,
) -> list[list[float]]:
    """Vary two parameters, such as ``("max_retries", range(6))`` and ``("load", [10.0, 20.0])``.

    Returns
    -------
    list of list of float
        A row for each value of the first and a column for each of the second: the share of the requests begun in
        the last 60 s that were answered in time, from 0 to 1.
    """
    seeds, (row_name, row_values), (column_name, column_values) = list(seeds), rows, columns

    def answered(row: Any, column: Any) -> float:
        values = {**overrides, row_name: row, column_name: column}
        return _mean_availability(PRESETS[preset].settings(**values), seeds)

    found = sweep(answered, {"row": list(row_values), "column": list(column_values)})
    return [[found[row, column] for column in column_values] for row in row_values]


def _mean_availability(settings: Settings, seeds: Sequence[int]) -> float:
    shares = [run(dataclasses.replace(settings, seed=seed)).availability or 0.0 for seed in seeds]
    return sum(shares) / len(shares)


def seconds_to_recover(result: Result, since: float) -> float | None:
    """Say how long after `since` (s) callers are answered again.

    Returns
    -------
    float or None
        Whole seconds until the first ten in which nine of ten requests that were let in are answered in time; None if
        there are none.
    """
    asked, away = result.series["requests_per_s"], result.series["turned_away"]
    answered = result.series["goodput_per_s"]
    for start in range(int(since), len(answered) - 9):
        let_in = sum(asked[start : start + 10]) - sum(away[start : start + 10])
        if let_in and sum(answered[start : start + 10]) >= 0.9 * let_in:
            return start - since
    return None


def basin(settings: Settings, runs: int = 60) -> int:
    """Count the runs, of seeds 0, 1, ..., that have recovered at the end: that answer most of what is asked."""
    return sum((run(dataclasses.replace(settings, seed=seed)).availability or 0.0) > 0.5 for seed in range(runs))


def tipping_times(
    slopes: Sequence[float], seeds: Iterable[int] = range(8), duration: float = 600.0, **overrides: Any
) -> dict[float, list[float | None]]:
    """Let the servers disturb each other more and more, under a constant load, until the retries take over.

    Parameters
    ----------
    slopes : sequence of float
        Values of ``concurrency_slope``, in s a request.
    seeds : iterable of int
        One run each.
    duration : float
        How long to wait for it, in s.
    **overrides
        Other parameters that differ from the preset ``coordination``.

    Returns
    -------
    dict of float to list
        For each slope and run the second after which less than half of the requests are answered for good; None where
        it had not come to that.
    """
    runs = list(seeds)

    def tips(slope: float, seed: int) -> float | None:
        changes = {**overrides, "concurrency_slope": slope, "duration": duration, "seed": seed}
        return _tipped(run(PRESETS["coordination"].settings(**changes)))

    found = sweep(tips, {"slope": list(slopes), "seed": runs})
    return {slope: [found[slope, seed] for seed in runs] for slope in slopes}


def _tipped(result: Result, width: int = 10) -> float | None:
    # Judged over ten seconds at a time: of one second chance decides.
    answered, asked = result.series["goodput_per_s"], result.series["requests_per_s"]
    end = len(answered)
    while end >= width and sum(answered[end - width : end]) < 0.5 * sum(asked[end - width : end]):
        end -= 1
    return None if end == len(answered) else float(end)
