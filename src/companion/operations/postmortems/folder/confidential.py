"""What of a post mortem may be shown beside others."""

from __future__ import annotations

from companion.operations.postmortems.document import Document


def is_restricted(document: Document, line: int) -> bool:
    """Tell whether a line must not leave its file."""
    return any(first <= line <= last for first, last in document.restricted)
