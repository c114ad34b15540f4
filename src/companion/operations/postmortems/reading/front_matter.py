"""What stands above a document: YAML between ``---``, TOML between ``+++``, or nothing.

It is data of strangers: scalars and lists of them are kept as text, and what cannot be read counts as nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import yaml

LARGEST = 20_000
"""Characters of front matter, of which no more are read."""

BRACKETS = 1_000
"""As many open ones make the parser of YAML slow; front matter has a few."""

_FENCES = {"---": re.compile(r"^(?:---|\.\.\.)\s*$", re.M), "+++": re.compile(r"^\+\+\+\s*$", re.M)}


def split(text: str) -> tuple[dict[str, Any], dict[str, int], str]:
    """Part the front matter from the document.

    Returns
    -------
    values : dict
        What it says, keys in lower case.
    lines : dict
        The line of each key.
    rest : str
        The document with the front matter's lines left blank, so that line numbers stay what they are.
    """
    fence = text[:3]
    first = text.split("\n", 1)[0].strip()
    if first not in _FENCES or fence != first or "\n" not in text:
        return {}, {}, text
    begin = text.index("\n") + 1
    end = _FENCES[first].search(text, begin)
    if end is None or end.start() - begin > LARGEST:
        return {}, {}, text
    body = text[begin : end.start()]
    if first == "---" and not _looks_like_yaml(body):
        return {}, {}, text
    lines = {found[1].lower(): number for number, line in enumerate(body.split("\n"), start=2)
             if (found := re.match(r"[\"']?([\w .-]{1,60}?)[\"']?\s{0,4}[:=]", line))}  # fmt: skip
    return _read(body, first), lines, "\n" * text.count("\n", 0, end.end()) + text[end.end() :]


def _looks_like_yaml(body: str) -> bool:
    """Tell front matter from a paragraph between two rules."""
    said = [line for line in body.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    return all(re.match(r"\s|[-\]}]|[\"']?[\w .-]{1,60}[\"']?\s?:(?:\s|$)", line) for line in said)


def _read(body: str, fence: str) -> dict[str, Any]:
    if fence == "---" and body.count("[") + body.count("{") > BRACKETS:
        return {}
    try:
        read = tomllib.loads(body) if fence == "+++" else yaml.load(body, _Plain)
    except (yaml.YAMLError, ValueError, RecursionError, AttributeError, LookupError, TypeError):
        return {}  # a value that is not of the type that its tag names raises whatever it meets first
    return {str(key).lower(): value for key, value in read.items()} if isinstance(read, Mapping) else {}


class _Plain(yaml.SafeLoader):
    """Read YAML without anchors, which can make a little text enormous."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("anchors are not read")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def as_text(value: Any, depth: int = 3) -> str:
    """Write a value of the front matter as a line; what is nested deeper than `depth` is left out."""
    if isinstance(value, list | tuple | Mapping) and not depth:
        return "..."
    if isinstance(value, list | tuple):
        return ", ".join(as_text(item, depth - 1) for item in value[:50])
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {as_text(item, depth - 1)}" for key, item in list(value.items())[:50])
    return "" if value is None else str(value)
