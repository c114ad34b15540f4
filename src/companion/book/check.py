"""Report on the book as it was built: what each chapter holds, and what is wrong anywhere."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from companion.book.fingerprint import chapter_key, executed_key
from companion.book.project import BookError, Chapter, Project, cell_source, read_notebook
from companion.claims import agrees, claims_in
from companion.measure import MIME as MEASUREMENT

_CITATION = re.compile(r"\{cite[a-z:]*\}`([^`]+)`")
_CLAIM_LINK = re.compile(r"\[([^\]]+)\]\(#claim-([a-z0-9-]+)\)")
MAX_IGNORED = 3
"""How many cells of a chapter nbval may leave uncompared."""


@dataclass(frozen=True)
class ChapterReport:
    """What one chapter holds, and its faults and warnings."""

    name: str
    cells: int
    words: int
    seconds: float
    figures: int
    claims: int
    faults: list[str]
    warnings: list[str]


@dataclass(frozen=True)
class BookReport:
    """The chapters' reports, and the faults that belong to no chapter."""

    chapters: list[ChapterReport]
    book: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """How many faults there are in all."""
        return len(self.book) + sum(len(chapter.faults) for chapter in self.chapters)


def check_book(project: Project, *, strict: bool = False) -> BookReport:
    """Check every chapter and the rendered pages.

    Raises
    ------
    BookError
        If the table of contents cannot be read.
    """
    chapters = project.chapters()
    texts = {chapter.name: _prose(chapter) for chapter in chapters}
    pages = {page.name: page.read_text("utf-8") for page in sorted(project.book.glob("*.md"))}
    links = [link for text in [*texts.values(), *pages.values()] for link in _CLAIM_LINK.findall(text)]
    claimed: Counter[str] = Counter()
    reports = [_check_chapter(project, chapter, texts[chapter.name], links, claimed, strict) for chapter in chapters]
    faults = [f"claim {name!r} is made {count} times" for name, count in claimed.items() if count > 1]
    for name, text in {**texts, **pages}.items():
        faults += [
            f"{name}: links to claim {claim!r}, which no cell makes"
            for _, claim in _CLAIM_LINK.findall(text)
            if claim not in claimed
        ]
    faults += _check_citations(project, {**texts, **pages})
    faults += _check_links(project)
    return BookReport(reports, faults)


def print_report(report: BookReport, json_file: str) -> None:
    """Print the report as a table, or as JSON to a file or stdout."""
    if json_file:
        text = json.dumps(
            {
                "chapters": [asdict(chapter) for chapter in report.chapters],
                "book": report.book,
                "faults": report.faults,
            },
            indent=1,
        )
        if json_file == "-":
            sys.stdout.write(text + "\n")
        else:
            Path(json_file).write_text(text + "\n", "utf-8")
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("chapter", *("cells", "words", "run s", "figures", "claims", "faults"))
    for column in table.columns[1:]:
        column.justify = "right"
    for chapter in report.chapters:
        numbers = (
            chapter.cells,
            chapter.words,
            f"{chapter.seconds:.1f}",
            chapter.figures,
            chapter.claims,
            len(chapter.faults),
        )
        table.add_row(chapter.name, *map(str, numbers))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for chapter in report.chapters:
        for fault in chapter.faults:
            console.print(f"{chapter.name}: {escape(fault)}")
        for warning in chapter.warnings:
            console.print(f"{chapter.name}: (warning) {escape(warning)}")
    for fault in report.book:
        console.print(escape(fault))
    console.print("no faults" if not report.faults else f"{report.faults} faults")


def _check_chapter(
    project: Project, chapter: Chapter, prose: str, links: list[tuple[str, str]], claimed: Counter[str], strict: bool
) -> ChapterReport:
    faults: list[str] = []
    warnings: list[str] = []
    try:
        source = read_notebook(chapter.source)["cells"]
        cells = read_notebook(chapter.executed)["cells"] if chapter.executed.is_file() else []
        stale_copy = executed_key(chapter) != chapter_key(project, chapter, {})
    except BookError as error:
        return ChapterReport(chapter.name, 0, 0, 0, 0, 0, [str(error)], [])
    if not cells:
        faults.append("has not been executed: run `companion book build`")
    elif stale_copy:
        faults.append("was executed from something else, or with other parameters: run `companion book build`")
    tags = [tag for cell in source for tag in cell.get("metadata", {}).get("tags", [])]
    if tags.count("parameters") != 1:
        faults.append(f"has {tags.count('parameters')} cells tagged `parameters`, not one")
    if tags.count("nbval-ignore-output") > MAX_IGNORED:
        faults.append(
            f"has {tags.count('nbval-ignore-output')} cells that nbval does not compare; {MAX_IGNORED} are allowed"
        )
    figures = 0
    claims = []
    for number, cell in enumerate(cells, start=1):
        for output in cell.get("outputs", []):
            if any(kind.startswith("image/") for kind in output.get("data", {})):
                figures += 1
                faults += _check_alternative(output, number)
            if MEASUREMENT in output.get("data", {}):
                told = faults if strict else warnings
                state = output.get("metadata", {}).get(MEASUREMENT, {}).get("state")
                name = output["data"][MEASUREMENT]["name"]
                if state == "not recorded":
                    faults.append(f"cell {number}: measurement {name} is not recorded: run `make measure`")
                elif state == "stale":
                    told.append(
                        f"cell {number}: measurement {name} is stale: the code has changed since; run `make measure`"
                    )
        claims += claims_in(cell.get("outputs", []))
    claimed.update(claim.name for claim in claims)
    for claim in claims:
        texts = [text for text, name in links if name == claim.name]
        if not texts:
            faults.append(f"claim {claim.name!r} is used by no prose")
        faults += [
            f"the text says {text!r}, but claim {claim.name!r} says {claim.said}"
            for text in texts
            if not agrees(text, claim.said)
        ]
    seconds = sum(float(cell.get("metadata", {}).get("companion_seconds", 0)) for cell in cells)
    return ChapterReport(
        chapter.name,
        len(source),
        len(re.findall(r"\b\w[\w'-]*", prose)),
        round(seconds, 1),
        figures,
        len(claims),
        faults,
        warnings,
    )


def _check_alternative(output: dict[str, Any], number: int) -> Iterator[str]:
    alternative = output["data"].get("text/plain", "")
    text = alternative if isinstance(alternative, str) else "".join(alternative)
    if len(text) < 40 or text.startswith("<"):  # "<Figure size 640x480 ...>" describes nothing
        yield f"cell {number}: a figure without alternative text: make it with companion.figures"


def _prose(chapter: Chapter) -> str:
    try:
        cells = read_notebook(chapter.source)["cells"]
    except BookError:
        return ""
    return "\n\n".join(cell_source(cell) for cell in cells if cell.get("cell_type") == "markdown")


def _check_citations(project: Project, texts: dict[str, str]) -> list[str]:
    bibliography = project.book / "references.bib"
    entries = (
        set(re.findall(r"^@\w+\{([^,\s]+),", bibliography.read_text("utf-8"), re.M))
        if bibliography.is_file()
        else set()
    )
    cited = {
        (key.strip(), name)
        for name, text in texts.items()
        for group in _CITATION.findall(text)
        for key in group.split(",")
    }
    faults = [
        f"{name}: cites {key!r}, which is not in references.bib" for key, name in sorted(cited) if key not in entries
    ]
    return faults + [f"references.bib: nothing cites {key!r}" for key in sorted(entries - {key for key, _ in cited})]


def _check_links(project: Project) -> list[str]:
    """Look whether every link within the rendered pages leads to a page and an anchor that exist."""
    if not (project.html / "index.html").is_file():
        return ["the pages have not been rendered: run `companion book build`"]
    pages = {page: page.read_text("utf-8") for page in sorted(project.html.rglob("*.html"))}
    anchors = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in pages.items()}
    faults = []
    for page, text in pages.items():
        for address in dict.fromkeys(re.findall(r'<a\b[^>]*\bhref="([^"]*)"', text)):
            parts = urlsplit(address.replace("&amp;", "&"))
            if parts.scheme or parts.netloc or address in ("#", ""):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            anchor = unquote(parts.fragment)
            if not target.is_file() or (anchor and target in anchors and anchor not in anchors[target]):
                faults.append(f"{page.relative_to(project.html)}: broken link {address}")
    return faults
