"""How PostgreSQL means to answer: which index it takes, if any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg import Connection

Parameters = Mapping[str, Any] | Sequence[Any] | None


def plan(connection: Connection[Any], statement: str, parameters: Parameters = None) -> dict[str, Any]:
    """Give the plan of a statement as PostgreSQL describes it; it is not run."""
    (row,) = connection.execute(f"explain (format json) {statement}".encode(), parameters).fetchall()
    found: dict[str, Any] = row[0][0]["Plan"]
    return found


def indexes_used(connection: Connection[Any], statement: str, parameters: Parameters = None) -> list[str]:
    """List the indexes that a statement's plan reads, sorted; none means that it looks at the whole table."""
    return sorted(
        {node["Index Name"] for node in _nodes(plan(connection, statement, parameters)) if "Index Name" in node}
    )


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", []):
        yield from _nodes(inner)
