"""The panel of a simulator as a part of a page, and the scripts of the pages that have one.

The panel's HTML carries the description of the simulator as JSON; a script makes controls of it when the reader asks.
Without JavaScript it is one sentence. A page without a panel loads nothing of this.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from companion.book.project import Project
from companion.book.sphinx.live.page_python import archives
from companion.import_graph import digest
from companion.panel.offer import as_text, described, offered

SCRIPTED = "companion-live"
"""The class of a node that needs the scripts."""

_PANEL = """\
<section class="sim-panel" id="panel-{name}" aria-labelledby="panel-{name}-title">
<h3 class="panel-title" id="panel-{name}-title">Your own run: {name}</h3>
<noscript><p>With JavaScript this simulation could be run here, with settings of your own. The figures of this page
show it at the book's settings.</p></noscript>
<p class="panel-start" hidden><button type="button" class="panel-open">Run this simulation here</button>
<span class="panel-note">Loads Python into this page from this book's own host, 14 MB, once; then every change runs
at once.</span></p>
<script type="application/json" class="panel-description">{description}</script>
</section>"""


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("html-page-context", _add_scripts)


def panel_node(content: dict[str, Any]) -> nodes.Element:
    """Make the node of a panel from what the notebook's cell displayed."""
    offer = offered(content["module"])
    values = {name: as_text(value) for name, value in content["values"].items()}
    description = {**described(offer), "preset": content["preset"], "values": values}
    body = _PANEL.format(name=html.escape(offer.page.COMMAND), description=script_json(description))
    return nodes.container("", nodes.raw("", body, format="html"), classes=[SCRIPTED])


def script_json(content: dict[str, Any]) -> str:
    """Write JSON that may stand inside a script element, which ends at the first ``</``."""
    return json.dumps(content, separators=(",", ":")).replace("</", "<\\/")


def _add_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if doctree is None or not any(SCRIPTED in node["classes"] for node in doctree.findall(nodes.container)):
        return
    own = Path(app.srcdir) / "assets" / "panel"
    version = digest(*sorted(file for file in own.glob("*") if file.is_file()))[:8]
    where = context["pathto"]
    served = json.dumps(_served(Project(Path(app.srcdir).parent)))
    context["metatags"] = (
        context.get("metatags", "")
        + f'\n<script type="application/json" id="companion-runtime">{served}</script>'
        + f'\n<script type="module" src="{where("_static/panel/panel.mjs", resource=True)}?v={version}"></script>\n'
    )


def _served(project: Project) -> dict[str, Any]:
    """Say what the page's worker loads, relative to the folder ``vendor``."""
    vendor = project.book / "assets" / "vendor"

    def found(pattern: str) -> str:
        return next((file.relative_to(vendor).as_posix() for file in vendor.glob(pattern)), "")

    return {
        "pyodide": found("pyodide/*/pyodide.mjs"),
        "archives": [f"python/{name}" for name in archives(project).get("archives", [])],
        "plot": [found("plot/d3-*.js"), found("plot/plot-*.js")],
    }
