"""Documents, and parts of documents, that the tests of the reader share."""

from __future__ import annotations

from companion.operations.postmortems.document import Action, Document, Entry, Lesson, Section, Why
from companion.operations.postmortems.reading.read import parse

TITLE = "# Users could not check out for 20 minutes\n\n"


def timeline(body: str, heading: str = "## Timeline", top: str = "Date: 2026-03-14\n\n") -> tuple[Entry, ...]:
    """Read a timeline below a title."""
    return parse(f"{TITLE}{top}{heading}\n\n{body}\n").timeline


def starts(entries: tuple[Entry, ...]) -> list[float | None]:
    return [entry.start for entry in entries]


def clock(text: str) -> float:
    """Give minutes since midnight of `14:32`."""
    hours, minutes = text.split(":")
    return 60.0 * int(hours) + int(minutes)


def actions(body: str, heading: str = "## Action items") -> tuple[Action, ...]:
    return parse(f"{TITLE}Date: 2026-03-14\n\n{heading}\n\n{body}\n").actions


def lessons(body: str, heading: str = "## Lessons learned") -> tuple[Lesson, ...]:
    return parse(f"{TITLE}{heading}\n\n{body}\n").lessons


def whys(body: str, heading: str = "## Five whys") -> tuple[Why, ...]:
    return parse(f"{TITLE}{heading}\n\n{body}\n").whys


def section(document: Document, heading: str) -> Section:
    """Find the only section with this heading."""
    (found,) = [one for one in document.sections if one.heading == heading]
    return found


PARTS = {
    "summary": "The shop takes orders. Checkout failed for 20 minutes because the pool was exhausted.",
    "impact": "2,300 checkouts failed.",
    "timeline": (
        "All times UTC\n\n- 14:32 **Deployment of the order page begins**\n- 14:38 Error rate climbs to 15%\n"
        "- 14:41 An alert pages the on-call engineer\n- 14:52 Resolved: errors are back at baseline"
    ),
    "causes": (
        "1. Why did checkouts fail?\n   -> The servers got no connection.\n2. Why did they get none?\n"
        "   -> The pool was too small for the new page.\n3. Why did no test see that?\n   -> Staging holds a tenth of "
        "the data."
    ),
    "detection": "An alert on the error rate fired after three minutes.",
    "lessons": "1. Every constrained resource needs an alert. (Action 1)\n2. Tests need data of production's size.",
    "actions": (
        "| # | Action | Owner | Due | Priority | Lesson |\n|---|---|---|---|---|---|\n"
        "| 1 | Alert at 75% of the pool | Ines Okafor | 2026-04-01 | High | 1 |\n"
        "| 2 | Load staging every night | Tomasz Wierzba | 2026-04-10 | Medium | 2 |"
    ),
    "communication": "The status page was updated at 14:45 UTC.",
    "glossary": "Pool: the connections to the database that are kept open.",
}
"""A small post mortem, part by part."""

HEADINGS = {
    "summary": ["Summary", "TL;DR", "Executive summary", "Overview", "1. Summary", "**Summary**", "Résumé", "概要"],
    "impact": ["Impact", "Customer impact", "Who was affected", "💥 Impact", "Auswirkungen", "影響範囲"],
    "timeline": [
        "Timeline",
        "**Timeline**",
        "Chronology",
        "Sequence of events",
        "⏰ Timeline",
        "Chronologie",
        "時系列",
        "时间线",
    ],
    "causes": [
        "Root cause",
        "Five whys",
        "Contributing factors",
        "Analysis of causes",
        "Causes racines",
        "Ursachen",
        "根本原因",
    ],
    "detection": ["Detection", "How we found out", "How was it detected?", "Détection", "検知"],
    "lessons": [
        "Lessons learned",
        "Learnt",
        "Takeaways",
        "REX",
        "Leçons apprises",
        "教訓",
        "总结和教训",
        "Opportunities",
    ],
    "actions": ["Action items", "Follow-up", "Remediation", "Next steps", "Plan d'action", "再発防止策", "改进措施"],
    "communication": ["Communication", "What we told customers", "Status page"],
    "glossary": ["Glossary", "Terms", "Glossaire"],
}
"""Headings that name the same part."""


def written(order: list[str], names: dict[str, str] | None = None, level: int = 2) -> str:
    """Write the small post mortem with its parts in this order, under these headings, this deep."""
    names = names or {}
    said = [f"{'#' * level} {names.get(part, HEADINGS[part][0])}\n\n{PARTS[part]}\n" for part in order]
    return f"{'#' * (level - 1)} Users could not check out for 20 minutes\n\nDate: 2026-03-14\n\n" + "\n".join(said)
