"""The chapter's figures, as functions of results; each computes its title, the finding, from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from companion.figures import Chart, Figure, Panel, Series, bars, draw, grid, lines
from companion.simulators.metastable.result import WINDOW, Result
from companion.simulators.metastable.scans import Step

BUCKET = 3
"""Seconds that one point of a line averages: counts of single seconds scatter too much to be read."""


def goodput_chart(result: Result) -> Chart:
    """Collect what the callers saw, what the service was asked and did, and the slowest answers."""
    rates = Panel(
        "a second",
        [
            _series("goodput (requests)", result, "goodput_per_s"),
            _series("attempts", result, "attempts_per_s"),
            _series("answers too late", result, "wasted_per_s"),
        ],
        levels=[(result.settings.capacity, "capacity")],
    )
    p99 = Panel("p99 latency (s)", [Series("p99", result.series["t"], result.series["p99"])])
    return Chart(_finding(result), "time (s)", [rates, p99], spans=_spike(result))


def _finding(result: Result) -> str:
    settings, goodput, attempts = result.settings, result.goodput_per_s, result.attempts_per_s
    later = settings.duration - settings.spike_start - settings.spike_seconds
    # The summary is of the last minute; what of it lies before the trigger's end is not what the trigger left.
    trigger = settings.pattern if settings.pattern in ("spike", "outage") and later >= WINDOW else None
    if goodput < 0.05 * settings.load:
        when = f"{later:.0f} s after the {trigger}" if trigger else "At the end"
        return f"{when} {attempts:.0f} attempts/s still leave a goodput of {goodput:.0f}"
    when = f"After the {trigger}" if trigger else "At the end"
    return f"{when} the goodput is {goodput:.0f} requests/s, for {attempts:.0f} attempts/s"


def figure_goodput(result: Result) -> Figure:
    """Draw what the callers saw, what the service was asked and did, and the slowest answers."""
    return draw(goodput_chart(result))


def figure_compare(results: Mapping[str, Result], what: str = "goodput_per_s") -> Figure:
    """Draw one series of several results over each other, to see which come back."""
    back = [name for name, result in results.items() if result.goodput_per_s > 0.9 * result.settings.load]
    gone = [name for name in results if name not in back]
    title = "; ".join(part for part in (_comes("back", back), _comes("down", gone)) if part)
    series = [_series(name, result, what) for name, result in results.items()]
    return lines(title, "time (s)", [Panel("goodput (requests/s)", series)], spans=_spike(next(iter(results.values()))))


def figure_policies(results: Mapping[str, Result]) -> Figure:
    """Draw goodput and attempts of the last minute under each policy."""
    whole = [name for name, result in results.items() if result.goodput_per_s > 0.9 * result.settings.load]
    title = f"{len(whole)} of {len(results)} come back; those that do not are asked for more than the service can do"
    groups = {
        name: {"goodput (requests/s)": result.goodput_per_s, "attempts/s": result.attempts_per_s}
        for name, result in results.items()
    }
    capacity = next(iter(results.values())).settings.capacity
    return bars(title, "a second, mean of the last 60 s", groups, levels=[(capacity, "capacity")])


def figure_region(
    loads: Sequence[float], goodput: Mapping[str, Sequence[float]], region: tuple[float, float]
) -> Figure:
    """Draw the goodput that a spike leaves, against the load, with the vulnerable region of the closed form."""
    low, high = region
    name, values = next(iter(goodput.items()))
    dead = [load for load, value in zip(loads, values, strict=True) if value < 0.5 * load]
    title = f"With {name}, loads from {min(dead):g} requests/s on do not come back; the formula says {low:g}"
    series = [Series(name, loads, values, points=True) for name, values in goodput.items()]
    panel = Panel("goodput after the spike (requests/s)", series, levels=[(high, "capacity")])
    return lines(title, "load (requests/s)", [panel], spans=[(low, high, "vulnerable")])


def figure_hysteresis(steps: Sequence[Step]) -> Figure:
    """Draw goodput against load on the way up and on the way down: two branches."""
    up = [step for step in steps if step.direction == "up"]
    down = [up[-1], *(step for step in steps if step.direction == "down")]
    falls = next((step.load for step in up if step.goodput_per_s < 0.5 * step.load), up[-1].load)
    heals = next((step.load for step in down if step.goodput_at_end > 0.9 * step.load), 0.0)
    title = f"It falls at {falls:g} requests/s and is whole again only at {heals:g}"
    panel = Panel(
        "goodput (requests/s)",
        [
            Series("load going up", [step.load for step in up], [step.goodput_per_s for step in up], points=True),
            Series("coming down", [step.load for step in down], [step.goodput_at_end for step in down], points=True),
        ],
    )
    return lines(title, "load (requests/s)", [panel])


def figure_map(retries: Sequence[int], loads: Sequence[float], answered: Sequence[Sequence[float]]) -> Figure:
    """Draw the share of requests answered at the end, for each number of retries and load."""
    values = {
        (load, float(count)): 100 * share
        for count, row in zip(retries, answered, strict=True)
        for load, share in zip(loads, row, strict=True)
    }
    alive = sum(value > 50 for value in values.values())
    title = f"{alive} of {len(values)} combinations come back; each retry moves the border down"
    return grid(
        title,
        "load (requests/s)",
        "retries",
        values,
        unit="Requests answered in time (%)",
        low="collapsed",
        high="whole",
    )


def figure_tipping(rows: Sequence[Mapping[str, float]]) -> Figure:
    """Draw goodput and attempts against the time that each request in service adds."""
    slopes = [row["concurrency_slope"] * 1000 for row in rows]
    tipped = next((slope for slope, row in zip(slopes, rows, strict=True) if row["goodput_per_s"] < 35), slopes[-1])
    capacity = next(row["capacity_per_s"] for slope, row in zip(slopes, rows, strict=True) if slope == tipped)
    title = f"It tips without any spike at {tipped:g} ms a neighbour, where the capacity is {capacity:.0f} requests/s"
    series = [
        Series("goodput (requests)", slopes, [row["goodput_per_s"] for row in rows], points=True),
        Series("attempts", slopes, [row["attempts_per_s"] for row in rows], points=True),
        Series("capacity", slopes, [row["capacity_per_s"] for row in rows], points=True),
    ]
    return lines(title, "concurrency slope (ms per request in service)", [Panel("a second", series)])


def _series(name: str, result: Result, what: str) -> Series:
    """Average one of a result's series over stretches of `BUCKET` seconds."""
    values: list[Any] = result.series[what]
    starts = range(0, len(values) - BUCKET + 1, BUCKET)
    means = [sum(values[start : start + BUCKET]) / BUCKET for start in starts]
    return Series(name, [start + BUCKET / 2 for start in starts], means)


def _spike(result: Result) -> list[tuple[float, float, str]]:
    """Give the stretch of time that a figure shades: the spike or the outage, if there is one."""
    settings = result.settings
    if settings.pattern not in ("spike", "outage"):
        return []
    return [(settings.spike_start, settings.spike_start + settings.spike_seconds, settings.pattern)]


def _comes(where: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = {
        "back": "comes back" if len(names) == 1 else "come back",
        "down": "stays down" if len(names) == 1 else "stay down",
    }
    return f"{listed} {verb[where]}"
