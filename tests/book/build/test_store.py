"""What nbval compares against: text outputs and the description of each figure, no image."""

from __future__ import annotations

import json
from typing import Any

import pytest

from companion.book.build.store import store_outputs
from companion.notebooks import BookError


@pytest.fixture
def executed(book: Any, tools: Any) -> Any:
    """Make a book whose chapter was executed: a print, a figure in each format, a claim."""
    book.chapter("01-first", "print('text')", "figure", "claim('metres', 4, 4.1)")
    image = {"image/svg+xml": "<svg/>", "image/png": "iVBORw0=", "image/jpeg": "/9j/", "text/plain": "Chart: a tide."}
    book.pretend_executed(
        "01-first",
        [{"output_type": "stream", "name": "stdout", "text": ["text\n"]}],
        [tools.shown(image, {"image/png": {"alt": "Chart: a tide."}})],
        [tools.claim("metres", "4", 4.1)],
    )
    return book


def outputs(book: Any) -> list[list[dict[str, Any]]]:
    cells = json.loads(book["01-first"].source.read_text("utf-8"))["cells"]
    return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]


def test_text_is_stored_and_images_are_not(executed: Any, tools: Any) -> None:
    assert store_outputs(executed.project, executed["01-first"]) == 3
    assert outputs(executed) == [
        [],
        [{"output_type": "stream", "name": "stdout", "text": ["text\n"]}],
        [tools.shown({"text/plain": "Chart: a tide."})],
        [tools.claim("metres", "4", 4.1)],
    ]


def test_storing_says_how_many_and_changes_no_key(executed: Any) -> None:
    source = executed["01-first"].source
    counts = [cell.get("execution_count") for cell in json.loads(source.read_text())["cells"]]
    assert set(counts) == {None}
    done = executed.run("store", "--only", "01")
    assert (done.returncode, done.stdout) == (0, "01-first: 3 outputs stored\n")
    counts = [cell.get("execution_count") for cell in json.loads(source.read_text())["cells"]]
    assert counts == [None, 1, 2, 3, 4]
    once = source.read_bytes()
    store_outputs(executed.project, executed["01-first"])  # the copy is still an execution of this notebook
    assert source.read_bytes() == once
    assert [path.name for path in source.parent.iterdir()] == ["01-first.ipynb"]


def test_a_copy_of_something_else_is_not_stored(executed: Any) -> None:
    executed.chapter("01-first", "print('another text')", "figure", "claim('metres', 4, 4.1)")
    before = executed["01-first"].source.read_bytes()
    with pytest.raises(BookError, match=r"is not an execution of 01-first\.ipynb as it stands; execute it first"):
        store_outputs(executed.project, executed["01-first"])
    assert executed["01-first"].source.read_bytes() == before


def test_an_execution_with_other_parameters_is_not_stored(book: Any) -> None:
    book.chapter("01-first", "print(seed)")
    assert book.run("execute", "-p", "seed=7").returncode == 0
    done = book.run("store")
    assert done.returncode == 2
    assert done.stderr.endswith("is not an execution of 01-first.ipynb as it stands; execute it first\n")
    assert outputs(book) == [[], []]
