"""The book's own documents, and the ways in which a document can fail to come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from companion.services.mcp.minutes.sources import Fetch, fixtures, within_bounds

ROOT = Path(__file__).parents[4]
BOOKS_OWN = fixtures(ROOT / "data" / "minutes")


def with_changes(changes: Mapping[str, bytes | Exception]) -> Fetch:
    """Give the book's documents, but for some; an exception is raised."""

    async def fetch(name: str) -> bytes:
        found = changes.get(name)
        if isinstance(found, Exception):
            raise found
        return await BOOKS_OWN(name) if found is None else found

    return fetch


def bounded(changes: Mapping[str, bytes | Exception] | None = None) -> Callable[[str], Awaitable[bytes]]:
    """Give the same as the server has them."""
    return within_bounds(with_changes(changes or {}))
