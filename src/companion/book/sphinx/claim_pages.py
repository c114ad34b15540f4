"""Claims as a page shows them: the number in the text, the thin line that it leads to, and the code folded behind it.

``[280 attempts a second](#claim-attempts)`` is an ordinary link in the notebook. Here the target ``claim-attempts``
becomes known to every page, and a link whose text says another number than its claim is a warning, which fails the
build. Over the link stands the value with all its digits, and what other seeds gave.

A cell tagged ``claims`` becomes a ``<details>``: its summary is one line, "= attempts: 280", and the code lies behind.
Without scripts it opens by a click or the Enter key as any other; with them, also when the number in the text is
followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging

from companion.book.check.luck import Spread
from companion.book.check.settings import CLAIMS
from companion.book.project import Project
from companion.book.sphinx.numbers import PLACE, Held, book_claims, book_spread, under_other_seeds
from companion.claims import Claim, agrees

logger = logging.getLogger(__name__)

STYLES, SCRIPT = "claims.css", "claims.js"
"""What the pages load that have something of these kinds."""

_KINDS = {"claim", "claim-link", PLACE}


class Fold(nodes.General, nodes.Element):
    """A ``<details>`` with the code of claims."""


class Said(nodes.General, nodes.TextElement):
    """Its ``<summary>``: the claims, one after the other."""


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.add_node(Fold, html=(_opens("details", CLAIMS), _closes("details")))
    app.add_node(Said, html=(_opens("summary", ""), _closes("summary")))
    app.connect("builder-inited", _read_claims)
    app.connect("doctree-read", _fold_and_compare)
    app.connect("doctree-resolved", _mark_links)
    app.connect("html-page-context", _add_assets)


def claim_node(claim: Claim) -> nodes.paragraph:
    """Make the line of a claim: its name, what the text says, and the value."""
    shown = claim.written if claim.holds else f"{claim.shown} (the text says {claim.written})"
    line = nodes.paragraph(classes=["claim"], ids=[f"claim-{claim.name}"])
    line += nodes.Text(f"{claim.name.replace('-', ' ')}: ")
    line += nodes.strong("", shown)
    short = isinstance(claim.value, float) and abs(claim.value) < 10_000  # over the link stand all digits
    value = f"{claim.value:.5g}" if short else claim.shown
    if claim.holds and value != claim.written:
        line += nodes.Text(f" ({value})")
    return line


def _opens(element: str, kind: str) -> Any:
    return lambda writer, node: writer.body.append(writer.starttag(node, element, "", CLASS=kind))


def _closes(element: str) -> Any:
    return lambda writer, node: writer.body.append(f"</{element}>\n")


def _known(app: Sphinx) -> Mapping[str, Held]:
    known: Mapping[str, Held] = app.env.companion_claims  # type: ignore[attr-defined]
    return known


def _led_to(app: Sphinx, target: str) -> Held | None:
    """Give the claim that a link's target names."""
    return _known(app).get(target.removeprefix("claim-")) if target.startswith("claim-") else None


def _spread(app: Sphinx) -> Mapping[str, Spread]:
    spread: Mapping[str, Spread] = app.env.companion_spread  # type: ignore[attr-defined]
    return spread


def _read_claims(app: Sphinx) -> None:
    project = Project(Path(app.srcdir).parent)
    env: Any = app.env
    env.companion_claims, env.companion_spread = {}, book_spread(project)
    try:
        env.companion_claims = book_claims(project)
    except ValueError as error:
        logger.warning(str(error))


def _fold_and_compare(app: Sphinx, doctree: nodes.document) -> None:
    for line in doctree.findall(nodes.paragraph):
        for target in map(str, line.get("ids", [])):
            if target.startswith("claim-") and "claim" in line.get("classes", []):
                _name_place(app, target)
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") == "cell_code" and CLAIMS in (cell.get("cell_metadata") or {}).get("tags", []):
            _fold(cell)
    met: set[str] = set()
    for link in [*doctree.findall(pending_xref), *doctree.findall(nodes.reference)]:
        known = _led_to(app, str(link.get("reftarget") or link.get("refid", "")))
        if known is None or PLACE in link.get("classes", []):
            continue
        claim = known.claim
        if not agrees(link.astext(), claim.said):
            logger.warning(
                "the text says %r, but claim %r says %s", link.astext(), claim.name, claim.said, location=link
            )
        if claim.name not in met:
            met.add(claim.name)
            _mark_place(app, link, known)


def _mark_place(app: Sphinx, link: nodes.Element, known: Held) -> None:
    """Let other pages lead to the first sentence that uses a claim; its own chapter's goes before any other page's."""
    target = f"said-{known.claim.name}"
    link.parent.replace(link, nodes.inline("", "", link.deepcopy(), ids=[target], classes=["said"]))
    std: Any = app.env.get_domain("std")
    if target not in std.anonlabels or app.env.docname == f"chapters/{known.chapter}":
        _name_place(app, target)


def _name_place(app: Sphinx, target: str) -> None:
    std: Any = app.env.get_domain("std")
    std.anonlabels[target] = (app.env.docname, target)


def _fold(cell: nodes.Element) -> None:
    """Put the lines of a cell's claims into a summary, and its code behind it; other outputs stay in sight."""
    lines = [line for line in cell.findall(nodes.paragraph) if "claim" in line.get("classes", [])]
    code = [part for part in cell.children if _element(part) == "cell_code_source"]
    if not lines or not code:
        return
    said = Said()
    for line in lines:
        said += nodes.inline("", "", *line.children, ids=line["ids"], classes=line["classes"])
        said += nodes.Text(" ")
        bundle = _bundle(line)
        bundle.parent.remove(bundle)
    outputs = [part for part in cell.children if _element(part) == "cell_code_output" and part.children]
    cell.children = []
    cell += [Fold("", said, *code), *outputs]


def _bundle(line: nodes.Element) -> nodes.Element:
    """Give the whole output that a line is one way to show."""
    node: Any = line
    while _element(node) != "mime_bundle":
        node = node.parent
    found: nodes.Element = node
    return found


def _element(node: nodes.Node) -> str:
    return str(node.get("nb_element", "")) if isinstance(node, nodes.Element) else ""


def _mark_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for link in doctree.findall(nodes.reference):
        target = str(link.get("refid") or link.get("refuri", "")).rpartition("#")[2]
        known = _led_to(app, target)
        if known and PLACE not in link.get("classes", []):
            over = under_other_seeds(_spread(app).get(known.claim.name))
            link["reftitle"] = f"computed: {known.claim.shown}" + (f"; {over}" if over else "")
            link["classes"] = [*link.get("classes", []), "claim-link"]


def _add_assets(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Load styles and script on the pages that have a claim or a link to one."""
    if doctree is None or not any(_KINDS & set(node["classes"]) for node in doctree.findall(nodes.Element)):
        return
    assets = Path(app.srcdir) / "assets"
    if (assets / STYLES).is_file():  # a book may do without
        app.add_css_file(STYLES)
    if (assets / SCRIPT).is_file():
        app.add_js_file(SCRIPT, loading_method="defer")
