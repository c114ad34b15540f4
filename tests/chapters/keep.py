"""Keeps what nbval executes, so that a chapter need not be executed once more for its page.

``pytest -p tests.chapters.keep --nbval chapters`` runs each notebook as nbval always does. When every cell of a chapter
has given what its notebook stores, the outputs become the chapter's executed copy, as `companion book build` would have
written it; the build then finds nothing to execute. Of a chapter that fails nothing is kept.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from companion.book.execution.execute import FIGURES
from companion.book.execution.fingerprint import chapter_key
from companion.book.execution.ran_with import ask, seed_of, told
from companion.book.execution.worker import write_copy
from companion.book.project import Chapter, Project, find_project
from companion.notebooks import BookError

# As in tests/conftest.py, which is imported later than a plugin: nbval's jsonschema would build a grammar of URIs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from nbval.plugin import IPyNbCell, IPyNbFile  # noqa: E402


@dataclass
class Execution:
    """What has been seen of a chapter so far.

    Attributes
    ----------
    notebook : NotebookNode
        The copy that is to be written.
    done : list of bool
        Whether each of its code cells that has been run gave what is stored.
    """

    project: Project
    chapter: Chapter
    key: str
    notebook: Any
    done: list[bool] = field(default_factory=list)

    @property
    def cells(self) -> list[Any]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    def note(self, item: Any, seconds: float, *, good: bool) -> None:
        """Take over what a cell gave."""
        self.done.append(good)
        cell = self.cells[item.cell_num]
        cell.execution_count = len(self.done)
        cell.outputs = _in_order(copy.deepcopy(item.test_outputs or []))
        for output in cell.outputs:
            if "execution_count" in output:  # nbval lets the kernel count no cell
                output.execution_count = cell.execution_count
        cell.metadata["companion_seconds"] = round(seconds, 3)

    def keep(self, client: Any) -> None:
        """Write the copy, if it is a whole and a good one."""
        if len(self.done) < len(self.cells) or not all(self.done):
            return
        asked = client.execute_interactive(
            "", silent=True, store_history=False, user_expressions={"loaded": ask(self.notebook)}, allow_stdin=False,
            timeout=10, output_hook=lambda message: None,
        )  # fmt: skip
        self.notebook.metadata["language_info"] = client.kernel_info(reply=True, timeout=10)["content"]["language_info"]
        self.project.built.mkdir(parents=True, exist_ok=True)
        target = self.chapter.executed.with_name(f".validated-{self.chapter.name}.ipynb")
        libraries = told(asked["content"].get("user_expressions", {}).get("loaded", {}))
        write_copy(self.notebook, target, key=self.key, libraries=libraries, seed=seed_of(self.notebook.cells))
        target.replace(self.chapter.executed)


EXECUTIONS = pytest.StashKey[Execution | None]()


def begin(file: IPyNbFile) -> Execution | None:
    """Begin to note what a notebook gives; None for one that is no chapter of a book."""
    try:
        project = find_project(Path(file.path).parent)
        chapter = next(one for one in project.chapters() if one.source == Path(file.path))
        return Execution(project, chapter, chapter_key(project, chapter, {}), copy.deepcopy(file.nb))
    except (BookError, StopIteration):
        return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Start a chapter's kernel as the build does, with figures that a page can show."""
    if not isinstance(item, IPyNbCell) or EXECUTIONS in item.parent.stash:
        return (yield)
    item.parent.stash[EXECUTIONS] = begin(item.parent)
    item.parent.skip_compare += ("image/svg+xml",)  # which is stored no more than other images are
    with pytest.MonkeyPatch.context() as patched:
        for name, value in FIGURES.items():
            patched.setenv(name, value)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Note what a cell gives."""
    execution = item.parent.stash.get(EXECUTIONS, None) if isinstance(item, IPyNbCell) else None
    if execution is None:
        return (yield)
    begun, good = time.monotonic(), False
    try:
        result = yield
        good = True
        return result
    finally:
        execution.note(item, time.monotonic() - begun, good=good)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Keep the chapter when its last cell has run, and its kernel still lives."""
    file: Any = item.parent
    execution = file.stash.get(EXECUTIONS, None) if isinstance(item, IPyNbCell) else None
    if execution is not None and (nextitem is None or nextitem.parent is not file):
        execution.keep(file.kernel.kc)
    return (yield)


def _in_order(outputs: list[Any]) -> list[Any]:
    """Put what was printed before what was complained of beside it, as the build does: the two race each other."""
    for place in range(1, len(outputs)):
        if [one.get("name") for one in outputs[place - 1 : place + 1]] == ["stderr", "stdout"]:
            outputs[place - 1 : place + 1] = [outputs[place], outputs[place - 1]]
    return outputs
