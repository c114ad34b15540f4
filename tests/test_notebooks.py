"""Notebooks are read with suspicion, and written as JupyterLab would write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion.notebooks import BookError, cell_source, find_book, notebook_text, pick_chapters, read_notebook

CELL = {"cell_type": "code", "metadata": {}, "source": "1"}


def stored(path: Path, notebook: Any) -> Path:
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def test_a_notebook_is_read_as_it_is(tmp_path: Path) -> None:
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL, {"source": ["a\n", "b"]}]}
    assert read_notebook(stored(tmp_path / "a.ipynb", whole)) == whole


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a notebook of format 4"),
        ('{"nbformat": 3, "cells": []}', "not a notebook of format 4"),
        ('{"nbformat": 4, "cells": {}}', "not a notebook of format 4"),
        ('{"nbformat": 4, "cells": [{"source": ""}, 3]}', "cell 2 is no cell"),
        ('{"nbformat": 4, "cells": [{"source": 3}]}', "cell 1 is no cell"),
        ('{"nbformat": 4, "cells": [{"source": ["a", 3]}]}', "cell 1 is no cell"),
        ('{"nbformat": 4, "cells": [{"source": "", "metadata": []}]}', "cell 1 is no cell"),
    ],
)
def test_what_is_no_notebook_is_refused_by_file_and_place(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(content)
    with pytest.raises(BookError) as error:
        read_notebook(path)
    assert str(error.value).startswith(f"{path}: ") and said in str(error.value)


def test_a_notebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"a\.ipynb: cannot be read: No such file"):
        read_notebook(tmp_path / "a.ipynb")


def test_a_cells_text_is_one_text_however_it_is_stored() -> None:
    assert cell_source({"source": ["a\n", "b"]}) == cell_source({"source": "a\nb"}) == "a\nb"
    assert cell_source({}) == ""


def test_a_book_is_found_from_within_it_and_nowhere_else(tmp_path: Path) -> None:
    root = tmp_path / "book"
    (root / "chapters" / "deep").mkdir(parents=True)
    (root / "_config.yml").touch()
    assert find_book(root / "chapters" / "deep") == root.resolve()
    with pytest.raises(BookError, match="no book here or above"):
        find_book(tmp_path)


@pytest.mark.parametrize("wanted", ["18", "18-metastable", "metastable"])
def test_a_chapter_is_picked_by_number_name_or_topic_and_once(wanted: str) -> None:
    paths = [Path("02-wire.ipynb"), Path("18-metastable.ipynb")]
    assert pick_chapters(paths, [wanted, "18"]) == [paths[1]]
    assert pick_chapters(paths, []) == paths


def test_a_chapter_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(BookError, match="--only 3: no such chapter; there are 02-wire, 18-metastable"):
        pick_chapters([Path("02-wire.ipynb"), Path("18-metastable.ipynb")], ["3"])


def test_a_stored_notebook_is_as_javascript_would_save_it() -> None:
    text = notebook_text({"b": 100.0, "a": [0.5, 1e300, {"c": "ä"}], "d": True})
    assert text == '{\n "a": [\n  0.5,\n  1e+300,\n  {\n   "c": "ä"\n  }\n ],\n "b": 100,\n "d": true\n}\n'
