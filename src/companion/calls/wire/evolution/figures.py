"""The figure of the matrix: each cell halved, old writer to new reader on the left, new to old on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from companion.calls.wire.evolution.judge import LETTERS, RARE
from companion.calls.wire.evolution.matrix import GROUPS, Cell
from companion.figures import Figure
from companion.figures.charts import axes_of
from companion.figures.data import as_csv
from companion.figures.figure import INK, styled

SHADES = {"=": "#dfe7ef", "n": "#9cc3ea", "z": "#9cc3ea", "L": "#f0d08a", "W": "#c23b5a", "E": "#c9ced4"}
"""What lies is the loudest; an error at least says that it is one."""
SIGNS = {"=": "right", "n": "absent, told", "z": "absent, shown as 0", "L": "sent, but lost", "W": "wrong, no error",
         "E": "error"}  # fmt: skip


def worst(counts: Mapping[str, int]) -> str:
    """The most frequent letter; of all that are not rare, the worst."""
    total = sum(counts.values())
    return max((name for name, number in counts.items() if number >= RARE * total), key=list(LETTERS).index)


def share_of(cells: Sequence[Cell], letter: str) -> dict[str, tuple[int, int]]:
    """Count, for each group of wires, the half cells with a letter, and all."""
    shares = {}
    for group, columns in GROUPS.items():
        halves = [half for cell in cells if cell.column in columns for half in (cell.forward, cell.backward) if half]
        shares[group] = (sum(worst(half) == letter for half in halves), len(halves))
    return shares


def finding(cells: Sequence[Cell]) -> str:
    """Say what the matrix shows."""
    wrong, errors = share_of(cells, "W"), share_of(cells, "E")
    said = []
    for group, (lies, whole) in wrong.items():
        fails = errors[group][0]
        verbs = [verb for verb, number in (("lies", lies), ("fails", fails)) if number]
        never = [f"never {verb}" for verb, number in (("lies", lies), ("fails", fails)) if not number]
        if whole:
            said.append(f"by {group} it {' and '.join(never) or ' or '.join(verbs)}")
    return f"After a change, a reader {'; '.join(said)}".replace(" it ", " ", 1)


@styled
def figure_matrix(cells: Sequence[Cell]) -> Figure:
    """Draw the matrix, or as much of it as was run."""
    title = finding(cells)
    across = [name for columns in GROUPS.values() for name in columns if any(cell.column == name for cell in cells)]
    down = list(dict.fromkeys(cell.change for cell in cells))
    drawing, (ax,) = axes_of(title, 1, (0.62 * len(across) + 2.6, 0.34 * len(down) + 2.6))
    for cell in cells:
        left, top = across.index(cell.column), down.index(cell.change)
        for offset, half in ((-0.46, cell.forward), (0, cell.backward)):
            if half:
                _half(ax, left + offset, top, worst(half))
    at = -0.5
    for group, columns in GROUPS.items():
        here = [name for name in columns if name in across]
        if here:
            ax.text(at + len(here) / 2, -0.62, f"by {group}", ha="center", va="bottom", size=9, weight="bold")
            at += len(here)
            ax.axvline(at, color=INK, linewidth=1.4, ymax=1)
    ax.set(xlim=(-0.5, len(across) - 0.5), ylim=(len(down) - 0.5, -0.5), ylabel="change")
    ax.set_xlabel("reader (left half: old writer, new reader; right half: new writer, old reader)")
    ax.set_xticks(range(len(across)), across, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(down)), down)
    ax.grid(False)
    key = "   ·   ".join(f"{letter}: {words}" for letter, words in SIGNS.items())
    drawing.text(0.5, -0.02, key, ha="center", va="top", size=8.5)
    return Figure(title, _told(title, cells, down), drawing, _csv(cells))


def _half(ax: Any, left: float, top: int, letter: str) -> None:
    import matplotlib

    patches = matplotlib.patches
    hatch = {"E": "////", "L": "...."}.get(letter, "")
    ax.add_patch(patches.Rectangle((left, top - 0.44), 0.44, 0.88, facecolor=SHADES[letter], edgecolor="#7d848b",
                                   linewidth=0.3, hatch=hatch))  # fmt: skip
    colour, weight = ("#ffffff", "bold") if letter == "W" else ("#101214", "normal")
    box = {"boxstyle": "circle,pad=0.12", "facecolor": SHADES[letter], "edgecolor": "none"} if hatch else None
    ax.text(left + 0.22, top, letter, ha="center", va="center", size=8.5, color=colour, weight=weight, bbox=box)


def _told(title: str, cells: Sequence[Cell], down: Sequence[str]) -> str:
    rows = [f"{change}: {', '.join(f'{cell.column} {cell}' for cell in cells if cell.change == change)}."
            for change in down]  # fmt: skip
    key = ", ".join(f"{letter} {words}" for letter, words in SIGNS.items())
    return f"Matrix: {title}. Old writer to new reader / new writer to old reader; {key}. {' '.join(rows)}"


def _csv(cells: Sequence[Cell]) -> str:
    rows = [(cell.change, cell.column, way, letter, number)
            for cell in cells
            for way, half in (("old to new", cell.forward), ("new to old", cell.backward))
            for letter, number in (half or {}).items()]  # fmt: skip
    return as_csv(("change", "reader", "direction", "outcome", "records"), rows)
