"""Check the book as it was built: each chapter, its numbers and its form, and the links of the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from companion.book.check.form import budget, is_draft, machinery, missing
from companion.book.check.luck import luck
from companion.book.check.prose import CITATION, Number, claim_links, numbers_in, plain
from companion.book.check.report import BookReport, ChapterReport
from companion.book.execution.fingerprint import chapter_key, executed_key
from companion.book.execution.store import outdated
from companion.book.project import Chapter, Project
from companion.claims import Claim, agrees, claims_in
from companion.measure import MIME as MEASUREMENT
from companion.notebooks import BookError, cell_source, read_notebook

MAX_IGNORED = 3
"""How many cells of a chapter nbval may leave uncompared."""

_OUTDATED = "its stored output is not what it gave when it was last executed: run `companion book store`"


WRITTEN = "<!-- written by `companion "
"""What stands in a page that a command writes: its numbers are that program's settings, and a test compares the two."""


def check_book(project: Project, *, strict: bool = False, only: Sequence[Chapter] = ()) -> BookReport:
    """Check every chapter, the other pages of prose, and the links of what was rendered.

    Parameters
    ----------
    project
        The book.
    strict
        Whether stale measurements, and stale values under other seeds, are faults too.
    only
        Check these chapters alone, and nothing that was rendered: what an author does between two edits.

    Raises
    ------
    BookError
        If the table of contents cannot be read.
    """
    chapters = project.chapters()
    texts = {chapter.name: _prose(chapter) for chapter in chapters}
    pages = {page.name: page.read_text("utf-8") for page in sorted(project.book.glob("*.md"))}
    links = [link for text in [*texts.values(), *pages.values()] for link in claim_links(text)]
    claims = {chapter.name: _claims_of(chapter) for chapter in chapters}
    claimed = Counter(claim.name for found in claims.values() for claim in found)
    wanted = list(only or chapters)
    reports = [
        _check_chapter(project, chapter, texts[chapter.name], links, claims[chapter.name], strict) for chapter in wanted
    ]
    if only:
        texts, pages = {chapter.name: texts[chapter.name] for chapter in only}, {}
    twice = {claim.name for chapter in wanted for claim in claims[chapter.name] if claimed[claim.name] > 1}
    faults = [f"claim {name!r} is made {claimed[name]} times" for name in sorted(twice)]
    for name, text in {**texts, **pages}.items():
        faults += [
            f"{name}: links to claim {claim!r}, which no cell makes"
            for _, claim in claim_links(text)
            if claim not in claimed
        ]
    numbers = {
        name: numbers_in([{"cell_type": "markdown", "source": text}])
        for name, text in pages.items()
        if WRITTEN not in text
    }
    faults += [f"{name}: {fault}" for name, found in numbers.items() for fault in _bare(found)]
    faults += _check_citations(project, {**texts, **pages}, whole=not only)
    faults += [] if only else _check_links(project)
    return BookReport(reports, faults, numbers)


def _check_chapter(
    project: Project, chapter: Chapter, prose: str, links: list[tuple[str, str]], claims: list[Claim], strict: bool
) -> ChapterReport:
    try:
        notebook = read_notebook(chapter.source)
        cells = read_notebook(chapter.executed)["cells"] if chapter.executed.is_file() else []
        stale_copy = executed_key(chapter) != chapter_key(project, chapter, {})
        stale_spread, lucky = luck(project, chapter)
    except BookError as error:
        return ChapterReport(chapter.name, faults=[str(error)])
    source, draft = notebook["cells"], is_draft(notebook)
    faults: list[str] = []
    if not cells:
        faults.append("has not been executed: run `companion book build`")
    elif stale_copy:
        faults.append("was executed from something else: run `companion book build`")
    else:
        faults += [f"cell {number}: {_OUTDATED}" for number in outdated(source, cells)]
    numbers = numbers_in(source)
    stale = [*_measurements(cells, "stale"), *([] if draft else stale_spread)]
    lacks = [*missing(chapter, source), *_bare(numbers)]
    faults += [
        *_tags(source),
        *machinery(source),
        *_alternatives(cells),
        *_measurements(cells, "not recorded"),
        *_claims(claims, links),
    ]
    faults += [*(stale if strict else []), *([] if draft else lacks)]
    seconds = sum(float(cell.get("metadata", {}).get("companion_seconds", 0)) for cell in cells)
    return ChapterReport(
        chapter.name,
        cells=len(source),
        words=len(re.findall(r"\b\w[\w'-]*", prose)),
        seconds=round(seconds, 1),
        figures=sum(_is_figure(output) for cell in cells for output in cell.get("outputs", [])),
        claims=len(claims),
        numbers=numbers,
        draft=draft,
        missing=lacks,
        faults=faults,
        warnings=[*([] if strict else stale), *_over_budget(source, seconds), *lucky],
    )


def _claims_of(chapter: Chapter) -> list[Claim]:
    """Read the claims of a chapter; of one that was not executed here, those that its notebook stores."""
    try:
        cells = read_notebook(chapter.executed if chapter.executed.is_file() else chapter.source)["cells"]
    except BookError:  # the chapter's own report says it
        return []
    return [claim for cell in cells for claim in claims_in(cell.get("outputs", []))]


def _tags(source: Sequence[dict[str, Any]]) -> Iterator[str]:
    tags = [tag for cell in source for tag in cell.get("metadata", {}).get("tags", [])]
    if tags.count("parameters") != 1:
        yield f"has {tags.count('parameters')} cells tagged `parameters`, not one"
    ignored = tags.count("nbval-ignore-output")
    if ignored > MAX_IGNORED:
        yield f"has {ignored} cells that nbval does not compare; {MAX_IGNORED} are allowed"


def _alternatives(cells: Sequence[dict[str, Any]]) -> Iterator[str]:
    for number, cell in enumerate(cells, start=1):
        for output in filter(_is_figure, cell.get("outputs", [])):
            alternative = output["data"].get("text/plain", "")
            text = alternative if isinstance(alternative, str) else "".join(alternative)
            if len(text) < 40 or text.startswith("<"):  # "<Figure size 640x480 ...>" describes nothing
                yield f"cell {number}: a figure without alternative text: make it with companion.figures"


def _is_figure(output: dict[str, Any]) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", {}))


def _measurements(cells: Sequence[dict[str, Any]], wanted: str) -> Iterator[str]:
    why = {"stale": "is stale: the code has changed since;", "not recorded": "is not recorded:"}[wanted]
    for number, cell in enumerate(cells, start=1):
        for output in cell.get("outputs", []):
            if output.get("metadata", {}).get(MEASUREMENT, {}).get("state") == wanted:
                yield f"cell {number}: measurement {output['data'][MEASUREMENT]['name']} {why} run `make measure`"


def _claims(claims: Sequence[Claim], links: Sequence[tuple[str, str]]) -> Iterator[str]:
    for claim in claims:
        texts = [text for text, name in links if name == claim.name]
        if not texts:
            yield f"claim {claim.name!r} is used by no prose"
        for text in texts:
            if not agrees(text, claim.said):
                yield f"the text says {text!r}, but claim {claim.name!r} says {claim.said}"


def _bare(numbers: Sequence[Number]) -> Iterator[str]:
    for number in numbers:
        if number.kind == "bare":
            where = f"cell {number.cell}: " if number.cell > 1 else ""
            sentence = plain(number.sentence)
            short = sentence if len(sentence) <= 100 else sentence[:100] + " ..."
            yield f"{where}{number.text!r} is held by no claim, citation or setting: {short}"


def _over_budget(source: Sequence[dict[str, Any]], seconds: float) -> Iterator[str]:
    declared = budget(cell_source(source[0])) if source else None
    if declared and seconds > declared.run_s:
        yield f"took {seconds:.0f} s; its first cell promises {declared.run_s}"


def _prose(chapter: Chapter) -> str:
    try:
        cells = read_notebook(chapter.source)["cells"]
    except BookError:
        return ""
    return "\n\n".join(cell_source(cell) for cell in cells if cell.get("cell_type") == "markdown")


def _check_citations(project: Project, texts: dict[str, str], *, whole: bool) -> list[str]:
    bibliography = project.book / "references.bib"
    text = bibliography.read_text("utf-8") if bibliography.is_file() else ""
    entries = set(re.findall(r"^@\w+\{([^,\s]+),", text, re.M))
    cited = {
        (key.strip(), name)
        for name, text in texts.items()
        for group in CITATION.findall(text)
        for key in group.split(",")
    }
    faults = [
        f"{name}: cites {key!r}, which is not in references.bib" for key, name in sorted(cited) if key not in entries
    ]
    unused = sorted(entries - {key for key, _ in cited}) if whole else []
    return faults + [f"references.bib: nothing cites {key!r}" for key in unused]


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
