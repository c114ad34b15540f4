"""The chapters as text: sections under their headings, as a reader of the page would see them.

A section has what the page shows: prose, code, and what the code printed. Where claims are made, their values stand
instead of the code. Solutions and hidden tests are left out: the page keeps the first closed, and the second from
everybody, and an assistant that could read them would tell.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from companion.book.check.prose import claim_links, plain
from companion.book.project import Chapter, Project
from companion.claims import claims_in
from companion.errors import CompanionError
from companion.exercises.authoring.model import strip_hidden, strip_solution
from companion.models.reading import telling_words, words
from companion.notebooks import cell_source, read_notebook

LONGEST_OUTPUT = 2_000
LONGEST_PASSAGE = 600
CLAIMS, NO_OUTPUT = "claims", "remove-output"
"""Tags of cells: the code of claims, and one whose output the page does not show."""

_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1[ \t]*$", re.M | re.S)
_HEADING = re.compile(r"^(#{1,3}) +(.+?) *#*$", re.M)


class NotInTheBook(CompanionError):
    """Something that the book does not have; the message names what is nearest to it."""


@dataclass(frozen=True)
class Section:
    """A section of a chapter, without those below it.

    Attributes
    ----------
    level : int
        1 for the chapter's title, 2 for a section, 3 for one below it.
    heading : str
        As it is read.
    prose : tuple of str
        Its paragraphs, in Markdown.
    text : str
        All of it, code and outputs included.
    """

    level: int
    heading: str
    prose: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Passage:
    """A paragraph that was found."""

    chapter: Chapter
    section: Section
    paragraph: str
    matched: int

    @property
    def text(self) -> str:
        """As a reader sees it, cut if it is long."""
        shown = plain(" ".join(self.paragraph.split()))
        return shown if len(shown) <= LONGEST_PASSAGE else f"{shown[: LONGEST_PASSAGE - 1].rstrip()}…"

    @property
    def claims(self) -> list[str]:
        """The names of the claims that it links to."""
        return [name for _, name in claim_links(self.paragraph)]


def find_chapter(project: Project, wanted: str) -> Chapter:
    """Find a chapter by its number, its name, or the last part of that.

    Raises
    ------
    NotInTheBook
        If there is none.
    BookError
        If the table of contents cannot be read.
    """
    chapters = project.chapters()
    for chapter in chapters:
        if wanted.strip() in (chapter.number, chapter.number.lstrip("0"), chapter.name, chapter.name.partition("-")[2]):
            return chapter
    raise NotInTheBook(f"no chapter {wanted!r}: there are {', '.join(chapter.name for chapter in chapters)}")


def sections_of(chapter: Chapter) -> tuple[Section, ...]:
    """Read a chapter's sections, the first of which is its opening.

    Raises
    ------
    BookError
        If the notebook cannot be read.
    """
    return _read(chapter.source, *_stamp(chapter.source))[0]


def cells_of(chapter: Chapter) -> list[dict[str, Any]]:
    """Read a chapter's cells; nobody may change them.

    Raises
    ------
    BookError
        If the notebook cannot be read.
    """
    return _read(chapter.source, *_stamp(chapter.source))[1]


def section_text(chapter: Chapter, heading: str) -> tuple[str, str]:
    """Give the heading and the text of a section with those below it; without a heading, of the chapter's opening.

    Raises
    ------
    NotInTheBook
        If the chapter has no such section.
    BookError
        If the notebook cannot be read.
    """
    sections = sections_of(chapter)
    if not heading.strip():
        return sections[0].heading, sections[0].text
    by_name = {section.heading.casefold(): number for number, section in reversed(list(enumerate(sections)))}
    number = by_name.get(plain(heading).strip().casefold())
    if number is None:
        near = nearest(heading, [section.heading for section in sections])
        raise NotInTheBook(f"chapter {chapter.number} has no section {heading!r}{near}")
    if number == 0:
        return sections[0].heading, sections[0].text
    below = []
    for section in sections[number + 1 :]:
        if section.level <= sections[number].level:
            break
        below.append(section)
    return sections[number].heading, "\n\n".join(section.text for section in (sections[number], *below))


def chapter_text(chapter: Chapter) -> str:
    """Give the whole text of a chapter."""
    return "\n\n".join(section.text for section in sections_of(chapter))


def find_passages(project: Project, asked: str, limit: int) -> list[Passage]:
    """Find the paragraphs that hold most of the words, letter by letter; of equals the shorter one, then the first.

    Raises
    ------
    BookError
        If a chapter cannot be read.
    """
    wanted = telling_words(asked)
    found = [
        Passage(chapter, section, paragraph, matched)
        for chapter in project.chapters()
        for section in sections_of(chapter)
        for paragraph in section.prose
        if (matched := len(wanted & _words_of(paragraph)))
    ]
    return sorted(found, key=lambda passage: (-passage.matched, len(passage.paragraph)))[:limit]


def nearest(wanted: str, names: list[str]) -> str:
    """Say which names are nearest to one that there is not, to be added to a refusal; nothing where none is near."""
    by_fold = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(wanted.casefold()[:200], list(by_fold), n=5, cutoff=0.4)
    return f"; nearest: {', '.join(repr(by_fold[name]) for name in near)}" if near else ""


@lru_cache(maxsize=4096)
def _words_of(paragraph: str) -> frozenset[str]:
    return frozenset(words(plain(paragraph)))


def _stamp(file: Path) -> tuple[int, int]:
    """Tell one state of a file from the next, so that a chapter that its author saves is read anew."""
    try:
        state = file.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=64)
def _read(file: Path, changed: int, size: int) -> tuple[tuple[Section, ...], list[dict[str, Any]]]:
    cells = read_notebook(file)["cells"]
    return tuple(_sections(cells)), cells


def _sections(cells: list[dict[str, Any]]) -> Iterator[Section]:
    level, heading, prose, texts = 1, "", list[str](), list[str]()
    for kind, text in chain.from_iterable(map(_pieces, cells)):
        if kind == "heading":
            if texts:
                yield Section(level, heading, tuple(prose), "\n\n".join(texts))
            match = _HEADING.match(text)
            level, heading, prose, texts = (
                len(text) - len(text.lstrip("#")),
                plain(match[2]) if match else "",
                [],
                [text],
            )
        else:
            texts.append(text)
            if kind == "prose":
                prose += [paragraph for part in re.split(r"\n\s*\n", text) if (paragraph := part.strip())]
    if texts:
        yield Section(level, heading, tuple(prose), "\n\n".join(texts))


def _pieces(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Split a cell into headings, prose, and code with what it printed."""
    source = cell_source(cell).strip()
    if cell.get("cell_type") != "markdown":
        if shown := _shown(cell, source):
            yield "code", shown
        return
    # A line of code that begins with # is no heading.
    masked = _FENCED.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), source)
    begin = 0
    for match in _HEADING.finditer(masked):
        if before := source[begin : match.start()].strip():
            yield "prose", before
        yield "heading", match[0]
        begin = match.end()
    if rest := source[begin:].strip():
        yield "prose", rest


def _shown(cell: dict[str, Any], source: str) -> str:
    """Give a cell of code as the page shows it."""
    metadata, outputs = cell.get("metadata", {}), cell.get("outputs", [])
    tags = metadata.get("tags", [])
    if CLAIMS in tags:
        return "\n".join(f"= {claim.name}: {claim.written}" for claim in claims_in(outputs))
    role = metadata.get("companion", {}).get("role")
    if role == "answer":
        source = strip_solution(source)
    source = strip_hidden(source)
    parts = [f"```python\n{source}\n```"] if source else []
    if role != "answer" and NO_OUTPUT not in tags:
        parts += [f"```text\n{text}\n```" for output in outputs if (text := _printed(output))]
    return "\n\n".join(parts)


def _printed(output: dict[str, Any]) -> str:
    """Give what an output says to someone who sees no picture."""
    text = output.get("text") or output.get("data", {}).get("text/plain") or ""
    whole = (text if isinstance(text, str) else "".join(text)).strip()
    return whole if len(whole) <= LONGEST_OUTPUT else f"{whole[:LONGEST_OUTPUT].rstrip()}\n…"
