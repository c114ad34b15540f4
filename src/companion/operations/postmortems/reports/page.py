"""The rules as a page of Markdown: book/postmortem-rules.md is one, and a team may want one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from companion.operations.postmortems.reports.sarif import fenced
from companion.operations.postmortems.rules.outcome import Rule

FAMILIES = {
    "story": "What a reader is told",
    "timeline": "When it happened",
    "analysis": "Why it happened, and how it was met",
    "learning": "What follows from it",
    "process": "Who took part, and who was told",
    "silences": "What a file turns off",
}
"""The families, as the page heads them."""

OPENING = """\
# What a post mortem is held against

<!-- written by `companion postmortem rules --markdown book/postmortem-rules.md` -->

These are the rules of `companion postmortem lint`. Each says one of three things of a document: met, not met, or \
that it cannot tell, because what it would judge is not there or was not recognised. A rule that reads English cannot \
tell in a document of another language. Each can be turned off, or down to a warning, with a reason, in a document or \
by a team for all of its documents.
"""


def as_page(rules: Sequence[Rule]) -> str:
    """List rules with their reasons and examples, family by family."""
    parts = [OPENING]
    for family, title in FAMILIES.items():
        own = [rule for rule in rules if rule.family == family]
        if own:
            parts += [f"## {title}\n", *map(_rule, own)]
    return "\n".join(parts)


def _rule(rule: Rule) -> str:
    asked = [f"A finding is {_article(rule.severity.value)}", "unless it says otherwise."]
    asked += ["It is asked of final versions only (`--profile final`)."] if rule.final else []
    asked += [] if rule.words else ["It reads structure, in any language."]
    lines = [f"### {rule.id}", rule.says.strip(), rule.reason.strip(), "Bad:", fenced(rule.bad), "Good:",
             fenced(rule.good), f"To mend it: {rule.fix.strip()}", " ".join(asked)]  # fmt: skip
    return "\n\n".join(lines) + "\n"


def _article(severity: str) -> str:
    return f"an {severity}" if severity == "error" else f"a {severity}"
