"""The map of the book on its first page: every part with its chapters, those that are there and those to come.

The directive ``{part-map}`` makes it of the table of contents and of `companion.book.parts`; ``{colophon}`` says who
wrote the book, under which licence, and where it lives, once that is known.
"""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion.book.parts import PARTS, PLANNED, Part
from companion.book.project import Chapter, Project
from companion.book.sphinx.addresses import repository
from companion.notebooks import cell_source, read_notebook

LICENCES = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "MIT": "https://opensource.org/license/mit",
}


def setup(app: Sphinx) -> None:
    """Add the directives."""
    app.add_directive("part-map", PartMap)
    app.add_directive("colophon", Colophon)


def title_and_question(opening: str) -> tuple[str, str]:
    """Read the title of a chapter and the question under it out of its first cell.

    Parameters
    ----------
    opening
        Markdown. A draft may lack the question, which then is empty.
    """
    question = re.search(r"^\*([^*\n]+\?)\*$", opening, re.M)
    return opening.partition("\n")[0].lstrip("# "), question[1] if question else ""


class PartMap(SphinxDirective):
    """List the parts with their chapters."""

    def run(self) -> list[nodes.Node]:
        """Make a list for each part."""
        project = Project(Path(self.env.srcdir).parent)
        written = {int(chapter.number): chapter for chapter in project.chapters()}
        for chapter in written.values():
            self.env.note_dependency(str(chapter.source))
        done = [number for number in written if any(number in part.chapters for part in PARTS.values())]
        whole = sum(len(part.chapters) for part in PARTS.values())
        line = nodes.paragraph("", f"{len(done)} of {whole} chapters are written; those without a link are to come.")
        parts = [self._part(number, part, written) for number, part in enumerate(PARTS.values(), start=1)]
        return [line, nodes.container("", *parts, classes=["part-map"])]

    def _part(self, number: int, part: Part, written: dict[int, Chapter]) -> nodes.container:
        page = f"part-{number}-{part.name}"
        name: nodes.Node = nodes.inline("", part.caption)
        if page in self.env.found_docs:
            name = self._link(page, part.caption)
        planned = {chapter.number: chapter for chapter in PLANNED}
        entries = nodes.bullet_list()
        for chapter in part.chapters:
            if chapter in written:
                title, question = title_and_question(cell_source(read_notebook(written[chapter].source)["cells"][0]))
                link = self._link(f"chapters/{written[chapter].name}", title)
                entries += nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f" {question}")))
            elif chapter in planned:
                named = nodes.inline("", f"{chapter} · {planned[chapter].title}", classes=["to-come"])
                line = nodes.paragraph("", "", named, nodes.Text(f" {planned[chapter].subject}"))
                entries += nodes.list_item("", line, classes=["to-come"])
        head = nodes.paragraph("", "", nodes.strong("", "", name), classes=["part-name"])
        return nodes.container("", head, entries)

    def _link(self, page: str, text: str) -> pending_xref:
        return pending_xref("", nodes.inline("", text), refdomain="std", reftype="doc", reftarget=f"/{page}",
                            refexplicit=True, refdoc=self.env.docname, refwarn=True)  # fmt: skip


class Colophon(SphinxDirective):
    """Say who wrote the book, its licences, and where its source is."""

    def run(self) -> list[nodes.Node]:
        """Make a paragraph."""
        text, code = (nodes.reference("", name, refuri=address) for name, address in LICENCES.items())
        line = nodes.paragraph("", f"Written by {self.config.author}. The text may be used under ")
        line += [text, nodes.Text(", the code under "), code, nodes.Text(".")]
        source = repository(self.config)
        if source:
            line += [nodes.Text(" The source, its history and a place for questions: "),
                     nodes.reference("", source, refuri=source), nodes.Text(".")]  # fmt: skip
        return [line]
