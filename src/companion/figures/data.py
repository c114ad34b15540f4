"""What a figure is made of, and how its numbers are said in words."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """A line: its name, its points, and whether the points themselves are marked.

    A None or NaN in `y` is a gap.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    points: bool = False


@dataclass(frozen=True)
class Panel:
    """One pair of axes.

    Attributes
    ----------
    y : str
        What the vertical axis measures, with its unit.
    series : sequence of Series
        The lines.
    levels : sequence of (float, str)
        Horizontal marks with their names, such as a capacity.
    log : bool
        Whether the vertical axis is logarithmic.
    """

    y: str
    series: Sequence[Series]
    levels: Sequence[tuple[float, str]] = ()
    log: bool = False


def numbered(panels: Sequence[Panel]) -> list[list[int]]:
    """Number the lines of panels that share a legend: one name has one number, and with it one colour and dash.

    A panel with a single line is not in the legend; its line has the number of its name, or else 0.
    """
    names = list(dict.fromkeys(one.name for panel in panels if len(panel.series) > 1 for one in panel.series))
    return [[names.index(one.name) if one.name in names else 0 for one in panel.series] for panel in panels]


@dataclass(frozen=True)
class Chart:
    """Lines over one shared horizontal axis, before anything draws them; a notebook's figure and a page's panel do.

    Attributes
    ----------
    title : str
        The finding.
    x : str
        What the horizontal axis measures, with its unit.
    panels : sequence of Panel
        From top to bottom.
    spans : sequence of (float, float, str)
        Stretches of x to shade, with their names.
    """

    title: str
    x: str
    panels: Sequence[Panel]
    spans: Sequence[tuple[float, float, str]] = ()

    @property
    def alt(self) -> str:
        """The description for who does not see the drawing."""
        told = [f"Line chart: {self.title}."]
        told += [f"Shaded from {as_text(start)} to {as_text(stop)}: {name}." for start, stop, name in self.spans]
        for panel in self.panels:
            told.append(f"{panel.y} against {self.x}.")
            told += [tell(series) for series in panel.series]
            told += [f"Marked at {as_text(level)}: {name}." for level, name in panel.levels]
            told += _crossings(panel)
        return " ".join(told)

    @property
    def csv(self) -> str:
        """The data as CSV, one row a point."""
        rows = [
            (x, panel.y, series.name, y)
            for panel in self.panels
            for series in panel.series
            for x, y in zip(series.x, series.y, strict=True)
        ]
        return as_csv((self.x, "quantity", "series", "value"), rows)


def _crossings(panel: Panel) -> list[str]:
    """Say where lines first cross each other, and the marks."""
    told = []
    for number, one in enumerate(panel.series):
        marks = [Series(name, one.x, [level] * len(one.x)) for level, name in panel.levels]
        for other in [*panel.series[number + 1 :], *marks]:
            at = _first_crossing(one, other)
            if at is not None:
                told.append(f"{one.name} first crosses {other.name} at {as_text(at)}.")
    return told


def _first_crossing(one: Series, other: Series) -> float | None:
    """Give the first x at which two lines have changed sides; None if they never do, or have no common x."""
    if list(one.x) != list(other.x):
        return None
    side = 0.0
    for x, a, b in zip(one.x, one.y, other.y, strict=True):
        if a is None or b is None or a == b or math.isnan(a - b):
            continue
        if side and (a - b) * side < 0:
            return x
        side = a - b
    return None


def as_csv(head: Sequence[str], rows: Iterable[Sequence[float | str | None]]) -> str:
    """Write rows as CSV: numbers with nine digits, nothing for a gap."""
    with io.StringIO(newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([f"{value:.9g}" if isinstance(value, float) else value for value in row] for row in rows)
        return text.getvalue()


def tell(series: Series) -> str:
    """Say where a line starts and ends, its extremes, and where it collapses for good."""
    known = [(x, y) for x, y in zip(series.x, series.y, strict=True) if y is not None and not math.isnan(y)]
    if not known:
        return f"{series.name}: no values."
    (first_x, first), (last_x, last) = known[0], known[-1]
    low, high = min(known, key=lambda point: point[1]), max(known, key=lambda point: point[1])
    told = f"{series.name}: {as_text(first)} at {as_text(first_x)}, {as_text(last)} at {as_text(last_x)}"
    told += f"; lowest {as_text(low[1])} at {as_text(low[0])}, highest {as_text(high[1])} at {as_text(high[0])}"
    alive = [x for x, y in known if y > 0.05 * high[1]]
    if high[1] > 0 and alive and alive[-1] < last_x:
        told += f"; below 5 % of its highest for good after {as_text(alive[-1])}"
    return told + "."


def as_text(value: float) -> str:
    """Write a number for people: three digits, thousands with commas."""
    if value != value or math.isinf(value):
        return str(value)
    short = float(f"{value:.3g}")
    return f"{short:,.0f}" if abs(short) >= 1000 else f"{value:.3g}"
