"""What nbval compares against: text outputs and the description of each figure, no image."""

from __future__ import annotations

import json
from typing import Any

import pytest

from companion.book.execution.store import outdated, store_outputs
from companion.notebooks import BookError, read_notebook


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


def test_what_is_stored_is_what_jupyterlab_would_save(executed: Any, tools: Any) -> None:
    done = json.loads(executed["01-first"].executed.read_text("utf-8"))
    done["cells"][-1]["outputs"] = [
        tools.claim("metres", "4", 4.0),
        tools.shown({"application/json": [1e3, {"a": 0.5}]}),
    ]
    kernel = {"name": "python", "version": "3.12.9", "file_extension": ".py", "codemirror_mode": {"version": 3}}
    done["metadata"]["language_info"] = kernel
    executed["01-first"].executed.write_text(json.dumps(done), "utf-8")
    store_outputs(executed.project, executed["01-first"])
    text = executed["01-first"].source.read_text("utf-8")
    assert text.endswith("}\n") and text.splitlines()[1] == ' "cells": ['
    assert '"value": 4\n' in text and "1000,\n" in text and "0.5\n" in text
    metadata = json.loads(text)["metadata"]
    assert metadata["language_info"] == kernel
    assert metadata["kernelspec"]["display_name"] == "Python 3 (ipykernel)"


def test_storing_on_a_machine_with_another_python_changes_nothing(executed: Any) -> None:
    source, copy = executed["01-first"].source, executed["01-first"].executed
    texts = []
    for version in ("3.11.7", "3.12.9"):
        done = json.loads(copy.read_text("utf-8"))
        done["metadata"]["language_info"] = {"name": "python", "version": version}
        copy.write_text(json.dumps(done), "utf-8")
        store_outputs(executed.project, executed["01-first"])
        texts.append(source.read_text("utf-8"))
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["metadata"]["language_info"]["version"] == "3.11.7"


def test_stored_outputs_are_outdated_when_the_text_differs_and_not_for_its_metadata(executed: Any, tools: Any) -> None:
    chapter = executed["01-first"]

    def found() -> list[int]:
        return outdated(*(read_notebook(path)["cells"] for path in (chapter.source, chapter.executed)))

    assert found() == []  # nothing was stored yet
    store_outputs(executed.project, chapter)
    assert found() == []
    cells = json.loads(chapter.executed.read_text("utf-8"))
    cells["cells"][2]["outputs"][0]["text"] = "text\n"  # the same, in one piece
    cells["cells"][4]["outputs"][0]["metadata"] = {"state": "stale"}
    chapter.executed.write_text(json.dumps(cells), "utf-8")
    assert found() == []
    cells["cells"][2]["outputs"][0]["text"] = "another\n"
    cells["cells"][3]["outputs"][0]["data"]["text/plain"] = "Chart: an ebb."
    cells["cells"][4]["outputs"] = []
    chapter.executed.write_text(json.dumps(cells), "utf-8")
    assert found() == [3, 4, 5]
    source = json.loads(chapter.source.read_text("utf-8"))
    source["cells"][2]["metadata"]["tags"] = ["nbval-ignore-output"]
    chapter.source.write_text(json.dumps(source), "utf-8")
    assert found() == [4, 5]
