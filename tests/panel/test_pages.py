"""What stands in a page: the panel's description, places for answers without what is hidden, and Python to run them."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import threading
import urllib.request
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from docutils import nodes

from companion.book.project import Project
from companion.book.publish.serve import PageHandler
from companion.book.sphinx.live.exercise_pages import _show_exercises as show_exercises
from companion.book.sphinx.live.exercise_pages import place_for
from companion.book.sphinx.live.page_python import archives, modules_wanted, vendor_python
from companion.book.sphinx.live.panel_pages import panel_node, script_json
from companion.exercises.authoring.notebook import exercises_in
from companion.import_graph import PACKAGE
from companion.panel import MIME

MODULE = "companion.simulators.metastable"
CHECK = "assert total == 6, 'no </script>'\n### BEGIN HIDDEN TESTS\nassert total.real == 6\n### END HIDDEN TESTS"


def exercise_cell(role: str, source: str, kind: str = "code", **ours: Any) -> dict[str, Any]:
    graded = {"schema_version": 3, "grade_id": f"18-sum-{role}", "grade": role == "check", "solution": role == "answer",
              "locked": role != "answer", "task": False} | ({"points": 1} if role == "check" else {})  # fmt: skip
    metadata: dict[str, Any] = {"nbgrader": graded, "companion": {"exercise": "sum", "role": role, **ours}}
    if role in ("answer", "check"):
        metadata["tags"] = ["hide-input", "remove-output"][: 1 + (role == "check")]
        metadata["jupyter"] = {"source_hidden": True} | ({"outputs_hidden": True} if role == "check" else {})
    rest: dict[str, Any] = {"outputs": [], "execution_count": 1} if kind == "code" else {}
    return {"cell_type": kind, "id": f"sum-{role}", "metadata": metadata, "source": source, **rest}


def write_notebook(path: Path, **metadata: Any) -> Path:
    shown = {"module": MODULE, "preset": "collapse", "values": {"seed": 11}}
    cells = [
        {"cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]}, "source": "seed = 11", "outputs": []},
        {"cell_type": "code", "id": "q", "metadata": {}, "source": "from companion.claims import claim",
         "outputs": [{"output_type": "display_data", "data": {MIME: shown}, "metadata": {}}]},
        exercise_cell("task", "### Exercise 1: A sum & more\n\nAdd `numbers`.", "markdown"),
        exercise_cell("givens", "numbers = [1, 2, 3]"),
        exercise_cell("answer", "### BEGIN SOLUTION\ntotal = 6\n### END SOLUTION", defines=["total"]),
        exercise_cell("check", CHECK),
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"cells": cells, "metadata": {"companion": metadata}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole), "utf-8")
    return path


def test_a_panel_carries_its_description_and_a_sentence_for_who_has_no_scripts() -> None:
    html = panel_node({"module": MODULE, "preset": "recovers", "values": {"seed": 7}}).children[0].astext()
    assert 'id="panel-metastable"' in html and "<noscript>" in html
    told = json.loads(re.findall(r"<script[^>]*>(.*?)</script>", html, re.S)[0])
    assert (told["preset"], told["values"]) == ("recovers", {"seed": "7"})
    assert len(told["parameters"]) > 30


def test_no_description_ends_its_script_element_early() -> None:
    text = script_json({"help": "</script><b>"})
    assert "</" not in text
    assert json.loads(text) == {"help": "</script><b>"}


def test_a_place_for_an_answer_has_stub_and_givens_and_no_solution_and_no_hidden_test(tmp_path: Path) -> None:
    (exercise,) = exercises_in(write_notebook(tmp_path / "18-tide.ipynb"))
    html = place_for(exercise, "seed = 11")
    assert '<label for="answer-18-sum">Answer it here: Exercise 1: A sum &amp; more</label>' in html
    told = json.loads(re.findall(r"<script[^>]*>(.*?)</script>", html, re.S)[0])
    assert told["givens"] == "seed = 11\nnumbers = [1, 2, 3]"
    assert "NotImplementedError" in told["stub"] and "total = 6" not in told["stub"]
    assert told["check"] == "assert total == 6, 'no </script>'"


class Application:
    """As much of Sphinx as the hook asks for."""

    def __init__(self, path: Path) -> None:
        self.env = self
        self.docname = "chapters/18-tide"
        self.path = path

    def doc2path(self, _: str) -> str:
        """Give the notebook's path."""
        return str(self.path)


@pytest.mark.parametrize("in_page", [True, False])
def test_hidden_tests_leave_every_page_and_places_come_where_the_notebook_wants_them(
    tmp_path: Path, in_page: bool
) -> None:
    path = write_notebook(tmp_path / "18-tide.ipynb", page_exercises=in_page)
    page: Any = nodes.section()
    for cell in json.loads(path.read_text("utf-8"))["cells"][4:]:
        page += nodes.container("", nodes.literal_block(cell["source"], cell["source"]), nb_element="cell_code",
                                cell_metadata=cell["metadata"])  # fmt: skip
    show_exercises(Application(path), page)  # type: ignore[arg-type]
    assert "HIDDEN" not in page.astext() and "assert total == 6" in page.astext()
    assert [part.children[0].tagname for part in page.children] == [
        *(["raw"] if in_page else []),
        *["literal_block"] * 2,
    ]


@pytest.fixture
def book(tmp_path: Path) -> Project:
    """Make a book with one executed chapter."""
    project = Project(tmp_path)
    (tmp_path / "chapters").mkdir()
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: chapters/18-tide\n")
    (tmp_path / "package-lock.json").write_text("{}")
    written = write_notebook(tmp_path / "book" / "chapters" / "18-tide.ipynb", page_exercises=True)
    shutil.copy(written, tmp_path / "chapters")
    return project


def test_pages_get_the_package_and_simpy_under_names_that_change_with_them(book: Project) -> None:
    key = vendor_python(book)
    folder = book.book / "assets" / "vendor" / "python"
    package, simpy = archives(book)["archives"]
    assert key in package
    assert "companion/panel/page.py" in zipfile.ZipFile(folder / package).namelist()
    assert all(name.startswith("simpy/") for name in zipfile.ZipFile(folder / simpy).namelist())
    before = (folder / package).stat().st_mtime_ns
    assert vendor_python(book) == key
    assert (folder / package).stat().st_mtime_ns == before  # nothing changed, nothing is built


def test_a_panels_simulator_and_what_exercises_import_are_wanted(book: Project) -> None:
    assert {MODULE, f"{MODULE}.page", "companion.claims"} <= modules_wanted(book)


def test_a_book_without_panels_and_exercises_has_no_python_to_serve(book: Project) -> None:
    for file in (book.book / "chapters").glob("*.ipynb"):
        file.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert vendor_python(book) == ""
    assert not (book.book / "assets").exists()


def test_scripts_of_the_panel_are_small() -> None:
    own = PACKAGE.parents[1] / "book" / "assets" / "panel"
    assert sum(file.stat().st_size for file in own.iterdir()) < 48_000


@pytest.mark.parametrize(
    ("path", "kept"),
    [("_static/vendor/pyodide/1.0/pyodide.asm.wasm", True), ("_static/vendor/python/companion-1a2b.zip", True),
     ("_static/panel/panel.mjs", False), ("index.html", False)],
)  # fmt: skip
def test_a_browser_may_keep_what_has_its_version_in_its_name(tmp_path: Path, path: str, kept: bool) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_bytes(b"content")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(PageHandler, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/{path}", timeout=10) as answer:
            headers = answer.headers
        server.shutdown()
    assert ("immutable" in headers["Cache-Control"]) == kept
    assert path.rpartition(".")[2] != "wasm" or headers["Content-Type"] == "application/wasm"
