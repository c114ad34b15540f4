"""A small book to try the pipeline on: a folder like the real one, with chapters made of a few cells."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from typer.testing import CliRunner

from companion.book.cli.commands import app
from companion.book.execution.fingerprint import KEY, chapter_key
from companion.book.execution.worker import Failure, Request
from companion.book.project import Chapter, Project
from companion.claims import MIME as CLAIM
from companion.import_graph import PACKAGE
from companion.notebooks import cell_source, read_notebook

# The real book's extensions but for those that only decorate; each costs a quarter of a second a build.
CONFIG = """\
title: A small book
only_build_toc_files: true
execute: {execute_notebooks: "off"}
html: {use_repository_button: false, use_issues_button: false}
sphinx:
  config:
    language: en
    extensions: [sphinx_comments, myst_nb, jupyter_book, sphinx_external_toc, sphinx_book_theme,
                 companion.book.sphinx.extension]
"""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
    "companion": {"draft": True},  # these chapters have neither a question nor exercises
}


class SmallBook:
    """A book of a few cells in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = Project(root)
        (root / "chapters").mkdir(parents=True)
        (root / "book" / "chapters").mkdir(parents=True)
        (root / "_config.yml").write_text(CONFIG)
        self.page("index", "# A small book\n\nIts first page.\n")
        self._environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._own_package = False

    def page(self, name: str, text: str) -> Path:
        """Write a page of prose."""
        path = self.root / "book" / f"{name}.md"
        path.write_text(text, "utf-8")
        return path

    def chapter(self, name: str, *cells: str | dict[str, Any], parameters: str = "seed = 11") -> Path:
        """Write a chapter: a title, a cell of parameters, and the cells given (a text is code)."""
        whole = [prose(f"# Chapter {name}"), code(parameters, tags=["parameters"])]
        whole += [code(cell) if isinstance(cell, str) else cell for cell in cells]
        path = self.root / "chapters" / f"{name}.ipynb"
        path.write_text(notebook(whole), "utf-8")
        names = sorted(file.stem for file in path.parent.glob("*.ipynb"))
        entries = "".join(f"  - file: chapters/{name}\n" for name in names)
        (self.root / "book" / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{entries}")
        return path

    def __getitem__(self, name: str) -> Chapter:
        return next(chapter for chapter in self.project.chapters() if chapter.name == name)

    def pretend_executed(self, name: str, *outputs: list[dict[str, Any]]) -> Path:
        """Write the executed copy as if the cells after the parameters had given these outputs."""
        chapter = self[name]
        done = json.loads(chapter.source.read_text("utf-8"))
        for number, cell in enumerate(cell for cell in done["cells"] if cell["cell_type"] == "code"):
            cell["execution_count"] = number + 1
            cell["outputs"] = outputs[number - 1] if 0 < number <= len(outputs) else []
        done["metadata"][KEY] = chapter_key(self.project, chapter, {})
        chapter.executed.write_text(json.dumps(done), "utf-8")
        return chapter.executed

    def run_of(self, name: str, parameters: str = "") -> Path:
        """Give the executed copy of a chapter, or the one that was executed with other parameters ("seed-7")."""
        return self.project.runs / f"{name}-{parameters}.ipynb" if parameters else self[name].executed

    def printed(self, name: str, parameters: str = "") -> str:
        """Give what the executed copy of a chapter holds on stdout."""
        cells = json.loads(self.run_of(name, parameters).read_text("utf-8"))["cells"]
        texts = [out["text"] for cell in cells for out in cell.get("outputs", []) if out["output_type"] == "stream"]
        return "".join(text if isinstance(text, str) else "".join(text) for text in texts)

    def html(self, name: str) -> str:
        """Give a rendered page."""
        return (self.project.html / f"{name}.html").read_text("utf-8")

    def own_package(self) -> Path:
        """Copy the package into the book's folder, where commands and kernels then find it; return the copy."""
        copy = self.root / "src" / "companion"
        shutil.copytree(PACKAGE, copy)
        self._own_package = True
        self._environment["PYTHONPATH"] = str(copy.parent)
        return copy

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `companion book ...` in the book's folder."""
        command = [str(Path(sys.executable).with_name("companion")), "book", *words]
        return subprocess.Popen(
            command, cwd=self.root, env=self._environment, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `companion book ...` in the book's folder: in this process, unless the book has a package of its own."""
        if self._own_package:
            process = self.start(*words)
            out, err = process.communicate(timeout=180)
            return subprocess.CompletedProcess(process.args, process.returncode, out, err)
        with contextlib.chdir(self.root), patch.dict(os.environ, self._environment, clear=True):
            done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    def write_pages(self, text: str) -> Path:
        """Write pages as an earlier build might have left them; return the first."""
        page = self.project.html / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(text, "utf-8")
        return page


def code(source: str, tags: list[str] | None = None, outputs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Give a cell of code; one that begins with a claim is folded, as a chapter's are."""
    metadata: dict[str, Any] = {"tags": tags} if tags else {}
    if source.startswith("claim(") and not tags:
        metadata = {"tags": ["claims"], "jupyter": {"source_hidden": True}}
    return {"cell_type": "code", "source": source, "metadata": metadata,
            "execution_count": None, "outputs": outputs or []}  # fmt: skip


def prose(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def notebook(cells: list[dict[str, Any]]) -> str:
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    return json.dumps({"cells": numbered, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5})


def claim_output(name: str, said: str, value: float | str) -> dict[str, Any]:
    """Give the output of a cell that claims."""
    data = {"text/plain": f"{name}: {said}", CLAIM: {"name": name, "said": said, "value": value}}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def shown(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give the output of a cell that displays something."""
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def eventually(true: Callable[[], Any], what: str) -> None:
    """Wait until something has happened; fail, saying what, when it does not."""
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    pytest.fail(f"in a minute it did not happen: {what}")


def git(root: Path, *words: str) -> str:
    """Ask git, as somebody."""
    identity = ["-c", "user.name=tide", "-c", "user.email=tide@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(root), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path, message: str = "more") -> str:
    """Commit all that is there; give the short hash."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)
    return git(root, "log", "-1", "--format=%h")


def run_cells(request: Request, progress: object) -> Failure | None:
    """Execute a chapter as a worker does, a hundred times as fast: in this process, for cells that are ours.

    They have `claim` without importing it, and what they print and claim is kept.
    """
    notebook = read_notebook(Path(request.source))
    outputs: list[dict[str, Any]] = []
    names: dict[str, Any] = {"claim": lambda name, said, value: outputs.append(claim_output(name, str(said), value))}
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] != "code":
            continue
        outputs = []
        try:
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(cell_source(cell), names)
        except Exception as error:  # noqa: BLE001 - whatever a cell raises
            return Failure(f"{type(error).__name__}: {error}", number)
        if printed.getvalue():
            outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": printed.getvalue()})
        cell["outputs"] = outputs
        if "parameters" in cell["metadata"].get("tags", []):
            names |= request.parameters
    notebook["metadata"][KEY] = request.key
    Path(request.target).write_text(json.dumps(notebook), "utf-8")
    return None


class Tools:
    """The helpers above, for tests to reach through a fixture."""

    code, prose = staticmethod(code), staticmethod(prose)
    claim, shown = staticmethod(claim_output), staticmethod(shown)
    eventually, git, commit = staticmethod(eventually), staticmethod(git), staticmethod(commit)


@pytest.fixture
def book(tmp_path: Path) -> SmallBook:
    """Make an empty small book."""
    return SmallBook(tmp_path / "small")


@pytest.fixture(scope="session")
def new_book() -> Callable[[Path], SmallBook]:
    """Give the maker of small books, for fixtures that many tests share."""
    return SmallBook


@pytest.fixture(scope="session")
def tools() -> type[Tools]:
    """Give the helpers that make cells and outputs."""
    return Tools


@pytest.fixture
def without_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let chapters be executed without kernels: where a test is about which are executed, and not about how."""
    for module in ("execute", "spread"):
        monkeypatch.setattr(f"companion.book.execution.{module}.run_worker", run_cells)
