"""What others show of a page when they link to it: a sentence or two, and a picture.

The words are the page's own: its question, if it is a chapter, and the paragraphs after it. A page that says
``html_meta: {description: ...}`` in its front matter is taken at its word.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

LONGEST = 200
"""Characters: more is cut by whoever shows it."""

PICTURE = "_static/preview.png"
ALT = "A curve that falls to zero and stays there, beside the title From Sockets to Agents"


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("html-page-context", _describe, priority=400)


def _describe(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    written = app.env.metadata.get(page, {}).get("description") or _in_front_matter(doctree)
    context["description"] = written or (description(doctree) if doctree else "") or context["docstitle"]
    address = pages_address(app.config.html_baseurl, app.config.html_theme_options.get("repository_url", ""))
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


def pages_address(baseurl: str, repository: str) -> str:
    """Give the address that the pages are published under, with a slash at its end; empty when nothing is known.

    Parameters
    ----------
    baseurl
        Sphinx's ``html_baseurl``, which decides.
    repository
        Where the source lives; one at GitHub publishes under its owner's name.
    """
    at_github = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+?)(?:\.git)?/?", repository)
    address = baseurl or (f"https://{at_github[1].lower()}.github.io/{at_github[2]}/" if at_github else "")
    return address and address.rstrip("/") + "/"


def _in_front_matter(doctree: nodes.document | None) -> str:
    metas = doctree.findall(nodes.meta) if doctree else []
    return next((str(meta["content"]) for meta in metas if meta.get("name") == "description"), "")
