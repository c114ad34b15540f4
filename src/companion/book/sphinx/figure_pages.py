"""A figure in a page: the drawing as part of the page, and under it a link to its data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes

from companion.import_graph import digest

FOLDER = "figure-data"
"""Where the pages keep the data of their figures: a file, so that only who asks for it loads it."""


def figure_node(env: Any, svg: str, csv: str) -> nodes.container:
    """Put an SVG into the page that Sphinx is reading, with its data as CSV beside it.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
        Knows the page and where the pages go.
    svg, csv : str
        The drawing, and its data; without data there is no link.
    """
    figure = nodes.container("", nodes.raw("", svg, format="html"), classes=["book-figure"])
    if not csv:
        return figure
    name = f"{Path(env.docname).name}-{digest(csv)[:8]}.csv"
    place = Path(env.app.outdir) / FOLDER / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(csv, "utf-8")
    address = "../" * env.docname.count("/") + f"{FOLDER}/{name}"
    link = f'<p class="figure-data"><a href="{address}" download>Data of this figure (CSV)</a></p>'
    return nodes.container("", figure, nodes.raw("", link, format="html"), classes=["figure-with-data"])
