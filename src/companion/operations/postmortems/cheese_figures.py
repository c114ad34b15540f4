"""The figure of the Swiss cheese: what further layers buy, by the closed form and by simulation."""

from __future__ import annotations

from collections.abc import Sequence

from companion.figures import Chart, Figure, Panel, Series
from companion.figures.charts import DASHES, PALETTE, axes_of, legend
from companion.figures.data import as_csv, as_text
from companion.figures.figure import INK, styled
from companion.operations.postmortems.swiss_cheese import Result, passing
from companion.schemas.pii.evaluation.scores import wilson

MILLION = 1_000_000
LEAST = 10
"""A simulated point is drawn where the closed form expects so many incidents among the problems that came."""


@styled
def figure_layers(results: Sequence[Result]) -> Figure:
    """Draw the incidents of a million problems against the number of layers, a line for each part of shared holes.

    The lines are the closed form; the points are simulated, each with its 95 % interval. The points of a line come from
    the same problems, so they lie above or below it together.

    Parameters
    ----------
    results : sequence of Result
        Simulations of the same layers with different shares, the smallest first.
    """
    layers = list(range(1, len(results[0].holes) + 1))
    lines = [Series(_named(result), layers, _a_million(passing(result.holes, result.shared))) for result in results]
    title = _finding(results)
    panel = Panel("incidents per million problems", lines, log=True)
    drawing, (ax,) = axes_of(title, 1, (7.2, 4.2))
    for number, (result, line) in enumerate(zip(results, lines, strict=True)):
        ax.plot(line.x, line.y, color=PALETTE[number], linestyle=DASHES[number], linewidth=1.7, label=line.name)
        for count, rate, low, high in _seen(result):
            ax.plot([count, count], [low, high], color=INK, linewidth=1)
            ax.plot([count], [rate], "os^D"[number], color=PALETTE[number], markeredgecolor=INK, markersize=5.5)
    ax.plot([], [], "|", color=INK, label="simulated, 95 % interval")
    ax.set(xlabel="layers", ylabel=panel.y, xticks=layers, yscale="log")
    legend(drawing, ax)
    chart = Chart(title, "layers", [panel])
    return Figure(title, f"{chart.alt} {_told(results)}", drawing, _table(results, lines))


def _named(result: Result) -> str:
    return f"{100 * result.shared:g} % of the holes shared" if result.shared else "no hole shared"


def _a_million(shares: Sequence[float]) -> list[float]:
    return [MILLION * share for share in shares]


def _finding(results: Sequence[Result]) -> str:
    """Compare all layers and half of them, where least is shared, with all layers where nothing is."""
    first, least = results[0], next(result for result in results if result.shared)
    without, rates = (_a_million(passing(result.holes, result.shared)) for result in (first, least))
    most, half = len(rates), len(rates) // 2
    title = (
        f"With {100 * least.shared:g} % of the holes shared, {half} layers let {as_text(rates[half - 1])} of a million "
    )
    return title + f"problems through, and {most} layers {as_text(rates[-1])}, not {as_text(without[-1])}"


def _seen(result: Result) -> list[tuple[int, float, float, float]]:
    """Give the points that so many problems can show: the number of layers, the incidents a million, the interval."""
    expected = [result.problems * share for share in passing(result.holes, result.shared)]
    points = []
    for count, (passed, mean) in enumerate(zip(result.passed, expected, strict=True), start=1):
        if mean >= LEAST:
            low, high = _a_million(wilson(passed, result.problems))
            points.append((count, MILLION * passed / result.problems, low, high))
    return points


def _told(results: Sequence[Result]) -> str:
    rates = (f"{as_text(rate)} ({as_text(low)} to {as_text(high)})" for _, rate, low, high in _seen(results[0]))
    told = f"Points: {results[0].problems:,} simulated problems a line, where at least {LEAST} incidents are expected. "
    return told + f"{_named(results[0])}, from 1 layer up, with 95 % intervals: {', '.join(rates)}."


def _table(results: Sequence[Result], lines: Sequence[Series]) -> str:
    rows: list[tuple[float | str, ...]] = []
    for result, line in zip(results, lines, strict=True):
        rows += [(count, line.name, "closed form", rate or 0.0) for count, rate in zip(line.x, line.y, strict=True)]
        for count, *rates in _seen(result):
            names = ("simulated", "simulated, low", "simulated, high")
            rows += [(count, line.name, name, rate) for name, rate in zip(names, rates, strict=True)]
    return as_csv(("layers", "series", "quantity", "incidents per million problems"), rows)
