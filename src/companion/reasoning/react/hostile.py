"""Three hundred hostile expressions, in eight families; none of them may be computed."""

from __future__ import annotations

import json
from importlib.resources import files


def hostile() -> dict[str, list[str]]:
    """Give the expressions of each family."""
    read: dict[str, list[str]] = json.loads((files(__package__) / "hostile.json").read_text("ascii"))
    return read
