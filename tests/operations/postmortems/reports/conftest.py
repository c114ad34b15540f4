"""Reports made by hand, so that a change of the rules changes no report's test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from companion.operations.postmortems.document import Document, Entry, Lesson, Role, Section
from companion.operations.postmortems.rules.lint import Finding, Report
from companion.operations.postmortems.rules.outcome import MET, Mark, Rule, Severity, cannot_tell, not_met
from companion.operations.postmortems.rules.settings import Profile

DAY = dt.date(2026, 11, 3)
TEXTS = {
    "says": "Says [so](x) {0}.",
    "reason": "For a reason.",
    "bad": "```sh\nbad\n```",
    "good": "good",
    "fix": "Mend it.",
}


def entry(start: float | None, end: float | None = None, date: dt.date | None = None, line: int = 9) -> Entry:
    """Make a moment of a timeline."""
    return Entry(line, "10:00", start, end, date, "UTC", "A deployment begins", False, frozenset())


@pytest.fixture
def document() -> Document:
    """Make a document of two sections and two entries."""
    sections = (
        Section(Role.SUMMARY, "", 1, 0, ()),
        Section(Role.TIMELINE, "Timeline (UTC)", 7, 2, (), "timeline"),
        Section(Role.OTHER, "\x1b[31mSee also", 20, 2, ()),
        Section(Role.TIMELINE, "Later", 30, 3, ()),
    )
    timeline = entry(600, 610.5, DAY, 9), entry(1445, line=10), entry(None, line=11)
    return Document("pm/a b.md", "Nobody could \x1b[31mpay", 3, {}, DAY, "en", sections, timeline,
                    lessons=(Lesson(12, "1", "Look first."),))  # fmt: skip


@pytest.fixture
def rule() -> Callable[..., Rule]:
    """Make rules."""

    def make(name: str = "timeline-gap", **more: Any) -> Rule:
        return Rule(name, more.pop("family", "timeline"), more.pop("severity", Severity.ERROR), **{**TEXTS, **more})

    return make


@pytest.fixture
def found(document: Document) -> Callable[..., Report]:
    """Make a report with findings, each by what differs from the first."""

    def make(*findings: dict[str, Any], silenced: tuple[dict[str, Any], ...] = (), **more: Any) -> Report:
        plain = {"file": document.path, "line": 9, "rule": "timeline-gap", "severity": Severity.ERROR,
                 "message": "39 minutes without a word after line 9.", "fix": "Say what was done."}  # fmt: skip
        kept = [Finding(**{**plain, **each}) for each in silenced]
        outcomes = {"timeline-gap": not_met(Mark(9, "x")), "title": MET, "whys": cannot_tell("there is no chain")}
        return Report(document, Profile.DRAFT, tuple(Finding(**{**plain, **each}) for each in findings), tuple(kept),
                      more.pop("outcomes", outcomes), **more)  # fmt: skip

    return make
