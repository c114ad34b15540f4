"""The figure of chapter 7's retries: what the callers send, and what each layer gets."""

from __future__ import annotations

from collections.abc import Mapping

from companion.calls.network_tax.retries.layers import Storm
from companion.figures import Figure, bars


def figure_storms(storms: Mapping[str, Storm]) -> Figure:
    """Draw the calls that A, B and the database get for one request."""
    most = max(storms, key=lambda name: storms[name].database)
    return bars(
        f"One request becomes {storms[most].database} database calls with {most}",
        "calls for one request",
        {name: dict(zip(("A", "B", "database"), seen.calls, strict=True)) for name, seen in storms.items()},
    )
