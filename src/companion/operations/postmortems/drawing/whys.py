"""The tree of whys as a picture: a column for each branch, a box for each question with its answer."""

from __future__ import annotations

from collections.abc import Sequence

from companion.figures.data import as_csv
from companion.operations.postmortems.document import Document, PostmortemError, Why
from companion.operations.postmortems.drawing.as_svg import as_svg
from companion.operations.postmortems.drawing.scene import Box, Scene, Stroke, Words, block, plain, wrapped

COLUMN, GAP, MARGIN = 252.0, 22.0, 24.0
PAD, TEXT = 10.0, 13.0
ARROW = 24.0
ABREAST = 4
"""Columns beside each other; further branches stand below."""

Shapes = list[Box | Stroke | Words]


def draw_whys(document: Document) -> str:
    """Draw the whys as SVG.

    Raises
    ------
    PostmortemError
        If the document has none that were recognised.
    """
    return as_svg(lay_out_whys(document))


def lay_out_whys(document: Document) -> Scene:
    """Place the boxes of the tree of whys.

    Raises
    ------
    PostmortemError
        If the document has none that were recognised.
    """
    if not document.whys:
        raise PostmortemError(f"{document.path}: no whys were recognised, so there is nothing to draw")
    branches = by_branch(document.whys)
    finding = _finding(branches)
    abreast = min(ABREAST, len(branches))
    width = 2 * MARGIN + max(abreast * COLUMN + (abreast - 1) * GAP, 2 * COLUMN)
    shapes: Shapes = []
    title = wrapped(document.title or document.path, width - 2 * MARGIN - 2 * PAD, 15, bold=True, most=4)
    words, end = block(title, MARGIN + PAD, MARGIN - 4 + PAD, 15, bold=True)
    shapes += [Box(MARGIN, MARGIN - 4, width - 2 * MARGIN, end + PAD - MARGIN + 4, "box", 6), *words]
    trunk, top = MARGIN / 2, end + PAD
    y = top
    items = list(branches.items())
    for row in (items[n : n + ABREAST] for n in range(0, len(items), ABREAST)):
        rail = y + 14
        tops = [MARGIN + n * (COLUMN + GAP) for n in range(len(row))]
        if y == top:
            shapes.append(Stroke(((tops[0] + COLUMN / 2, top), (tops[0] + COLUMN / 2, rail)), "line"))
            shapes.append(Stroke(((tops[0] + COLUMN / 2, rail), (tops[-1] + COLUMN / 2, rail)), "line"))
        else:  # down the left edge, from the rail of the row above
            shapes.append(Stroke(((MARGIN + COLUMN / 2, top + 14), (trunk, top + 14), (trunk, rail),
                                  (tops[-1] + COLUMN / 2, rail)), "line"))  # fmt: skip
        bottoms = []
        for x, (name, chain) in zip(tops, row, strict=True):
            drawn, bottom = _column(name, chain, x, rail)
            shapes += drawn
            bottoms.append(bottom)
        y = max(bottoms) + 8
    alt = _alt(document, branches, finding)
    return Scene(width, round(y + MARGIN - 8), finding, alt, tuple(shapes), _csv(branches))


def by_branch(whys: Sequence[Why]) -> dict[str, list[Why]]:
    """Gather the whys of each branch, in the order of the page, each chain by its depth."""
    found: dict[str, list[Why]] = {}
    for why in whys:
        found.setdefault(why.branch, []).append(why)
    return {branch: sorted(chain, key=lambda why: why.depth) for branch, chain in found.items()}


def _column(name: str, chain: Sequence[Why], x: float, y: float) -> tuple[Shapes, float]:
    shapes: Shapes = []
    for n, why in enumerate(chain):
        begin = y + ARROW
        shapes.append(Stroke(((x + COLUMN / 2, y), (x + COLUMN / 2, begin)), "line", head=True))
        top = begin + PAD - 3
        if why.question:
            asked = wrapped(f"{_number(why, name)} {why.question}", COLUMN - 2 * PAD, TEXT, bold=True)
            words, top = block(asked, x + PAD, top, TEXT, bold=True)
            shapes += words
        if why.answer:
            head = "→ " if why.question else f"{_number(why, name)} "
            words, top = block(wrapped(f"{head}{why.answer}", COLUMN - 2 * PAD, TEXT), x + PAD, top + 2, TEXT)
            shapes += words
        y = top + PAD - 2
        shapes.append(Box(x, begin, COLUMN, y - begin, "last" if n == len(chain) - 1 else "box", 6))
    return shapes, y


def _number(why: Why, branch: str) -> str:
    return why.number.rstrip(".") or f"{branch}.{why.depth}"


def _finding(branches: dict[str, list[Why]]) -> str:
    depths = [len(chain) for chain in branches.values()]
    if len(depths) == 1:
        return f"One chain of {depths[0]} {'why' if depths[0] == 1 else 'whys'}"
    return f"{len(depths)} branches of whys, the deepest {max(depths)} deep"


def _alt(document: Document, branches: dict[str, list[Why]], finding: str) -> str:
    said = [f"Tree of whys: {document.title or document.path}.", f"{finding}."]
    for name, chain in branches.items():
        said.append(f"Branch {name}.")
        said += [f"{_number(why, name)} {why.question} → {why.answer}." for why in chain]
    return plain(" ".join(" ".join(said).split()))


def _csv(branches: dict[str, list[Why]]) -> str:
    rows = [
        (name, _number(why, name), plain(why.question), plain(why.answer))
        for name, chain in branches.items()
        for why in chain
    ]
    return as_csv(("branch", "number", "question", "answer"), rows)
