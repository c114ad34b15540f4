"""What a figure is made of, and how its numbers are said in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
