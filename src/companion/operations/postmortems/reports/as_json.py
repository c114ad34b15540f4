"""The reports for programs, in the shapes that other tools rely on (`lint.schema.json`, `rules.schema.json`).

A moment is written ``2026-11-03T14:32`` where the document dates its timeline, in the zone that stands beside it; else
as the hours since midnight of the first entry's day: ``14:32``, and ``24:05`` for five past the next midnight.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from companion.operations.postmortems.document import Document
from companion.operations.postmortems.rules.lint import Finding, Report
from companion.operations.postmortems.rules.outcome import Rule

Unread = Sequence[tuple[str, str]]
"""Files that could not be read, each with the reason."""


def as_json(reports: Sequence[Report], unread: Unread = ()) -> str:
    """Give all that was found as JSON, all of it ASCII: control characters in documents reach no terminal."""
    return json.dumps(report(reports, unread), indent=1) + "\n"


def report(reports: Sequence[Report], unread: Unread = ()) -> dict[str, Any]:
    """Give all that was found as plain data."""
    return {
        "findings": [_finding(finding) for each in reports for finding in each.findings],
        "silenced": [
            {**_finding(finding), "reason": finding.reason, "by": finding.by or None}
            for each in reports for finding in each.silenced
        ],
        "sections": [
            {"file": each.document.path, "role": section.role.value, "line": section.line, "heading": section.heading}
            for each in reports for section in each.document.sections
        ],
        "timeline": [entry for each in reports for entry in timeline(each.document)],
        "rules": [
            {"file": each.document.path, "rule": rule, "verdict": outcome.verdict.value, "why": outcome.why}
            for each in reports for rule, outcome in each.outcomes.items()
        ],
        "unread": [{"file": file, "why": why} for file, why in unread],
    }  # fmt: skip


def _finding(finding: Finding) -> dict[str, Any]:
    return {"file": finding.file, "line": finding.line, "rule": finding.rule, "severity": finding.severity.value,
            "message": finding.message, "fix": finding.fix}  # fmt: skip


def timeline(document: Document) -> list[dict[str, Any]]:
    """Give the entries of a timeline as plain data."""
    midnight = first_midnight(document)
    return [
        {"file": document.path, "line": entry.line, "start": moment(entry.start, midnight),
         "end": moment(entry.end, midnight), "zone": entry.zone, "text": entry.text}
        for entry in document.timeline
    ]  # fmt: skip


def first_midnight(document: Document) -> dt.date | None:
    """Give the day of the first entry, if any entry has a date from which it can be told."""
    for entry in document.timeline:
        if entry.date is not None and entry.start is not None:
            try:
                return entry.date - dt.timedelta(days=entry.start // 1440)
            except OverflowError:
                return None
    return None


def moment(minutes: float | None, midnight: dt.date | None) -> str | None:
    """Write a moment down; None stays None, for a time that nobody knows."""
    if minutes is None:
        return None
    seconds = round(minutes * 60)
    if midnight is not None:
        try:
            when = dt.datetime.combine(midnight, dt.time()) + dt.timedelta(seconds=seconds)
        except OverflowError:
            return None
        return when.isoformat(timespec="seconds" if when.second else "minutes")
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    clock = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{clock}:{seconds % 60:02}" if seconds % 60 else clock


def rules_as_json(rules: Iterable[Rule]) -> str:
    """Give the rules with their texts."""
    return json.dumps({"rules": [_rule(rule) for rule in rules]}, indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id, "family": rule.family, "severity": rule.severity.value, "says": rule.says,
        "reason": rule.reason, "bad": rule.bad, "good": rule.good, "fix": rule.fix, "reads_english": rule.words,
        "profile": "final" if rule.final else "draft",
    }  # fmt: skip
