"""Exercises as a page shows them: without their hidden tests, and, where the notebook wants it, with a place to answer.

A notebook whose metadata say ``companion: {page_exercises: true}`` gets an editor above each solution; the answer is
checked in the page's own Python. Without JavaScript the editor is not there, and task, hint and solution are.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from companion.book.sphinx.live.page_python import in_page
from companion.book.sphinx.live.panel_pages import SCRIPTED, script_json
from companion.exercises.authoring.model import Exercise, strip_hidden
from companion.exercises.authoring.notebook import exercises_in, parameters_source
from companion.notebooks import BookError, read_notebook

logger = logging.getLogger(__name__)

_PLACE = """\
<div class="exercise-answer" data-name="{name}" hidden>
<label for="answer-{name}">Answer it here: {title}</label>
<textarea id="answer-{name}" spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off" rows="{rows}"
 aria-describedby="note-{name}"></textarea>
<p class="panel-note" id="note-{name}">The chapter's parameters and the given values are defined. Tab indents, Escape
leaves the editor. What you write stays in this browser. The first check loads Python from this book's own host: 14 MB,
once.</p>
<p class="panel-buttons"></p>
<p class="panel-said" role="status"></p>
<div class="exercise-printed" tabindex="0" role="region" aria-label="What the answer to {title} printed" hidden></div>
<script type="application/json">{content}</script>
</div>"""


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("doctree-read", _show_exercises)


def _show_exercises(app: Sphinx, doctree: nodes.document) -> None:
    cells = {role: _cells(doctree, role) for role in ("answer", "check")}
    for cell in cells["check"].values():
        _leave_out_hidden_tests(cell)
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb" or not in_page(read_notebook(path)["metadata"]):
        return
    parameters = parameters_source(path)
    try:
        exercises = exercises_in(path)
    except BookError as error:
        logger.warning(str(error))
        return
    for exercise in exercises:
        cell = cells["answer"].get(exercise.name)
        if cell is not None and not exercise.needs:  # no page can start a server
            place = nodes.raw("", place_for(exercise, parameters), format="html")
            cell.parent.insert(cell.parent.index(cell), nodes.container("", place, classes=[SCRIPTED]))


def _cells(doctree: nodes.document, role: str) -> dict[str, Any]:
    """Find the cells of one role in the page, by the exercise's name."""
    found = {}
    for node in doctree.findall(nodes.container):
        ours = (node.get("cell_metadata") or {}).get("companion", {})
        if node.get("nb_element") == "cell_code" and isinstance(ours, dict) and ours.get("role") == role:
            found[str(ours.get("exercise"))] = node
    return found


def _leave_out_hidden_tests(cell: nodes.Element) -> None:
    for block in cell.findall(nodes.literal_block):
        text = strip_hidden(block.astext())
        if text != block.astext():
            block.rawsource = text
            block.children = []
            block += nodes.Text(text)


def place_for(exercise: Exercise, parameters: str) -> str:
    """Write the HTML of the place where a reader answers an exercise.

    Parameters
    ----------
    exercise : Exercise
        The exercise.
    parameters : str
        The code of the chapter's cell of parameters, which every exercise may use.
    """
    name = exercise.answer.grade_id.removesuffix("-answer")
    content = {
        "givens": f"{parameters}\n{exercise.givens_source}",
        "stub": exercise.stub,
        "check": strip_hidden(exercise.check.source),
    }
    return _PLACE.format(name=html.escape(name), title=html.escape(exercise.title), content=script_json(content),
                         rows=max(4, exercise.answer.source.count("\n") + 2))  # fmt: skip
