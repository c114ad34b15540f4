"""Store the text outputs of an executed chapter in its source notebook, where nbval compares against them.

Images stay out: their alternative text is stored, and so it is compared.
"""

from __future__ import annotations

import json
from typing import Any

from companion.book.build.fingerprint import chapter_key, executed_key
from companion.book.project import Chapter, Project
from companion.files import replace_file
from companion.notebooks import BookError, read_notebook

_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")


def store_outputs(project: Project, chapter: Chapter) -> int:
    """Copy the outputs into the source notebook; return how many there are.

    Raises
    ------
    BookError
        If the executed copy is missing or was made from something else, or with other parameters.
    """
    if executed_key(chapter) != chapter_key(project, chapter, {}):
        raise BookError(
            f"{chapter.executed}: is not an execution of {chapter.source.name} as it stands; execute it first"
        )
    source, executed = read_notebook(chapter.source), read_notebook(chapter.executed)
    stored, count = [], 0
    for written, done in zip(source["cells"], executed["cells"], strict=True):
        cell: dict[str, Any] = {**written, "metadata": dict(written.get("metadata", {}))}
        if cell["cell_type"] == "code":
            cell["execution_count"] = done["execution_count"]
            cell["outputs"] = [_without_images(output) for output in done["outputs"]]
            count += len(cell["outputs"])
        stored.append(cell)
    notebook = {**source, "cells": stored}
    replace_file(chapter.source, json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return count


def _without_images(output: dict[str, Any]) -> dict[str, Any]:
    if "data" not in output:
        return output
    kept = {kind: data for kind, data in output["data"].items() if kind not in _IMAGES}
    metadata = {kind: data for kind, data in output.get("metadata", {}).items() if kind not in _IMAGES}
    return {**output, "data": kept, "metadata": metadata}
