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

from companion.book.build.fingerprint import without_seconds
from companion.book.project import Project
from companion.book.sphinx import addresses, exercise_pages, numbers, panel_pages, part_map, previews, stamp
from companion.book.sphinx.figure_pages import figure_node
from companion.book.sphinx.numbers import PLACE, Held, book_claims
from companion.claims import agrees
from companion.notebooks import BookError, read_notebook

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("builder-inited", _read_claims)
    app.connect("doctree-read", _register_and_compare)
    app.connect("doctree-resolved", _mark_links)
    app.connect("build-finished", _forget_seconds)
    app.add_directive("chapter-figure", ChapterFigure)
    numbers.setup(app)
    panel_pages.setup(app)
    exercise_pages.setup(app)
    stamp.setup(app)
    addresses.setup(app)
    previews.setup(app)
    part_map.setup(app)
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
        return [figure_node(self.env, *figure)]


def _svg_figures(cell: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the figures of a cell: drawing and data."""
    shown = [output for output in cell.get("outputs", []) if "image/svg+xml" in output.get("data", {})]
    return [
        ("".join(output["data"]["image/svg+xml"]), output.get("metadata", {}).get("image/svg+xml", {}).get("csv", ""))
        for output in shown
    ]


def _claims(app: Sphinx) -> dict[str, Held]:
    known: dict[str, Held] = app.env.companion_claims  # type: ignore[attr-defined]
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
        if known and PLACE not in link.get("classes", []) and not agrees(link.astext(), known.claim.said):
            claim = known.claim
            logger.warning(
                "the text says %r, but claim %r says %s", link.astext(), claim.name, claim.said, location=link
            )


def _mark_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for link in doctree.findall(nodes.reference):
        target = str(link.get("refid") or link.get("refuri", "")).rpartition("#")[2]
        known = _claims(app).get(target.removeprefix("claim-")) if target.startswith("claim-") else None
        if known:
            link["reftitle"] = f"computed: {known.claim.shown}"
            link["classes"] = [*link.get("classes", []), "claim-link"]


def _forget_seconds(app: Sphinx, exception: Exception | None) -> None:
    """Let the notebooks that readers download be the same from every build."""
    for notebook in (Path(app.outdir) / "_sources").rglob("*.ipynb"):
        notebook.write_text(without_seconds(notebook.read_text("utf-8")), "utf-8")
