"""The book's Sphinx extension: what the pages have that jupyter-book alone does not give them.

Each kind of thing has a module: claims and the page Numbers, panels, exercises, the stamp of a chapter. Here they are
connected, and with them what is too small for one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion.book.execution.fingerprint import without_seconds
from companion.book.sphinx import addresses, claim_pages, numbers, part_map, previews, stamp
from companion.book.sphinx.figure_pages import figure_node
from companion.book.sphinx.live import exercise_pages, panel_pages, player_pages
from companion.notebooks import BookError, read_notebook


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("build-finished", _forget_seconds)
    app.connect("doctree-read", _mark_questions)
    app.add_directive("chapter-figure", ChapterFigure)
    claim_pages.setup(app)
    numbers.setup(app)
    panel_pages.setup(app)
    exercise_pages.setup(app)
    stamp.setup(app)
    addresses.setup(app)
    previews.setup(app)
    part_map.setup(app)
    player_pages.setup(app)
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


def _mark_questions(app: Sphinx, doctree: nodes.document) -> None:
    """Tell a question to the reader, or a task, from what is only stressed: it is a whole sentence."""
    for stressed in doctree.findall(nodes.emphasis):
        text = stressed.astext()
        if text.endswith("?") or (text.endswith(".") and text[0].isupper() and len(text.split()) > 3):
            stressed["classes"].append("question")


def _forget_seconds(app: Sphinx, exception: Exception | None) -> None:
    """Let the notebooks that readers download be the same from every build."""
    for notebook in (Path(app.outdir) / "_sources").rglob("*.ipynb"):
        notebook.write_text(without_seconds(notebook.read_text("utf-8")), "utf-8")
