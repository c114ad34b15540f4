"""The figure counts what it draws."""

from __future__ import annotations

from companion.calls.contracts.bms.figures import figure_slips
from companion.calls.contracts.bms.slips import OTHER, REFUSED, TAKEN


def test_the_title_counts_slips_and_refusals() -> None:
    cells = {("a", "the reader"): REFUSED, ("b", "the reader"): TAKEN, ("b", "the program's data"): OTHER}
    figure = figure_slips(cells)
    assert "Of 2 slips in a map, 1 are refused; 1 go through" in figure.alt
