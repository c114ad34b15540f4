"""Tables for a terminal, drawn by hand: Rich needs longer for ten thousand fields than it takes to judge them.

A cell is a text, of several lines perhaps. Columns get what they need, and share what is scarce; what does not fit
folds, and nothing is cut off. Colour is for the words of the levels, and says nothing that they do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len, get_character_cell_size

from companion.schemas.pii.verdict import Level

Cells = Sequence[str]
GAP = "  "
_COLOURS = {Level.HIGH: "1;31", Level.MEDIUM: "33", Level.LOW: "36", Level.PUBLIC: "2"}


def table(titles: Cells, rows: Sequence[Cells], *, width: int = 80, colour: bool = False) -> str:
    """Draw a table no wider than `width`; the last line ends with a line break."""
    cells = zip(titles, *rows, strict=True)
    natural = [max(cell_len(line) for cell in column for line in cell.split("\n")) for column in cells]
    widths = _widths(natural, width - len(GAP) * (len(titles) - 1))
    lines = [*_row(titles, widths, colour), GAP.join("-" * size for size in widths)]
    for row in rows:
        lines += _row(row, widths, colour)
    return "".join(f"{line}\n" for line in lines)


def folded(text: str, width: int) -> Iterator[str]:
    """Fold each line of a text: between words, else behind a part of a path or name, else anywhere."""
    for line in text.split("\n"):
        rest = line
        while cell_len(rest) > width:
            end = _fitting(rest, width)
            cut = end if rest[end] == " " else rest.rfind(" ", 0, end) + 1
            cut = cut or rest.rfind("/", 0, end) + 1 or max(rest.rfind(mark, 0, end) for mark in "._,") + 1 or end
            yield rest[:cut].rstrip()
            rest = rest[cut:].lstrip()
        yield rest


def _widths(natural: Sequence[int], room: int) -> list[int]:
    """Share the room: narrow columns get what they need, and the wide ones what is left, in equal parts."""
    widths = list(natural)
    for served, column in enumerate(sorted(range(len(natural)), key=lambda column: natural[column])):
        widths[column] = max(1, min(natural[column], room // (len(natural) - served)))
        room -= widths[column]
    return widths


def _row(cells: Cells, widths: Sequence[int], colour: bool) -> Iterator[str]:
    columns = [list(folded(cell, width)) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        padded = [part + " " * (width - cell_len(part)) for part, width in zip(parts, widths, strict=True)]
        if colour and parts[0] in _COLOURS:
            padded[0] = f"\x1b[{_COLOURS[Level(parts[0])]}m{padded[0]}\x1b[0m"
        yield GAP.join(padded).rstrip()


def _fitting(text: str, width: int) -> int:
    """Say how many characters fit, one at least: those of some scripts are two columns wide."""
    if text.isascii():
        return width
    taken = 0
    for number, character in enumerate(text):
        taken += get_character_cell_size(character)
        if taken > width:
            return max(number, 1)
    return len(text)
