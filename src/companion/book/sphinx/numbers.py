"""Every claim of the book in one place: who makes it, which sentences use it, and the page that lists them.

The directive ``{numbers}`` makes the page: the sentence, the value with all its digits, and the cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion.book.check.prose import CLAIM_LINK, plain, sentences
from companion.book.project import Project
from companion.claims import Claim, claims_in
from companion.notebooks import cell_source, read_notebook

PLACE = "claim-place"
"""The class of a link that names a claim's cell, and so does not say its number."""


@dataclass(frozen=True)
class Held:
    """A claim, the chapter that makes it, and its cell (of all cells, from 1)."""

    chapter: str
    cell: int
    claim: Claim


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("numbers", Numbers)


def book_claims(project: Project) -> dict[str, Held]:
    """Collect the claims of all executed chapters by name.

    Raises
    ------
    ValueError
        If two cells claim under one name.
    """
    found: dict[str, Held] = {}
    for chapter in project.chapters():
        if not chapter.executed.is_file():
            continue
        for number, cell in enumerate(read_notebook(chapter.executed)["cells"], start=1):
            for claim in claims_in(cell.get("outputs", [])):
                if claim.name in found:
                    raise ValueError(
                        f"claim {claim.name!r} is made twice: in {found[claim.name].chapter} and {chapter.name}"
                    )
                found[claim.name] = Held(chapter.name, number, claim)
    return found


def sentences_with_claims(project: Project) -> dict[str, list[str]]:
    """Give the sentences of the chapters that link to each claim."""
    found: dict[str, list[str]] = {}
    for chapter in project.chapters():
        for cell in read_notebook(chapter.source)["cells"]:
            if cell.get("cell_type") == "markdown":
                for sentence in sentences(cell_source(cell)):
                    for name in dict.fromkeys(name for _, name in CLAIM_LINK.findall(sentence)):
                        found.setdefault(name, []).append(sentence)
    return found


class Numbers(SphinxDirective):
    """List every claim of the book, chapter by chapter."""

    def run(self) -> list[nodes.Node]:
        """Make a section with a table for each chapter."""
        project = Project(Path(self.env.srcdir).parent)
        held, used = book_claims(project), sentences_with_claims(project)
        made: list[nodes.Node] = []
        for chapter in project.chapters():
            own = [found for found in held.values() if found.chapter == chapter.name]
            if own:
                title = cell_source(read_notebook(chapter.source)["cells"][0]).partition("\n")[0].lstrip("# ")
                section = nodes.section(ids=[nodes.make_id(f"numbers-{chapter.name}")])
                section += nodes.title("", title)
                section += _table([row for found in own for row in self._rows(found, used)])
                made.append(section)
        return made

    def _rows(self, found: Held, used: dict[str, list[str]]) -> Iterator[list[nodes.Node]]:
        for sentence in used.get(found.claim.name, []):
            place = nodes.paragraph("", "", self._link(found, f"cell {found.cell}", PLACE))
            yield [self._sentence(sentence, found), nodes.paragraph("", found.claim.shown), place]

    def _sentence(self, sentence: str, found: Held) -> nodes.paragraph:
        """Write a sentence in which the number, and it alone, is a link."""
        line = nodes.paragraph()
        at = 0
        for match in CLAIM_LINK.finditer(sentence):
            if match[2] == found.claim.name:
                line += nodes.Text(plain(sentence[at : match.start()]))
                line += self._link(found, match[1])
                at = match.end()
        line += nodes.Text(plain(sentence[at:]))
        return line

    def _link(self, found: Held, text: str, kind: str = "") -> pending_xref:
        target = f"claim-{found.claim.name}"
        classes = [kind] if kind else []
        return pending_xref("", nodes.inline("", text), refdomain="std", reftype="ref", reftarget=target,
                            refexplicit=True, refdoc=self.env.docname, refwarn=True, classes=classes)  # fmt: skip


def _table(rows: list[list[nodes.Node]]) -> nodes.table:
    group = nodes.tgroup(cols=3)
    group += [nodes.colspec(colwidth=width) for width in (70, 18, 12)]
    head = nodes.thead("", _row([nodes.paragraph("", name) for name in ("The text says", "Computed", "Where")]))
    group += [head, nodes.tbody("", *map(_row, rows))]
    return nodes.table("", group, classes=["numbers"])


def _row(cells: list[Any]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))
