"""A small Sphinx extension: numbers in prose lead to the cell that gives them, and must agree with it.

``[280 attempts a second](#claim-attempts)`` is an ordinary link in the notebook. Here the target ``claim-attempts``
becomes known to every page, the link gets the unrounded value as its title, and a link whose text says another number
than its claim is a warning, which fails the build.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from companion.book.project import BookError, Project, read_notebook
from companion.claims import Claim, agrees, claims_in

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("builder-inited", _read_claims)
    app.connect("doctree-read", _register_and_compare)
    app.connect("doctree-resolved", _mark_links)
    app.add_directive("chapter-figure", ChapterFigure)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}


class ChapterFigure(SphinxDirective):
    """Show a figure of an executed chapter on another page: ``{chapter-figure} 18-metastable 1``, counted from 1."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Take the figure out of the executed notebook."""
        name, number = self.arguments
        path = Path(self.env.srcdir) / "chapters" / f"{name}.ipynb"
        self.env.note_dependency(str(path))
        try:
            figures = [figure for cell in read_notebook(path)["cells"] for figure in _svg_figures(cell)]
            figure = figures[int(number) - 1]
        except (BookError, ValueError, IndexError):
            return [self.state.document.reporter.warning(f"no figure {number} in chapter {name}", line=self.lineno)]
        return [nodes.container("", nodes.raw("", figure, format="html"), classes=["book-figure"])]


def _svg_figures(cell: dict[str, Any]) -> list[str]:
    found = (output.get("data", {}).get("image/svg+xml") for output in cell.get("outputs", []))
    return [svg if isinstance(svg, str) else "".join(svg) for svg in found if svg]


def book_claims(project: Project) -> dict[str, tuple[str, Claim]]:
    """Collect the claims of all executed chapters: ``{name: (chapter, claim)}``.

    Raises
    ------
    ValueError
        If two cells claim under one name.
    """
    found: dict[str, tuple[str, Claim]] = {}
    for chapter in project.chapters():
        if not chapter.executed.is_file():
            continue
        for cell in read_notebook(chapter.executed)["cells"]:
            for claim in claims_in(cell.get("outputs", [])):
                if claim.name in found:
                    raise ValueError(
                        f"claim {claim.name!r} is made twice: in {found[claim.name][0]} and {chapter.name}"
                    )
                found[claim.name] = (chapter.name, claim)
    return found


def _claims(app: Sphinx) -> dict[str, tuple[str, Claim]]:
    known: dict[str, tuple[str, Claim]] = app.env.companion_claims  # type: ignore[attr-defined]
    return known


def _read_claims(app: Sphinx) -> None:
    app.env.companion_claims = {}  # type: ignore[attr-defined]
    try:
        app.env.companion_claims = book_claims(Project(Path(app.srcdir).parent))  # type: ignore[attr-defined]
    except ValueError as error:
        logger.warning(str(error))


def _register_and_compare(app: Sphinx, doctree: nodes.document) -> None:
    std: Any = app.env.get_domain("std")
    for line in doctree.findall(nodes.paragraph):
        for target in map(str, line.get("ids", [])):
            if target.startswith("claim-") and "claim" in line.get("classes", []):
                std.anonlabels[target] = (app.env.docname, target)
                std.labels[target] = (app.env.docname, target, line.astext())
    for link in doctree.findall(pending_xref):
        wanted = str(link.get("reftarget", ""))
        known = _claims(app).get(wanted.removeprefix("claim-")) if wanted.startswith("claim-") else None
        if known and not agrees(link.astext(), known[1].said):
            logger.warning(
                "the text says %r, but claim %r says %s", link.astext(), known[1].name, known[1].said, location=link
            )


def _mark_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for link in doctree.findall(nodes.reference):
        target = str(link.get("refid") or link.get("refuri", "")).rpartition("#")[2]
        known = _claims(app).get(target.removeprefix("claim-")) if target.startswith("claim-") else None
        if known:
            link["reftitle"] = f"computed: {known[1].shown}"
            link["classes"] = [*link.get("classes", []), "claim-link"]
