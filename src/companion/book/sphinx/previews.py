"""What others show of a page when they link to it: a sentence or two, and a picture.

The words are the page's own: its question, if it is a chapter, and the paragraphs after it. A page that says
``html_meta: {description: ...}`` in its front matter is taken at its word.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from companion.book.sphinx.addresses import pages_address, repository

LONGEST = 200
"""Characters: more is cut by whoever shows it."""

PICTURE = "_static/preview.png"
ALT = "From Sockets to Agents: after a short spike, attempts stay high and answers stay at zero"


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("html-page-context", _describe, priority=400)


def _describe(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    written = app.env.metadata.get(page, {}).get("description") or _in_front_matter(doctree)
    context["description"] = written or (description(doctree) if doctree else "") or context["docstitle"]
    address = pages_address(app.config.html_baseurl, repository(app.config))
    if address:
        context["pageurl"] = address + ("" if page == context["root_doc"] else app.builder.get_target_uri(page))
        context["preview"], context["preview_alt"] = address + PICTURE, ALT
    context["pages_address"] = address


def description(page: nodes.document) -> str:
    """Take whole sentences from the beginning of a page, as many as fit.

    Parameters
    ----------
    page
        What Sphinx read.
    """
    told = ""
    for paragraph in page.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section | nodes.container | nodes.document):
            for sentence in re.split(r"(?<=[.?!])\s+", " ".join(paragraph.astext().split())):
                longer = f"{told} {sentence}".strip()
                if told and len(longer) > LONGEST:
                    return told
                if len(longer) > LONGEST:
                    return longer[: LONGEST - 1].rpartition(" ")[0].rstrip(",;:") + "…"
                told = longer
    return told


def _in_front_matter(doctree: nodes.document | None) -> str:
    metas = doctree.findall(nodes.meta) if doctree else []
    return next((str(meta["content"]) for meta in metas if meta.get("name") == "description"), "")
