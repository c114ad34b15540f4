"""The moments of a timeline that can be told with certainty, as the rules compare them."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from companion.operations.postmortems.document import Document, Entry, Phase

ABOUT = ("~", "≈", "about", "around", "approx", "circa", "ca.")


def timed(document: Document) -> tuple[Entry, ...]:
    """List the entries with a time, in the order of their times."""
    return tuple(
        sorted((entry for entry in document.timeline if entry.start is not None), key=lambda entry: entry.start or 0.0)
    )


def rounded(entry: Entry) -> bool:
    """Tell whether the writer says that a time is not exact."""
    return entry.clock.lower().lstrip("[(").startswith(ABOUT)


def telling(document: Document, *phases: Phase) -> tuple[Entry, ...]:
    """List the entries with a time that tell of one of these phases, the earliest first."""
    return tuple(entry for entry in timed(document) if entry.phases.intersection(phases))


def section_at(lines: Sequence[int], line: int) -> int:
    """Tell on which of these lines the section begins in which a line stands; 0 before the first."""
    place = bisect.bisect_right(lines, line)
    return lines[place - 1] if place else 0
