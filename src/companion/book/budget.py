"""The time budget that a chapter's first cell declares: ``**Time:** run 60 s, read 40 minutes.``"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BUDGET = re.compile(r"\*\*Time:\*\*\s+run\s+(\d+)\s+s,\s+read\s+(\d+)\s+minutes?\.")


@dataclass(frozen=True)
class Budget:
    """What a chapter asks of its reader.

    Attributes
    ----------
    run_s : int
        Seconds that all cells may take together.
    read_min : int
        Minutes to read it.
    """

    run_s: int
    read_min: int

    @property
    def run_class(self) -> str:
        """How long it runs, in words that hold on other machines too."""
        return "seconds" if self.run_s <= 10 else "under a minute" if self.run_s <= 60 else "minutes"


def budget(first_cell_text: str) -> Budget | None:
    """Read the time budget out of a chapter's first cell; None when it declares none.

    Parameters
    ----------
    first_cell_text : str
        The Markdown of the first cell; the budget may stand anywhere in it, and be broken over two lines.
    """
    found = _BUDGET.search(first_cell_text)
    return Budget(int(found[1]), int(found[2])) if found else None
