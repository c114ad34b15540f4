"""Figures of what happened, rather than of how much: a lane for each process, and a matrix of outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion.figures.charts import PALETTE, axes_of, legend
from companion.figures.data import as_csv, as_text
from companion.figures.figure import INK, Figure, styled


@dataclass(frozen=True)
class Bar:
    """Something that took a while.

    Attributes
    ----------
    lane : str
        Who did it.
    start : float
        When it began.
    end : float or None
        When it ended; None if it never did.
    label : str
        What it was.
    marked : bool
        Whether the finding is about it.
    """

    lane: str
    start: float
    end: float | None
    label: str
    marked: bool = False


@styled
def lanes(title: str, x: str, bars: Sequence[Bar], *, ticks: bool = True) -> Figure:
    """Draw a space-time diagram: a lane for each process from top to bottom, time to the right.

    Parameters
    ----------
    title : str
        The finding.
    x : str
        What the horizontal axis measures, with its unit.
    bars : sequence of Bar
        Lanes stand in the order of their first bar.
    ticks : bool
        Whether the axis has numbers; without them only the order counts.
    """
    names = list(dict.fromkeys(bar.lane for bar in bars))
    last = max((bar.start if bar.end is None else bar.end for bar in bars), default=1.0)
    first = min((bar.start for bar in bars), default=0.0)
    edge = last + 0.06 * ((last - first) or 1.0)
    drawing, (ax,) = axes_of(title, 1, (7.2, 1.2 + 0.55 * len(names)))
    for bar in bars:
        row, end = names.index(bar.lane), edge if bar.end is None else bar.end
        ax.barh(row, end - bar.start, 0.3, left=bar.start, color=PALETTE[1 if bar.marked else 0],
                alpha=0.45 if bar.end is None else 1, hatch="//" if bar.marked else "", edgecolor=INK,
                linewidth=0.6, linestyle="--" if bar.end is None else "-")  # fmt: skip
        ax.annotate(bar.label + (" ..." if bar.end is None else ""), ((bar.start + end) / 2, row - 0.19), ha="center",
                    va="bottom", size=8.5, weight="bold" if bar.marked else "normal")  # fmt: skip
    ax.set(xlim=(first - (edge - first) * 0.02, edge), ylim=(len(names) - 0.5, -0.75), xlabel=x)
    ax.set_yticks(range(len(names)), names)
    if not ticks:
        ax.set_xticks([])
    ax.grid(False, axis="y")
    told = [f"Space-time diagram: {title}."]
    for bar in sorted(bars, key=lambda bar: (bar.start, bar.lane)):
        end_told = "never ends" if bar.end is None else f"ends at {as_text(bar.end)}"
        told.append(f"{bar.lane}: {bar.label} begins at {as_text(bar.start)}, {end_told}.")
    table = [(bar.lane, bar.label, bar.start, bar.end) for bar in bars]
    return Figure(title, " ".join(told), drawing, as_csv(("lane", "label", "start", "end"), table))


@styled
def matrix(
    title: str,
    rows: str,
    columns: str,
    cells: Mapping[tuple[str, str], str],
    kinds: Mapping[str, str],
) -> Figure:
    """Draw outcomes over two lists of names; each cell carries the sign of its kind, so colour only helps.

    Parameters
    ----------
    title : str
        The finding.
    rows, columns : str
        What the names of the rows and of the columns are.
    cells : mapping of (str, str) to str
        ``{(row, column): kind}``; what is missing stays blank.
    kinds : mapping of str to str
        For each kind its sign, a character or two, from good to bad.
    """
    down = list(dict.fromkeys(row for row, _ in cells))
    across = list(dict.fromkeys(column for _, column in cells))
    drawing, (ax,) = axes_of(title, 1, (max(4.5, 0.62 * len(across) + 2.6), 0.32 * len(down) + 2.2))
    shades = _shades(len(kinds))
    for (row, column), kind in cells.items():
        place = list(kinds).index(kind)
        left, top = across.index(column), down.index(row)
        ax.add_patch(_square(left, top, shades[place]))
        sign = kinds[kind].replace(" ", "\n")  # two words take two lines
        ax.text(left, top, sign, ha="center", va="center", size=7.2 if "\n" in sign else 9.5, color="#101214")
    ax.set(xlim=(-0.5, len(across) - 0.5), ylim=(len(down) - 0.5, -0.5), xlabel=columns, ylabel=rows)
    ax.set_xticks(range(len(across)), across, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(down)), down)
    ax.grid(False)
    if any(sign != kind for kind, sign in kinds.items()):
        for kind, shade in zip(kinds, shades, strict=True):
            ax.add_patch(_square(-9, -9, shade, label=f"{kinds[kind]}  {kind}"))
        legend(drawing, ax)
    told = [f"Matrix: {title}.", f"{rows} down, {columns} across."]
    for row in down:
        found = [f"{column} {cells[row, column]}" for column in across if (row, column) in cells]
        told.append(f"{row}: {', '.join(found)}.")
    table = [(row, column, kind) for (row, column), kind in cells.items()]
    return Figure(title, " ".join(told), drawing, as_csv((rows, columns, "outcome"), table))


def _shades(count: int) -> Sequence[str]:
    return ("#9cc3ea", "#c9ced4", "#f0d08a", "#e8935a", "#d8657f", "#dccbe8")[:count]


def _square(left: float, top: float, shade: str, label: str = "") -> Any:
    import matplotlib

    return matplotlib.patches.Rectangle(
        (left - 0.5, top - 0.5), 1, 1, facecolor=shade, edgecolor=INK, linewidth=0.4, label=label
    )
