"""The kinds of figures: functions of data that draw, and describe what they draw."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from companion.figures.data import Chart, Panel, as_csv, as_text, numbered
from companion.figures.figure import INK, Figure, styled

PALETTE = ("#2f7dd1", "#d4600b", "#12906f", "#a35bc4", "#858d97", "#c23b5a")
"""Readable on white and on near-black, and told apart with any colour vision."""

DASHES: tuple[Any, ...] = (
    "solid",
    (0, (5, 2)),
    (0, (1, 1.3)),
    (0, (6, 2, 1, 2)),
    (0, (9, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)
"""How the lines of a chart differ without colour: lengths of dash and gap, in widths of the line."""

_MARKERS = "os^DvP"


@styled
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
    drawing, axes = axes_of(title, len(panels), size)
    named = [panel for panel in panels if len(panel.series) > 1]
    for panel, numbers, ax in zip(panels, numbered(panels), axes, strict=True):
        for number, series in zip(numbers, panel.series, strict=True):
            ax.plot(
                series.x,
                [math.nan if value is None else value for value in series.y],
                color=PALETTE[number % 6],
                linestyle=DASHES[number % 6],
                marker=_MARKERS[number % 6] if series.points else None,
                markersize=4.5,
                linewidth=1.7,
                label=series.name,
                clip_on=False,  # a rate of 0 is a line too, and not half of one
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
    if named:
        legend(drawing, *(ax for panel, ax in zip(panels, axes, strict=True) if panel in named))
    if log_x:
        axes[-1].set_xscale("log")
    axes[-1].set_xlabel(x)
    chart = Chart(title, x, panels, spans)
    return Figure(title, chart.alt, drawing, chart.csv)


def draw(chart: Chart) -> Figure:
    """Draw what a page's panel draws, for a notebook or a file."""
    return lines(chart.title, chart.x, chart.panels, spans=chart.spans)


@styled
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
    drawing, (ax,) = axes_of(title, 1, (7.2, 0.9 + len(groups) * (0.22 + 0.19 * len(quantities))))
    for number, quantity in enumerate(quantities):
        places = [row + thick * (number - (len(quantities) - 1) / 2) for row in range(len(groups))]
        values = [group.get(quantity, math.nan) for group in groups.values()]
        drawn = ax.barh(places, values, thick * 0.92, color=PALETTE[number % 6], label=quantity,
                        hatch=("", "//", "..")[number % 3], edgecolor=INK, linewidth=0.4)  # fmt: skip
        ax.bar_label(
            drawn, labels=["" if math.isnan(value) else as_text(value) for value in values], padding=3, size=8.5
        )
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
        legend(drawing, ax)
    rows = (
        f"{name}: " + ", ".join(f"{quantity} {as_text(value)}" for quantity, value in group.items()) + "."
        for name, group in groups.items()
    )
    table = [(name, quantity, value) for name, group in groups.items() for quantity, value in group.items()]
    return Figure(
        title, " ".join([f"Bar chart: {title}.", f"{y}.", *rows]), drawing, as_csv(("name", "quantity", y), table)
    )


@styled
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
    drawing, (ax,) = axes_of(title, 1, (0.62 * len(columns) + 1.6, 0.42 * len(rows) + 1.3))
    top = max(values.values()) or 1
    colours = matplotlib.colors.LinearSegmentedColormap.from_list("tide", ["#8c3a06", "#e0a272", "#9cc3ea", "#1f5fa8"])
    for (across, up), value in values.items():
        left, bottom = columns.index(across), rows.index(up)
        ax.add_patch(
            matplotlib.patches.Rectangle((left - 0.5, bottom - 0.5), 1, 1, color=colours(value / top), linewidth=0)
        )
        red, green, blue, _ = colours(value / top)
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.52
        ax.text(
            left, bottom, as_text(value), ha="center", va="center", size=8.5, color="#ffffff" if dark else "#101214"
        )
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.5, len(rows) - 0.5), xlabel=x, ylabel=y)
    ax.set_xticks(range(len(columns)), [as_text(value) for value in columns])
    ax.set_yticks(range(len(rows)), [as_text(value) for value in rows])
    ax.grid(False)
    told = [f"Map: {title}.", f"{unit} over {x} (columns) and {y} (rows). Small is {low}, large is {high}."]
    told += [
        f"{y} {as_text(up)}: " + ", ".join(as_text(values[across, up]) for across in columns) + "."
        for up in reversed(rows)
    ]
    told.insert(2, f"Columns {', '.join(map(as_text, columns))}.")
    return Figure(title, " ".join(told), drawing, as_csv((x, y, unit), [(*at, value) for at, value in values.items()]))


def axes_of(title: str, panels: int, size: tuple[float, float] | None) -> tuple[Any, Sequence[Any]]:
    from matplotlib.figure import Figure as Drawing

    width, height = size or (7.2, 1.1 + 2.2 * panels)
    drawing = Drawing(figsize=(width, height), layout="constrained")
    axes = drawing.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    whole = title.replace(" %", "\N{NO-BREAK SPACE}%")
    heading = "\n".join(textwrap.wrap(whole, max(34, int(width * 7))))  # so that a phone shows it whole
    drawing.suptitle(heading, x=0.01, ha="left", size=11.5, weight="bold")
    return drawing, list(axes)


def legend(drawing: Any, *axes: Any) -> None:
    """Name the lines below the axes, where they take no width from the drawing."""
    found = [ax.get_legend_handles_labels() for ax in axes]
    entries = {label: handle for part in found for handle, label in zip(*part, strict=True)}  # one for each name
    handles, labels = list(entries.values()), list(entries)
    drawing.legend(handles, labels, loc="outside lower left", ncols=min(3, len(labels)), handlelength=2.6)
