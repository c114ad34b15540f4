"""The figure of the XML section: what a client survives."""

from collections.abc import Mapping

from companion.calls.wire.xml.links import WAYS
from companion.figures import Figure, matrix


def figure_survivors(outcomes: Mapping[tuple[str, str], str]) -> Figure:
    """Draw which way to a customer survives which change of the server, as `links.survivors` found it."""
    breaks = {
        way: [change for (change, tried), kind in outcomes.items() if tried == way and not kind.startswith("200")]
        for way in WAYS
    }
    title = f"Links fail when {_named(breaks[WAYS[2]])} changes, a path when {_named(breaks[WAYS[0]])} does"
    kinds = {kind: kind for kind in sorted(set(outcomes.values()), key=lambda kind: (not kind.startswith("200"), kind))}
    return matrix(title, "what changes", "how the client finds a customer", outcomes, kinds)


def _named(changes: list[str]) -> str:
    return " and ".join(changes) or "nothing"
