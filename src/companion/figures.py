"""Figures: functions of data that return a `Figure`, drawn in one style and described in words.

A figure states its finding in its title. Its alternative text is computed from the data that it draws, so the two
cannot part. In the built book a figure is an inline SVG in the page's own font, whose black is the text colour of the
theme; in a notebook it is a PNG. Lines differ by dash and marker as well as by colour.
"""

from __future__ import annotations

import functools
import io
import math
import os
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec

Given = ParamSpec("Given")

INK = "#0a0b0c"
"""Stands for the theme's text colour: written as ``currentColor`` in an SVG."""

PALETTE = ("#2f7dd1", "#d4600b", "#12906f", "#a35bc4", "#858d97", "#c23b5a")
"""Readable on white and on near-black, and told apart with any colour vision."""

_DASHES: tuple[Any, ...] = (
    "solid",
    (0, (5, 2)),
    (0, (1, 1.3)),
    (0, (6, 2, 1, 2)),
    (0, (9, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)
_MARKERS = "os^DvP"
_STYLE = {
    "font.family": "sans-serif", "font.size": 10, "axes.titlesize": 11.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.alpha": 0.18, "grid.color": INK, "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK,
    "xtick.color": INK, "ytick.color": INK, "legend.frameon": False, "svg.fonttype": "none",
    "svg.hashsalt": "from-sockets-to-agents", "savefig.transparent": True, "figure.dpi": 110,
}  # fmt: skip


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


@dataclass(frozen=True)
class Figure:
    """A drawing with its finding (`title`) and its description (`alt`); notebooks show it as it is."""

    title: str
    alt: str
    drawing: Any

    def savefig(self, file: str | Path) -> None:
        """Write the figure as PNG, SVG or PDF, by the file's ending."""
        import matplotlib

        with matplotlib.rc_context({**_STYLE, "savefig.transparent": False}):
            metadata = {"Date": None} if str(file).endswith(".svg") else None
            self.drawing.savefig(file, bbox_inches="tight", metadata=metadata)

    def svg(self, mark: str = "fig") -> str:
        """Give the figure as SVG text that repeats byte for byte and takes the page's text colour."""
        import matplotlib

        with matplotlib.rc_context(_STYLE), io.StringIO() as text:
            self.drawing.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
            body = text.getvalue()
        body = body[body.index("<svg") :]
        body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
        body = body.replace(INK, "currentColor")
        body = re.sub(r"font-family: [^;\"]*", "font-family: var(--figure-font, sans-serif)", body)
        width, height = (float(re.search(rf'{side}="([\d.]+)pt"', body)[1]) for side in ("width", "height"))  # type: ignore[index]
        opening = f'<svg role="img" aria-label="{_escape(self.alt)}" viewBox="0 0 {width:g} {height:g}" '
        body = re.sub(r"<svg .*?>", opening + f'style="width:{width * 1.25:.0f}px" xmlns="http://www.w3.org/2000/svg" '
                      'xmlns:xlink="http://www.w3.org/1999/xlink">', body, count=1, flags=re.S)  # fmt: skip
        # Two figures of one page must not share ids: clip paths of the first would cut the second.
        return re.sub(r'(id="|url\(#|xlink:href="#)', rf"\g<1>{mark}-", body)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if os.environ.get("COMPANION_FIGURES") == "svg":  # set by the pipeline that builds the pages
            mark = "f" + re.sub(r"[^a-z0-9]", "", self.title.lower())[:24]
            return {"image/svg+xml": self.svg(mark), "text/plain": self.alt}, {}
        with io.BytesIO() as png:
            self.drawing.savefig(png, format="png", bbox_inches="tight", facecolor="white", transparent=False)
            return {"image/png": png.getvalue(), "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def _styled(draw: Callable[Given, Figure]) -> Callable[Given, Figure]:
    """Draw within the book's style, whatever style the notebook has set."""

    @functools.wraps(draw)
    def within(*args: Given.args, **kwargs: Given.kwargs) -> Figure:
        import matplotlib

        with matplotlib.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return within


@_styled
def lines(
    title: str,
    x: str,
    panels: Sequence[Panel],
    *,
    spans: Sequence[tuple[float, float, str]] = (),
    log_x: bool = False,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw lines over one shared horizontal axis, in one panel or several above each other.

    Parameters
    ----------
    title : str
        The finding.
    x : str
        What the horizontal axis measures, with its unit.
    panels : sequence of Panel
        From top to bottom.
    spans : sequence of (float, float, str)
        Stretches of x to shade, with their names.
    log_x : bool
        Whether the horizontal axis is logarithmic.
    size : (float, float), optional
        Width and height in inches.
    """
    drawing, axes = _axes(title, len(panels), size)
    for panel, ax in zip(panels, axes, strict=True):
        for number, series in enumerate(panel.series):
            ax.plot(
                series.x,
                [math.nan if value is None else value for value in series.y],
                color=PALETTE[number % 6],
                linestyle=_DASHES[number % 6],
                marker=_MARKERS[number % 6] if series.points else None,
                markersize=4.5,
                linewidth=1.7,
                label=series.name,
            )
        for start, stop, name in spans:
            ax.axvspan(start, stop, color=INK, alpha=0.09, linewidth=0)
            if ax is axes[0]:
                ax.annotate(
                    name,
                    ((start + stop) / 2, 1),
                    xycoords=("data", "axes fraction"),
                    ha="center",
                    va="bottom",
                    size=8.5,
                )
        for level, name in panel.levels:
            ax.axhline(level, color=INK, linewidth=0.8, linestyle=(0, (2, 3)))
            ax.annotate(name, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom", size=8.5)
        ax.set_ylabel(panel.y)
        if panel.log:
            ax.set_yscale("log")
        elif all(value is None or not value < 0 for series in panel.series for value in series.y):
            ax.set_ylim(bottom=0)  # a rate that is drawn from 60 up looks like a collapse that it is not
        if len(panel.series) > 1:
            ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), handlelength=2.6)
    if log_x:
        axes[-1].set_xscale("log")
    axes[-1].set_xlabel(x)
    alt = [f"Line chart: {title}.", *(f"Shaded from {_n(a)} to {_n(b)}: {name}." for a, b, name in spans)]
    for panel in panels:
        alt.append(f"{panel.y} against {x}.")
        alt += [_tell(series) for series in panel.series]
        alt += [f"Marked at {_n(level)}: {name}." for level, name in panel.levels]
    return _finish(title, alt, drawing)


@_styled
def bars(
    title: str,
    y: str,
    groups: dict[str, dict[str, float]],
    *,
    log: bool = False,
    levels: Sequence[tuple[float, str]] = (),
) -> Figure:
    """Draw groups of horizontal bars: for each name (a policy, a protocol) one bar a quantity, its value beside it.

    Parameters
    ----------
    title : str
        The finding.
    y : str
        What the bars measure, with the unit.
    groups : dict of str to dict of str to float
        ``{name: {quantity: value}}``, drawn from top to bottom.
    log : bool
        Whether the axis of the values is logarithmic.
    levels : sequence of (float, str)
        Marked values with their names.
    """
    quantities = list(dict.fromkeys(quantity for values in groups.values() for quantity in values))
    thick = 0.8 / len(quantities)
    drawing, (ax,) = _axes(title, 1, (7.2, 0.9 + len(groups) * (0.22 + 0.19 * len(quantities))))
    for number, quantity in enumerate(quantities):
        places = [row + thick * (number - (len(quantities) - 1) / 2) for row in range(len(groups))]
        values = [group.get(quantity, math.nan) for group in groups.values()]
        drawn = ax.barh(places, values, thick * 0.92, color=PALETTE[number % 6], label=quantity,
                        hatch=("", "//", "..")[number % 3], edgecolor=INK, linewidth=0.4)  # fmt: skip
        ax.bar_label(drawn, labels=["" if math.isnan(value) else _n(value) for value in values], padding=3, size=8.5)
    ax.set_yticks(range(len(groups)), list(groups))
    ax.invert_yaxis()
    ax.set_xlabel(y)
    ax.grid(False, axis="y")
    ax.margins(x=0.12)
    for level, name in levels:
        ax.axvline(level, color=INK, linewidth=0.8, linestyle=(0, (2, 3)))
        ax.annotate(name, (level, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom", size=8.5)
    if log:
        ax.set_xscale("log")
    if len(quantities) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    rows = (
        f"{name}: " + ", ".join(f"{quantity} {_n(value)}" for quantity, value in group.items()) + "."
        for name, group in groups.items()
    )
    return _finish(title, [f"Bar chart: {title}.", f"{y}.", *rows], drawing)


@_styled
def grid(
    title: str, x: str, y: str, values: dict[tuple[float, float], float], *, unit: str, low: str, high: str
) -> Figure:
    """Draw a map of numbers over two parameters; each cell carries its number, so colour only helps.

    Parameters
    ----------
    title : str
        The finding.
    x, y : str
        What the axes measure, with their units.
    values : dict of (float, float) to float
        ``{(x, y): value}`` on a full grid.
    unit : str
        What a cell's number measures.
    low, high : str
        What the smallest and the largest number mean, for the description.
    """
    import matplotlib

    columns, rows = sorted({key[0] for key in values}), sorted({key[1] for key in values})
    drawing, (ax,) = _axes(title, 1, (0.62 * len(columns) + 1.6, 0.42 * len(rows) + 1.3))
    top = max(values.values()) or 1
    colours = matplotlib.colors.LinearSegmentedColormap.from_list("tide", ["#8c3a06", "#e0a272", "#9cc3ea", "#1f5fa8"])
    for (across, up), value in values.items():
        left, bottom = columns.index(across), rows.index(up)
        ax.add_patch(
            matplotlib.patches.Rectangle((left - 0.5, bottom - 0.5), 1, 1, color=colours(value / top), linewidth=0)
        )
        red, green, blue, _ = colours(value / top)
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.52
        ax.text(left, bottom, _n(value), ha="center", va="center", size=8.5, color="#ffffff" if dark else "#101214")
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.5, len(rows) - 0.5), xlabel=x, ylabel=y)
    ax.set_xticks(range(len(columns)), [_n(value) for value in columns])
    ax.set_yticks(range(len(rows)), [_n(value) for value in rows])
    ax.grid(False)
    told = [f"Map: {title}.", f"{unit} over {x} (columns) and {y} (rows). Small is {low}, large is {high}."]
    told += [f"{y} {_n(up)}: " + ", ".join(_n(values[across, up]) for across in columns) + "." for up in reversed(rows)]
    return _finish(title, [*told[:2], f"Columns {', '.join(map(_n, columns))}.", *told[2:]], drawing)


def _axes(title: str, panels: int, size: tuple[float, float] | None) -> tuple[Any, Sequence[Any]]:
    from matplotlib.figure import Figure as Drawing

    width, height = size or (7.2, 1.1 + 2.2 * panels)
    drawing = Drawing(figsize=(width, height), layout="constrained")
    axes = drawing.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    heading = "\n".join(textwrap.wrap(title, max(34, int(width * 10.5))))
    drawing.suptitle(heading, x=0.01, ha="left", size=11.5, weight="bold")
    return drawing, list(axes)


def _finish(title: str, told: Iterable[str], drawing: Any) -> Figure:
    return Figure(title, " ".join(told), drawing)


def _tell(series: Series) -> str:
    """Say where a line starts and ends, its extremes, and where it collapses for good."""
    known = [(x, y) for x, y in zip(series.x, series.y, strict=True) if y is not None and not math.isnan(y)]
    if not known:
        return f"{series.name}: no values."
    (first_x, first), (last_x, last) = known[0], known[-1]
    low, high = min(known, key=lambda point: point[1]), max(known, key=lambda point: point[1])
    told = f"{series.name}: {_n(first)} at {_n(first_x)}, {_n(last)} at {_n(last_x)}"
    told += f"; lowest {_n(low[1])} at {_n(low[0])}, highest {_n(high[1])} at {_n(high[0])}"
    alive = [x for x, y in known if y > 0.05 * high[1]]
    if high[1] > 0 and alive and alive[-1] < last_x:
        told += f"; below 5 % of its highest for good after {_n(alive[-1])}"
    return told + "."


def _n(value: float) -> str:
    """Write a number for people: three digits, thousands with commas."""
    if value != value or math.isinf(value):
        return str(value)
    if abs(value) >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
