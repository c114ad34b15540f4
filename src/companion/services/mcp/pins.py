"""What a tool says of itself, pinned: a model reads it, so whoever changes it changes what the model does.

A server may change a description from one listing to the next, and nothing in the protocol tells the people who have
looked at the first one and found it harmless. So they keep a hash of each, and look at what has changed. Two tools of
one name have one hash together: a second one could otherwise hide behind the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

Change = Literal["new", "changed", "gone"]


def pin(tools: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Give the SHA-256 of each tool as it is listed, by its name.

    Parameters
    ----------
    tools : iterable of mapping
        As in the answer to `tools/list`. All of a tool counts that a model may be shown: its name, title, description,
        schemas, and hints.
    """
    texts: dict[str, str] = {}
    for tool in tools:
        texts[tool["name"]] = texts.get(tool["name"], "") + json.dumps(tool, sort_keys=True)
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def changes(pinned: Mapping[str, str], tools: Iterable[Mapping[str, Any]]) -> dict[str, Change]:
    """Say which tools are not what they were when somebody looked at them."""
    now = pin(tools)
    said: dict[str, Change] = {}
    for name in sorted(pinned.keys() | now.keys()):
        if name not in now:
            said[name] = "gone"
        elif name not in pinned:
            said[name] = "new"
        elif now[name] != pinned[name]:
            said[name] = "changed"
    return said
