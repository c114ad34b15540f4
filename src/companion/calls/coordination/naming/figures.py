"""The figure of naming: which directory has which part of the interface."""

from __future__ import annotations

from collections.abc import Mapping

from companion.figures import Figure, matrix


def figure_lacks(has: Mapping[tuple[str, str], bool]) -> Figure:
    """Draw which directory has which part of the interface; `has` as `names.table` gives it."""
    kinds = list(dict.fromkeys(kind for kind, _ in has))
    parts = list(dict.fromkeys(part for _, part in has))
    whole = [kind for kind in kinds if all(has[kind, part] for part in parts)]
    rare = min(parts, key=lambda part: (sum(has[kind, part] for kind in kinds), parts.index(part)))
    asked = sum(has[kind, rare] for kind in kinds)
    finding = (
        f"Only the {whole[0]} has all of it" if len(whole) == 1 else f"{len(whole)} of {len(kinds)} have all of it"
    )
    title = f"{finding}; {asked} of {len(kinds)} know “{rare}”"
    cells = {key: "has it" if there else "lacks it" for key, there in has.items()}
    return matrix(title, "directory", "part of the interface", cells, {"has it": "+", "lacks it": "−"})
