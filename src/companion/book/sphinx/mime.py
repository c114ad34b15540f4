"""How the pages show what only this book's notebooks print: claims, measurements, panels, players, figures.

Registered as a MIME renderer of myst-nb (entry point ``myst_nb.mime_renderers``).
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from docutils import nodes

from companion.book.sphinx.claim_pages import claim_node
from companion.book.sphinx.figure_pages import figure_node
from companion.book.sphinx.live.panel_pages import panel_node
from companion.book.sphinx.live.player_pages import player_node
from companion.claims import MIME as CLAIM
from companion.claims import Claim
from companion.measure import MIME as MEASUREMENT
from companion.panel import MIME as PANEL
from companion.player import MIME as PLAYER


class CompanionMimeRenderer:
    """Turn one output of a cell into nodes of the page; None leaves it to myst-nb."""

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = [
        ("*", kind, 1) for kind in (CLAIM, MEASUREMENT, PANEL, PLAYER)
    ]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Render claims as quiet lines with an anchor, measurements as notes, the rest in its place."""
        if inline:
            return None
        if data.mime_type == CLAIM:
            return [claim_node(Claim(**_json(data.content)))]
        if data.mime_type == MEASUREMENT:
            state = data.output_metadata.get(MEASUREMENT, {}).get("state", "recorded")
            return [measurement_node(_json(data.content), state)]
        if data.mime_type == PANEL:
            return [panel_node(_json(data.content))]
        if data.mime_type == PLAYER:
            return [player_node(renderer.renderer.sphinx_env, _json(data.content))]
        if data.mime_type == "image/svg+xml":
            csv = data.output_metadata.get("image/svg+xml", {}).get("csv", "")
            return [figure_node(renderer.renderer.sphinx_env, data.content, csv)]
        return None


def measurement_node(content: dict[str, Any], state: str) -> nodes.Element:
    """One line that says where and when a measurement was taken, and whether it is stale."""
    line = nodes.paragraph(classes=["measurement", f"measurement-{state.replace(' ', '-')}"])
    line += nodes.Text(f"Measured: {content['place']}")
    if state == "stale":
        line += nodes.strong("", " The code has changed since.")
    return line


def _json(content: Any) -> dict[str, Any]:
    loaded = json.loads(content) if isinstance(content, str) else content
    if not isinstance(loaded, dict):
        raise TypeError(f"expected an object, got {loaded!r}")
    return loaded
