"""What a check of the book found, and how it is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from companion.book.check.prose import Number, plain


@dataclass(frozen=True)
class ChapterReport:
    """What one chapter holds, and what is wrong with it.

    Attributes
    ----------
    name : str
        The notebook's name, without its ending.
    cells, words, figures, claims : int
        How many it has.
    seconds : float
        How long its cells took when they were last executed.
    numbers : list of Number
        The numbers of its prose.
    draft : bool
        Whether its author has marked it as unfinished.
    missing : list of str
        What a chapter has and this one lacks; faults, unless it is a draft.
    faults, warnings : list of str
        What is wrong, and what will be.
    """

    name: str
    cells: int = 0
    words: int = 0
    seconds: float = 0.0
    figures: int = 0
    claims: int = 0
    numbers: list[Number] = field(default_factory=list)
    draft: bool = False
    missing: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many numbers of the prose are of a kind."""
        return sum(number.kind == kind for number in self.numbers)


@dataclass(frozen=True)
class BookReport:
    """The chapters' reports, and the faults that belong to no chapter; `numbers` are those of the other pages."""

    chapters: list[ChapterReport]
    book: list[str] = field(default_factory=list)
    numbers: dict[str, list[Number]] = field(default_factory=dict)

    @property
    def faults(self) -> int:
        """How many faults there are in all."""
        return len(self.book) + sum(len(chapter.faults) for chapter in self.chapters)


def counted(number: int, what: str) -> str:
    """Write "1 fault", "2 faults"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def print_report(report: BookReport, json_file: str, *, numbers: bool = False) -> None:
    """Print the report as a table, or as JSON to a file or stdout.

    Parameters
    ----------
    report : BookReport
        What was found.
    json_file : str
        Where to write JSON, ``-`` for stdout; empty for the table.
    numbers : bool
        Whether to list each number of the prose with what holds it.
    """
    if not json_file:
        _print_table(report, numbers)
        return
    whole = {"chapters": [asdict(chapter) for chapter in report.chapters], "book": report.book,
             "numbers": {page: [asdict(number) for number in found] for page, found in report.numbers.items()},
             "faults": report.faults}  # fmt: skip
    text = json.dumps(whole, indent=1) + "\n"
    if json_file == "-":
        sys.stdout.write(text)
    else:
        Path(json_file).write_text(text, "utf-8")


def _print_table(report: BookReport, numbers: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    heads = ("chapter", "cells", "words", "run s", "figures", "claims", "quoted", "settings", "bare", "faults")
    table = Table(*heads, box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for chapter in report.chapters:
        held = [chapter.count(kind) for kind in ("citation", "setting", "bare")]
        counts = (chapter.cells, chapter.words, f"{chapter.seconds:.1f}", chapter.figures, chapter.claims, *held)
        table.add_row(chapter.name, *map(str, counts), str(len(chapter.faults)))
    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.width = max(console.width, 110)  # a pipe has no width; a table squeezed into 80 columns says nothing
    console.print(table)
    for line in _lines(report, numbers):
        console.print(line)
    console.print("no faults" if not report.faults else counted(report.faults, "fault"))


def _lines(report: BookReport, numbers: bool) -> Iterator[str]:
    if numbers:
        listed = {chapter.name: chapter.numbers for chapter in report.chapters} | report.numbers
        for page, found in listed.items():
            yield from (_told(page, number) for number in found)
    for chapter in report.chapters:
        yield from (f"{chapter.name}: {fault}" for fault in chapter.faults)
        yield from (f"{chapter.name}: (warning) {warning}" for warning in chapter.warnings)
        if chapter.draft:
            yield from (f"{chapter.name}: (draft) {lack}" for lack in chapter.missing)
    yield from report.book


def _told(page: str, number: Number) -> str:
    place = page if page.endswith(".md") else f"{page} cell {number.cell}"
    return f"{place}: {number.kind:8} {plain(number.text)!r}{f' <- {number.evidence}' if number.evidence else ''}"
