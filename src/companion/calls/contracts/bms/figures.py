"""The figure of slips in a map: which of them anybody notices."""

from __future__ import annotations

from collections.abc import Mapping

from companion.calls.contracts.bms.slips import OTHER, REFUSED, SAME, TAKEN
from companion.figures import Figure, matrix

SIGNS = {SAME: "=", REFUSED: "!", TAKEN: "ok", OTHER: "x"}


def figure_slips(cells: Mapping[tuple[str, str], str]) -> Figure:
    """Draw for each slip whether the reader refuses it, and whether it changes input or data."""
    slips = {slip for slip, _ in cells}
    refused = sum(kind == REFUSED for kind in cells.values())
    title = f"Of {len(slips)} slips in a map, {refused} are refused; {len(slips) - refused} go through"
    return matrix(title, "the slip", "what becomes of it", cells, SIGNS)


__all__ = ["SIGNS", "figure_slips"]
