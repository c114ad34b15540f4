"""The moments of a timeline that can be told with certainty, as the rules compare them."""

from __future__ import annotations

from companion.operations.postmortems.document import Document, Entry, Phase, Section

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


def section_of(document: Document, line: int) -> Section | None:
    """Find the section in which a line stands."""
    return max(
        (section for section in document.sections if section.line <= line),
        key=lambda section: section.line,
        default=None,
    )
