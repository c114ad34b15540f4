"""The lines that chapter 23 shows, and the package that is said to be them, grown up: they agree where both speak."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from companion.schemas.pii.demo.try_out import verdicts_on
from companion.schemas.pii.verdict import Level, Verdict

CHAPTER = Path(__file__).parents[4] / "chapters" / "23-pii.ipynb"


def lines_of(cell: str) -> dict[str, Any]:
    """Run one cell of the chapter by itself."""
    notebook = nbformat.read(CHAPTER, as_version=4)
    (source,) = [one["source"] for one in notebook.cells if one["id"] == cell]
    names: dict[str, Any] = {"verdicts_on": verdicts_on}
    exec(source, names)
    return names


def test_the_phrase_that_ends_last_decides_on_the_page_and_in_the_package() -> None:
    page = lines_of("pii-n023-idea")
    fields = "\n".join(f"string {name} = {number};" for number, name in enumerate(page["SEVEN"], 1))
    said = verdicts_on(f"message User {{ {fields} }}")
    assert [page["level"](verdict.field.name) for verdict in said] == [verdict.level for verdict in said]
    assert {verdict.level for verdict in said} == {Level.HIGH, Level.LOW, Level.PUBLIC}


def test_a_record_is_somebodys_on_the_page_and_in_the_package(judge: Callable[..., dict[str, Verdict]]) -> None:
    page = lines_of("pii-n047-idea")
    assert page["somebodys"] == {"Account"}
    assert {verdict.message for verdict in page["said"] if verdict.about is not None} == page["somebodys"]
