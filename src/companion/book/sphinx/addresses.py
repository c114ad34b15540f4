"""Where the book's source lives and its pages are published: one setting, ``repository_url``, and what follows from it.

Empty, no page shows anything of it. Set, pages link to their source, offer to edit it, launch chapters elsewhere, and
know their own address, which previews need.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

BUTTONS = {
    "use_repository_button": True,
    "use_source_button": True,
    "use_edit_page_button": True,
    "launch_buttons": {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"},
}
"""What the theme shows once there is a repository; Binder takes environment.yml."""


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("config-inited", _show_buttons)
    app.connect("html-page-context", _find_source, priority=400)


def repository(config: Config) -> str:
    """Give the repository's address; empty when none is set."""
    return str(config.html_theme_options.get("repository_url") or "").rstrip("/")


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


def _show_buttons(app: Sphinx, config: Config) -> None:
    if repository(config):
        config.html_theme_options.update({"repository_branch": "main", **BUTTONS})


def _find_source(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    # chapters are rendered from their executed copies; what one edits are the notebooks in the folder of that name
    context["doc_path"] = "" if page.startswith("chapters/") else "book"
