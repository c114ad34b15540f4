"""The same drawings as figures for a notebook: with matplotlib, from the same layout."""

from __future__ import annotations

from companion.figures.figure import INK, Figure, styled
from companion.operations.postmortems.document import Document
from companion.operations.postmortems.drawing.as_svg import KINDS
from companion.operations.postmortems.drawing.scene import Box, Scene, Stroke, Words
from companion.operations.postmortems.drawing.timeline import lay_out_timeline
from companion.operations.postmortems.drawing.whys import lay_out_whys

INCH = 110.0
"""Pixels of the layout to an inch of the figure."""


def figure_timeline(document: Document) -> Figure:
    """Draw the incident: its phases, what customers felt, and every entry.

    Raises
    ------
    PostmortemError
        If the document has no timeline that was recognised.
    """
    return _figure(lay_out_timeline(document))


def figure_whys(document: Document) -> Figure:
    """Draw the tree of whys, a column for each branch.

    Raises
    ------
    PostmortemError
        If the document has no whys that were recognised.
    """
    return _figure(lay_out_whys(document))


@styled
def _figure(scene: Scene) -> Figure:
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(scene.width / INCH, scene.height / INCH))
    ax = drawing.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, scene.width), ylim=(scene.height, 0))
    ax.axis("off")
    point = 72 / INCH
    for shape in scene.shapes:
        match shape:
            case Box():
                _box(ax, shape, point)
            case Stroke():
                _stroke(ax, shape, point)
            case Words():
                ax.text(shape.x, shape.y, shape.text, size=shape.size * point, ha=_ANCHORS[shape.anchor],
                        va="baseline", weight="bold" if shape.bold else "normal",
                        style="italic" if shape.italic else "normal", parse_math=False)  # fmt: skip
    return Figure(scene.finding, scene.alt, drawing, scene.csv)


_ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def _dashes(kind: str) -> object:
    return (0, tuple(map(float, KINDS[kind][3].split()))) if KINDS[kind][3] else "solid"


def _box(ax: object, box: Box, point: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    fill, seen, width, _ = KINDS[box.kind]
    shape = FancyBboxPatch(
        (box.x, box.y), box.width, box.height, boxstyle=f"round,pad=0,rounding_size={min(box.radius, box.height / 2)}",
        facecolor=(fill, seen) if fill else "none", edgecolor=INK, linewidth=width * point * 1.3,
        linestyle=_dashes(box.kind), mutation_aspect=1,
    )  # fmt: skip
    ax.add_patch(shape)  # type: ignore[attr-defined]


def _stroke(ax: object, stroke: Stroke, point: float) -> None:
    xs, ys = zip(*stroke.points, strict=True)
    width = KINDS[stroke.kind][2] * point * 1.3
    ax.plot(xs, ys, color=INK, linewidth=width, linestyle=_dashes(stroke.kind), zorder=1)  # type: ignore[attr-defined]
    if stroke.head:
        x, y = stroke.points[-1]
        ax.fill((x, x - 4, x + 4), (y, y - 7, y - 7), color=INK, linewidth=0)  # type: ignore[attr-defined]
