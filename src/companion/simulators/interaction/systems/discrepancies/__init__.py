"""What two systems make of one value: thirty-three conversions, each done for real, with what each system gave.

Every row is bound to versions. `reproduce` does one now; `changed` and `complaint` of what it gives say whether the row
still stands.
"""

from __future__ import annotations

from companion.simulators.interaction.systems.discrepancies import gaps, instants, names, numbers, text
from companion.simulators.interaction.systems.discrepancies.row import BOUND, ROWS, Discrepancy, Reproduction

_MODULES = (gaps, instants, names, numbers, text)
"""Imported for the rows that they enter."""


def reproduce(number: int) -> Reproduction:
    """Do the conversion of one row with what is installed.

    Raises
    ------
    KeyError
        If there is no row of that number.
    """
    return ROWS[number].reproduce()


def reproduce_all() -> list[Reproduction]:
    """Do them all, in the order of their numbers."""
    return [ROWS[number].reproduce() for number in sorted(ROWS)]


__all__ = ["BOUND", "ROWS", "Discrepancy", "Reproduction", "reproduce", "reproduce_all"]
