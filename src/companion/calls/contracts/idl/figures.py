"""The figures of the contract languages: what each can say, and how much code a contract becomes."""

from __future__ import annotations

from collections.abc import Mapping

from companion.calls.contracts.idl.table import Verdict
from companion.figures import Figure, bars, matrix

SIGNS = {"says": "+", "refuses": "-", "ignores": "o"}
"""The worst last: of a refusal one knows."""


def said(cells: Mapping[tuple[str, str], Verdict]) -> dict[str, int]:
    """How many of the things each language says."""
    languages = list(dict.fromkeys(language for _, language in cells))
    return {one: sum(cells[key] == "says" for key in cells if key[1] == one) for one in languages}


def figure_table(cells: Mapping[tuple[str, str], Verdict]) -> Figure:
    """Draw what each language says; `cells` as `table` gives them."""
    counts = said(cells)
    rows = {thing for thing, _ in cells}
    most, least = max(counts.values()), min(counts.values())
    first, last = (", ".join(one for one in counts if counts[one] == bound) for bound in (most, least))
    title = f"Of {len(rows)} things a contract may say, {most} in {first} and {least} in {last}"
    return matrix(title, "what a contract may say", "contract language", cells, SIGNS)


def figure_generated(code: Mapping[str, int]) -> Figure:
    """Draw how much code the generators make of one contract; `code` as `generated_bytes` gives it."""
    most, least = max(code, key=code.__getitem__), min(code, key=code.__getitem__)
    title = f"One contract becomes {code[least] / 1000:.0f} kB of code ({least}) to {code[most] / 1000:.0f} kB ({most})"
    groups = {name: {"kB": size / 1000} for name, size in sorted(code.items(), key=lambda one: one[1])}
    return bars(title, "kB of generated code", groups)
