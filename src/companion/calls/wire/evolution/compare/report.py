"""A comparison in words, and as JSON."""

from __future__ import annotations

import textwrap
from typing import Any

from companion.calls.wire.evolution.compare.judging import ORDER, Comparison, Finding, worst
from companion.calls.wire.evolution.judge import LETTERS
from companion.cli_output.text import clean, clipped, counted

WORDS = {"E": "breaks", "W": "lies", "L": "loses", "z": "shows 0", "n": "lacks", "=": "copes"}
"""What a field does, in a word."""
SHOWN = 200
"""Findings in the text; the others are counted, and stand in the JSON."""


def as_text(old: str, new: str, comparison: Comparison, columns: int = 84) -> list[str]:
    """Tell it in lines: the worst first."""
    lines = [f"{comparison.format}: {counted(comparison.messages, 'message')} in both files, "
             f"{counted(comparison.fields, 'field')}"]  # fmt: skip
    found = sorted(comparison.findings, key=lambda one: -ORDER.index(worst(one)))
    for finding in found[:SHOWN]:
        lines += _told(finding, columns)
    if len(found) > SHOWN:
        lines.append(f"... and {counted(len(found) - SHOWN, 'more finding')}: --json has them all")
    for what, names in (("only in the old file", comparison.removed), ("only in the new file", comparison.added),
                        ("not tried, for no valid value was found", comparison.untried)):  # fmt: skip
        if names:
            lines += textwrap.wrap(f"{what}: {clean(', '.join(names))}", columns, subsequent_indent="  ")
    letters = {"break": "E", "lie": "W", "lose what was sent": "L", "show 0": "z", "lack": "n"}
    counts = ", ".join(f"{comparison.count(letter)} {word}" for word, letter in letters.items())
    lines += ["", f"Fields that change: {counts}, {comparison.count('=')} cope."]
    return lines


def _told(finding: Finding, columns: int) -> list[str]:
    head = f"{finding.message}.{finding.field}: {finding.change}"
    if worst(finding) == "=":
        return ["", clipped(f"{head}: copes both ways", columns)]
    lines = ["", clipped(head, columns)]
    for way, verdict in (("old writer -> new reader", finding.forward), ("new writer -> old reader", finding.backward)):
        said = f"{way}  {verdict.letter} {WORDS[verdict.letter]}"
        if verdict.letter == "E":
            said += f": {clean(verdict.got)}"
        elif verdict.letter != "=":
            said += f": sent {clean(verdict.sent)}, got {clean(verdict.got)}"
        lines.append(f"  {clipped(said, columns - 2)}")
    advice = textwrap.wrap(clean(finding.advice), columns - 4, initial_indent="  -> ", subsequent_indent="     ")
    return lines + advice


def as_json(old: str, new: str, comparison: Comparison) -> dict[str, Any]:
    """Give it as `evolve.schema.json` describes it."""
    return {
        "old": old,
        "new": new,
        "format": comparison.format,
        "findings": [
            {
                "message": one.message,
                "field": one.field,
                "change": one.change,
                "outcome": WORDS[worst(one)],
                **{
                    way: {"letter": verdict.letter, "meaning": LETTERS[verdict.letter], "sent": verdict.sent,
                          "got": verdict.got}
                    for way, verdict in (("forward", one.forward), ("backward", one.backward))
                },
                "advice": one.advice,
            }
            for one in comparison.findings
        ],
        "removed": comparison.removed,
        "added": comparison.added,
        "untried": comparison.untried,
        "summary": {
            "messages": comparison.messages,
            "fields": comparison.fields,
            "breaks": comparison.count("E"),
            "lies": comparison.count("W"),
            "loses": comparison.count("L", "z", "n"),
        },
    }  # fmt: skip
