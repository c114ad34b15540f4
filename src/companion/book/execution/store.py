"""Store the text outputs of an executed chapter in its source notebook, where nbval compares against them.

Images stay out: their alternative text is stored, and so it is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from companion.book.execution.fingerprint import chapter_key, executed_key
from companion.book.project import Chapter, Project
from companion.files import replace_file
from companion.notebooks import BookError, notebook_text, read_notebook

_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")


def store_outputs(project: Project, chapter: Chapter) -> int:
    """Copy the outputs into the source notebook; return how many there are.

    Raises
    ------
    BookError
        If the executed copy is missing or was made from something else.
    """
    if executed_key(chapter) != chapter_key(project, chapter, {}):
        raise BookError(
            f"{chapter.executed}: is not an execution of {chapter.source.name} as it stands; execute it first"
        )
    source, executed = read_notebook(chapter.source), read_notebook(chapter.executed)
    stored = [
        {**written, "execution_count": done["execution_count"], "outputs": _texts(done)} if _is_code(done) else written
        for written, done in zip(source["cells"], executed["cells"], strict=True)
    ]
    notebook = {**source, "cells": stored, "metadata": _metadata(source["metadata"], executed["metadata"])}
    replace_file(chapter.source, notebook_text(notebook))
    return sum(len(cell["outputs"]) for cell in stored if _is_code(cell))


def outdated(source: Sequence[dict[str, Any]], executed: Sequence[dict[str, Any]]) -> list[int]:
    """List the cells (from 1) whose stored outputs are not what the executed ones gave, as nbval compares them.

    A notebook whose outputs were never stored has none; nor has a cell that nbval does not compare.
    """
    if not any(cell.get("execution_count") for cell in source):
        return []
    return [
        number
        for number, (written, done) in enumerate(zip(source, executed, strict=True), start=1)
        if _is_code(written)
        and "nbval-ignore-output" not in written.get("metadata", {}).get("tags", [])
        and _compared(written["outputs"]) != _compared(_texts(done))
    ]


def _is_code(cell: dict[str, Any]) -> bool:
    return bool(cell["cell_type"] == "code")


def _texts(cell: dict[str, Any]) -> list[dict[str, Any]]:
    return [_without_images(output) for output in cell["outputs"]]


def _compared(outputs: Sequence[dict[str, Any]]) -> list[Any]:
    """Give what is compared of outputs: no metadata, no count, and each text in one piece."""
    told = [[output.get("name"), output.get("text"), output.get("data")] for output in outputs]
    return [[name, _joined(text), {k: _joined(v) for k, v in (data or {}).items()}] for name, text, data in told]


def _joined(text: Any) -> Any:
    return "".join(text) if isinstance(text, list) and all(isinstance(line, str) for line in text) else text


def _metadata(source: dict[str, Any], executed: dict[str, Any]) -> dict[str, Any]:
    """Give the notebook's metadata with what an editor would add to them when it meets the kernel.

    The version of Python stays the one of the first time: it is not the same for everyone, and says nothing here.
    """
    kernel, language = source.get("kernelspec", {}), source.get("language_info", {})
    found = executed.get("language_info", {})
    if kernel.get("name") == "python3":
        kernel = {**kernel, "display_name": "Python 3 (ipykernel)"}
    version = {"version": language["version"]} if "version" in language else {}
    return {**source, "kernelspec": kernel, "language_info": {**language, **found, **version}}


def _without_images(output: dict[str, Any]) -> dict[str, Any]:
    if "data" not in output:
        return output
    kept = {kind: data for kind, data in output["data"].items() if kind not in _IMAGES}
    metadata = {kind: data for kind, data in output.get("metadata", {}).items() if kind not in _IMAGES}
    return {**output, "data": kept, "metadata": metadata}
