"""Shapes and words on a plane, before anything draws them, and how wide words are in a font that nobody knows."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

LINE = 1.32
"""From one line of text to the next, in sizes of the font."""


@dataclass(frozen=True)
class Box:
    """A rectangle; `kind` is a key of `companion.operations.postmortems.drawing.as_svg.KINDS`."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "box"
    radius: float = 0


@dataclass(frozen=True)
class Stroke:
    """A line through points; `head` makes an arrow of it."""

    points: tuple[tuple[float, float], ...]
    kind: str = "line"
    head: bool = False


@dataclass(frozen=True)
class Words:
    """One line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    size: float = 13
    bold: bool = False
    italic: bool = False
    anchor: str = "start"


@dataclass(frozen=True)
class Scene:
    """A drawing.

    Attributes
    ----------
    width, height : float
        In pixels.
    finding : str
        What it shows, in one sentence.
    alt : str
        All of it in words.
    shapes : tuple
        What is drawn later lies above.
    csv : str
        The data.
    """

    width: float
    height: float
    finding: str
    alt: str
    shapes: tuple[Box | Stroke | Words, ...]
    csv: str


_NARROW = dict.fromkeys("iljI|!.,:;'` ", 0.36) | dict.fromkeys('tfr()[]{}-/\\"*°', 0.46)
_WIDE = dict.fromkeys("mMW@%—…→", 1.02) | dict.fromkeys("w&<>=+~#", 0.86)


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Bound the width of a line in pixels: what common sans-serif fonts take, the widest of them included."""
    return sum(map(_ems, text)) * size * (1.12 if bold else 1)


@cache
def _ems(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    wide = unicodedata.east_asian_width(character) in "WF"
    usual = 1.05 if wide else 0.78 if character.isupper() else 0.66
    return _NARROW.get(character) or _WIDE.get(character) or usual


def wrapped(text: str, width: float, size: float, *, bold: bool = False, most: int = 12) -> list[str]:
    """Break text into lines that are no wider; a word that is wider is broken itself; beyond `most` lines it is cut.

    What no XML may hold, and what would turn the direction of the words beside it, becomes ``?``.
    """
    lines, room = [""], width  # what the last line has left
    blank = width_of(" ", size, bold=bold)
    for word in plain(text).split():
        takes = width_of(word, size, bold=bold)
        if lines[-1] and takes + blank <= room:
            lines[-1] += f" {word}"
            room -= takes + blank
            continue
        if lines[-1]:
            lines.append("")
            room = width
        for piece in (word,) if takes <= room else word:
            takes = width_of(piece, size, bold=bold)
            if lines[-1] and takes > room:
                lines.append("")
                room = width
            lines[-1] += piece
            room -= takes
        if len(lines) > most:
            break
    if len(lines) > most:
        last = lines[most - 1]
        while last and width_of(f"{last} …", size, bold=bold) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip()} …"]
    return lines


_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff")


def plain(text: str) -> str:
    """Put ``?`` in the place of what cannot be drawn."""
    return "".join(
        "?" if (unicodedata.category(character) in ("Cc", "Cs", "Cn") and character not in "\n\t\r")
        or character in _TURNING else character
        for character in text
    )  # fmt: skip


def block(
    lines: Sequence[str], x: float, top: float, size: float = 13, *, bold: bool = False, italic: bool = False
) -> tuple[list[Words], float]:
    """Set lines below each other, and give where the next thing may begin."""
    step = size * LINE
    words = [Words(x, top + size + step * n, line, size, bold, italic) for n, line in enumerate(lines)]
    return words, top + step * len(lines)
