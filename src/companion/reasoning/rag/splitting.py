"""Documents cut into chunks: at a section's end first, then at a blank line, a line's, a sentence's and a word's end.

A cut is made at the coarsest border that leaves no piece longer than the limit, and pieces that fit together stay
together. So a paragraph that fits is whole, and a longer one is cut at its lines or sentences, apart from its
neighbours.

**A table's rows stay whole.** Cut between two rows, the second piece would have lost the heads of its columns, and with
them which quarter a figure belongs to and in what it is counted. They do not stand in the piece itself, which is a span
of the document, but in its header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from companion.reasoning.rag.chunks import Chunk, Document, RagError

SIZE = 512
"""Characters that a chunk has at most, where nothing else is said."""

LONGEST_HEAD = 200
"""Characters of the heads of a table's columns that a header repeats."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Unit:
    """What is not cut: a span, and the longer one that it was cut out of; None if it may stand with any."""

    start: int
    end: int
    of: Span | None


_BORDERS = [
    re.compile(r"\n[^\S\n]*\n\s*"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+|(?<=[。！？])"),
    re.compile(r"\s+"),
]
"""Paragraphs, lines, sentences and words end with these."""

_CELLS = re.compile(r"\|.*\||\t|\S {2,}\S.*\S {2,}\S")
_RULE = re.compile(r"[\s|+:=_-]*")


def split(document: Document, size: int = SIZE, overlap: int = 0) -> list[Chunk]:
    """Cut a document into chunks, in their order, none longer than `size` and none without a word.

    Parameters
    ----------
    document : Document
        What is cut. A text of white space gives no chunk.
    size : int
        Characters that a chunk has at most, its header aside. A word that is longer is cut.
    overlap : int
        How many characters of what stands before a chunk begins with, at most, where a paragraph had to be cut.

    Returns
    -------
    list of Chunk
        ``document.text[chunk.start : chunk.end] == chunk.text`` for each. With no overlap they hold every character of
        the text once, but for white space between them.

    Raises
    ------
    RagError
        If `size` is not above 0, or `overlap` not from 0 up to but not including `size`.
    """
    if size < 1 or not 0 <= overlap < size:
        raise RagError(f"chunks of {size} characters with {overlap} twice: 0 <= overlap < size is needed")
    found = []
    for name, start, end in _sections(document):
        header = ", ".join(filter(None, (document.label, name)))
        for piece, lost in _pieces(document.text, (start, end), size, overlap):
            text = document.text[slice(*piece)]
            about = f"{header}, {lost}" if header and lost else header or lost
            found.append(Chunk(document.source, *piece, text, about, document.metadata))
    return found


def _sections(document: Document) -> Iterator[tuple[str, int, int]]:
    """Give the sections, and what stands before, between and after them as sections without a name."""
    end = 0
    for section in document.sections:
        yield "", end, section.start
        yield section.name, section.start, section.end
        end = section.end
    yield "", end, len(document.text)


def _pieces(text: str, section: Span, size: int, overlap: int) -> Iterator[tuple[Span, str]]:
    """Give the pieces of a section, each with the heads of the table that it begins inside of, or ""."""
    short: list[Unit] = []
    for paragraph in _cut(text, section, _BORDERS[0]):
        if paragraph[1] - paragraph[0] <= size:
            short.append(Unit(*paragraph, section))
            continue
        heading = [short.pop()] if short and _is_heading(text, short[-1], size) else []
        yield from ((piece, "") for piece in _packed(text, short, size))
        short = []
        yield from _pieces_of_paragraph(text, paragraph, heading, size, overlap)
    yield from ((piece, "") for piece in _packed(text, short, size))


def _is_heading(text: str, paragraph: Unit, size: int) -> bool:
    """Whether a paragraph is a line so short that it is nothing without what it stands above."""
    return paragraph.end - paragraph.start <= size // 4 and "\n" not in text[paragraph.start : paragraph.end]


def _pieces_of_paragraph(
    text: str, paragraph: Span, heading: list[Unit], size: int, overlap: int
) -> Iterator[tuple[Span, str]]:
    tables = _tables(text, paragraph)
    units = [*(replace(unit, of=None) for unit in heading), *_units(text, paragraph, size, 1)]
    for start, end in _packed(text, units, size, overlap, [span for span, _ in tables]):
        lost = next((head for (first, last), head in tables if first < start < last), "")
        yield (start, end), lost


def _units(text: str, whole: Span, size: int, level: int) -> Iterator[Unit]:
    """Cut what is too long at the borders of a level, and what is still too long at those of the next."""
    if level == len(_BORDERS):
        yield from (Unit(at, min(at + size, whole[1]), whole) for at in range(whole[0], whole[1], size))
        return
    for piece in _cut(text, whole, _BORDERS[level]):
        if piece[1] - piece[0] <= size:
            yield Unit(*piece, whole)
        else:
            yield from _units(text, piece, size, level + 1)


def _cut(text: str, span: Span, border: re.Pattern[str]) -> Iterator[Span]:
    """Give what stands between the borders, white space around it left off."""
    cuts = [span[0], *(found.end() for found in border.finditer(text, *span)), span[1]]
    for start, end in pairwise(cuts):
        if trimmed := text[start:end].strip():
            start += text[start:end].index(trimmed[0])
            yield start, start + len(trimmed)


def _packed(
    text: str, units: Sequence[Unit], size: int, overlap: int = 0, tables: Sequence[Span] = ()
) -> Iterator[Span]:
    """Join neighbours of one whole as long as they fit, each joined span reaching back up to `overlap` characters."""
    start, end, of = -1, -1, None
    for unit in units:
        if start >= 0 and unit.end - start <= size and of in (unit.of, None):
            end, of = unit.end, unit.of
            continue
        begun = start
        if begun >= 0:
            yield start, end
        earliest = max(begun + 1, unit.end - size, unit.start - overlap)
        start = unit.start if begun < 0 else _reach_back(text, unit.start, earliest, tables)
        end, of = unit.end, unit.of
    if start >= 0:
        yield start, end


def _reach_back(text: str, start: int, earliest: int, tables: Sequence[Span]) -> int:
    """Find the first word that begins between two places; in a table none does, since its rows stay whole."""
    if any(first < start <= last for first, last in tables):
        return start
    earliest = max([earliest, *(last for _, last in tables if last <= start)])
    words = re.finditer(r"(?<!\S)\S", text[earliest - 1 : start])
    return next((earliest - 1 + word.start() for word in words if word.start()), start)


def _tables(text: str, paragraph: Span) -> list[tuple[Span, str]]:
    """Find runs of two rows and more, each with the heads of its columns: its first row that holds a word."""
    found: list[tuple[Span, str]] = []
    run: list[Span] = []
    for line in [*_cut(text, paragraph, _BORDERS[1]), (paragraph[1], paragraph[1])]:
        if _CELLS.search(text[slice(*line)]) or (run and line[0] < line[1] and _RULE.fullmatch(text, *line)):
            run.append(line)
            continue
        if len(run) > 1:
            rows = (text[slice(*row)] for row in run)
            head = next((" ".join(row.split()) for row in rows if re.search(r"\w", row)), "")
            found.append(((run[0][0], run[-1][1]), head[:LONGEST_HEAD]))
        run = []
    return found
