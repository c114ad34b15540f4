"""Chapter 28: what stands on the page as code is what the package does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.operations.postmortems import swiss_cheese
from companion.operations.postmortems.reading.read import parse, read

ROOT = Path(__file__).parents[2]
CELLS = {
    cell["id"]: cell["source"] for cell in nbformat.read(ROOT / "chapters" / "28-postmortems.ipynb", 4).cells
}  # fmt: skip
FOLDER = ROOT / "data" / "postmortems"


def lines(cell: str, until: str = "") -> dict[str, Any]:
    """Run a cell of the chapter, up to some words of it, and give what it defines."""
    source = CELLS[f"postmortems-{cell}"]
    found: dict[str, Any] = {}
    exec(source[: source.index(until)] if until else source, found)
    return found


@settings(max_examples=30)
@given(st.lists(st.floats(0.01, 0.9), min_size=1, max_size=6), st.floats(0, 1))
def test_the_share_on_the_page_is_the_packages(holes: list[float], shared: float) -> None:
    assert PAGE["through"](holes, shared) == pytest.approx(swiss_cheese.through(holes, shared))


PAGE = lines("010", "for layers")


def test_silences_end_where_an_entry_does_and_a_night_is_no_negative_time() -> None:
    silent = lines("017", "names =")["silent"]
    told = "- 23:10 - 23:50 looking\n- 23:58 found\n- 00:20 fixed\n"
    assert silent(parse(f"# T\n\n## Timeline\n\n{told}").timeline) == [("23:58", "00:20")]


@pytest.mark.parametrize("name", ["checkout.md", "quotes.md", "rooms.md"])
def test_what_the_page_counts_as_followed_up_are_all_actions_of_the_documents_that_meet_every_rule(name: str) -> None:
    document = read(FOLDER / name)
    assert lines("015", "for name")["followed"](document) == len(document.actions)
