"""A recorded run that moves, as a part of a page: its words and controls as HTML, its traces as files beside the page.

Without JavaScript the run is told in words. The first trace is loaded with the player, the others when asked for.
"""

from __future__ import annotations

import html
import json
from collections import Counter
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion.book.sphinx.live.panel_pages import script_json
from companion.import_graph import digest
from companion.notebooks import BookError, read_notebook
from companion.player import MIME

FOLDER = "traces"
"""Where the pages keep the traces."""

PLAYED = "companion-player"
"""The class of a node that needs the player."""

SPEEDS = (0.25, 0.5, 1, 2, 4)
"""Times as fast as the cell asked for."""

STEP = 0.05
"""Seconds of watching that one move of the time slider goes on."""

_PLAYER = """\
<section class="player player-{scene}" id="{id}" aria-label="{title}">
<p class="player-title">{title}</p>
<div class="player-runs" role="group" aria-label="Recorded runs">{buttons}</div>
<div class="player-stage" role="img" aria-label="{alt}"></div>
<p class="player-said" role="status"></p>
<div class="player-bar">
<button type="button" class="player-go" disabled>Play</button>
<button type="button" class="player-back" aria-label="Step back" disabled>&#8249;</button>
<button type="button" class="player-on" aria-label="Step on" disabled>&#8250;</button>
<input type="range" class="player-time" aria-label="Time"
 min="{start}" max="{end}" step="{step:g}" value="{start}" disabled>
<output class="player-now">{start} {unit}</output>
<label class="player-speed"><span>Speed</span> <select aria-label="Speed" disabled>{speeds}</select></label>
</div>
<p><button type="button" class="player-own" hidden>Change its settings</button></p>
<details class="player-words"><summary>In words</summary>
{words}
</details>
<script type="application/json" class="player-description">{description}</script>
</section>"""


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.add_directive("chapter-player", ChapterPlayer)
    app.connect("html-page-context", _add_script)


def player_node(env: Any, content: dict[str, Any]) -> nodes.Element:
    """Make the node of a player from what the notebook's cell displayed, and write its traces beside the pages.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
        Knows the page and where the pages go.
    content
        What `companion.player.play` displayed.
    """
    traces = content["traces"]
    up = "../" * env.docname.count("/")
    described = [{**_without_data(trace), "file": up + _written(env, content["scene"], trace)} for trace in traces]
    about = {"scene": content["scene"], "unit": content["unit"], "traces": described}
    buttons = "".join(
        f'<button type="button" class="player-run" aria-pressed="{str(not place).lower()}" disabled>'
        f"{html.escape(trace['name'])}</button>"
        for place, trace in enumerate(traces if len(traces) > 1 else [])
    )
    speeds = "".join(
        f'<option value="{times * content["speed"]:g}"{" selected" if times == 1 else ""}>{times:g}&#215;</option>'
        for times in SPEEDS
    )
    body = _PLAYER.format(
        id=_id(env, content["scene"]),
        scene=html.escape(content["scene"]),
        title=html.escape(content["title"]),
        alt=html.escape(content["alt"], quote=True),
        buttons=buttons,
        start=traces[0]["start"],
        end=traces[0]["end"],
        unit=html.escape(content["unit"]),
        step=STEP * content["speed"],
        speeds=speeds,
        words="\n".join(_in_words(trace, content["unit"]) for trace in traces),
        description=script_json(about),
    )
    return nodes.container("", nodes.raw("", body, format="html"), classes=[PLAYED])


def _id(env: Any, scene: str) -> str:
    # A page may play one scene several times: the second and later ones have a number.
    before: Counter[str] = env.temp_data.setdefault(PLAYED, Counter())
    before[scene] += 1
    return f"player-{scene}" if before[scene] == 1 else f"player-{scene}-{before[scene]}"


def _in_words(trace: dict[str, Any], unit: str) -> str:
    steps = "".join(f"<li>{time:g} {html.escape(unit)}: {html.escape(words)}</li>" for time, words in trace["steps"])
    return f"<p>{html.escape(trace['name'])}</p><ul>{steps}</ul>"


def _without_data(trace: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in trace.items() if key != "data"}


def _written(env: Any, scene: str, trace: dict[str, Any]) -> str:
    text = json.dumps(trace["data"], separators=(",", ":"))
    name = f"{FOLDER}/{scene}-{digest(text)[:8]}.json"
    place = Path(env.app.outdir) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")
    return name


class ChapterPlayer(SphinxDirective):
    """Show the recorded runs of an executed chapter on another page: ``{chapter-player} 18-metastable``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Take the player with the most runs out of the executed notebook."""
        path = Path(self.env.srcdir) / "chapters" / f"{self.arguments[0]}.ipynb"
        self.env.note_dependency(str(path))
        try:
            outputs = [output for cell in read_notebook(path)["cells"] for output in cell.get("outputs", [])]
            players = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
            content = max(players, key=lambda player: len(player["traces"]))
        except (BookError, ValueError):
            reporter = self.state.document.reporter
            return [reporter.warning(f"no recorded run in chapter {self.arguments[0]}", line=self.lineno)]
        return [player_node(self.env, content)]


def _add_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is None or not any(PLAYED in node["classes"] for node in doctree.findall(nodes.container)):
        return
    version = digest(*sorted((Path(app.srcdir) / "assets" / "player").glob("*.mjs")))[:8]
    address = context["pathto"]("_static/player/player.mjs", resource=True)
    context["metatags"] = (
        context.get("metatags", "") + f'\n<script type="module" src="{address}?v={version}"></script>\n'
    )
