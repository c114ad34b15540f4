"""All rules, in the order in which a page lists them."""

from __future__ import annotations

from functools import cache

from companion.operations.postmortems.rules import analysis, learning, process, silences, story, timeline
from companion.operations.postmortems.rules.outcome import Rule, Severity, family

FAMILIES = {"story": story, "timeline": timeline, "analysis": analysis, "learning": learning, "process": process,
            "silences": silences}  # fmt: skip
"""The families by name: what a reader is told, when it happened, why, what follows, who took part, what is silenced."""


@cache
def rules() -> tuple[Rule, ...]:
    """List all rules with their texts and checks.

    Raises
    ------
    KeyError
        If a rule has a text and no check; the tests see to it that none has a check and no text.
    """
    return tuple(
        Rule(id=name, family=kind, check=module.CHECKS[name], **{**said, "severity": Severity(said["severity"])})
        for kind, module in FAMILIES.items()
        for name, said in family(kind)["rules"].items()
    )
