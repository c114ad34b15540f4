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


def mean_goodput(settings: Settings, seeds: Iterable[int] = range(1, 4)) -> float:
    """Average the goodput at the end (requests/s, last 60 s) over some seeds."""
    runs = [run(dataclasses.replace(settings, seed=seed)).goodput_per_s for seed in seeds]
    return sum(runs) / len(runs)


def scan_loads(
    loads: Sequence[float],
    presets: Sequence[str] = ("collapse", "full_jitter", "recovers"),
    seeds: Iterable[int] = range(1, 4),
    **overrides: Any,
) -> dict[str, list[float]]:
    """Disturb the service at each load under each preset, and see what is left.

    Returns
    -------
    dict of str to list of float
        By preset, the goodput at the end for each load, in requests/s.
    """
    seeds = list(seeds)

    def goodput(preset: str, load: float) -> float:
        return mean_goodput(PRESETS[preset].settings(**{**overrides, "load": load}), seeds)

    found = sweep(goodput, {"preset": list(presets), "load": list(loads)})
    return {name: [found[name, load] for load in loads] for name in presets}


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


def tipping_point(
    slopes: Sequence[float], seeds: Iterable[int] = range(1, 4), **overrides: Any
) -> list[dict[str, float]]:
    """Let the servers disturb each other more and more, under a constant load, until the retries take over.

    Parameters
    ----------
    slopes : sequence of float
        Values of ``concurrency_slope``, in s a request.
    seeds : iterable of int
        The means are over these.
    **overrides
        Other parameters that differ from the reference scenario's.

    Returns
    -------
    list of dict
        For each slope ``concurrency_slope``, ``capacity_per_s``, ``goodput_per_s``, ``attempts_per_s`` and
        ``retries_per_s``, means over the last 60 s and the seeds.
    """
    seeds, table = list(seeds), []
    for slope in slopes:
        settings = PRESETS["collapse"].settings(**{"pattern": "constant", **overrides, "concurrency_slope": slope})
        results = [run(dataclasses.replace(settings, seed=seed)) for seed in seeds]
        end = int(settings.duration)
        table.append(
            {
                "concurrency_slope": slope,
                "capacity_per_s": settings.capacity,
                "goodput_per_s": sum(result.goodput_per_s for result in results) / len(results),
                "attempts_per_s": sum(result.attempts_per_s for result in results) / len(results),
                "retries_per_s": sum(result.mean("retries", end - 60, end) for result in results) / len(results),
            }
        )
    return table
