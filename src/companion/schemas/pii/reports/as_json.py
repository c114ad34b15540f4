"""The report for programs, in the shape that other tools rely on (`scan.schema.json`).

A later scan takes it as its baseline, and the inventory compares with it.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from companion.schemas.pii.reports.plain import WORST_FIRST, judged, public_about_persons
from companion.schemas.pii.verdict import Level, Scan, Verdict


def as_json(scan: Scan) -> str:
    """Give the whole scan as JSON, all of it ASCII: control characters in comments reach no terminal."""
    return json.dumps(report(scan), indent=1) + "\n"


def report(scan: Scan) -> dict[str, Any]:
    """Give the whole scan as plain data."""
    verdicts = judged(scan)
    return {"fields": [_field(verdict) for verdict in verdicts], "summary": _summary(scan, verdicts)}


def _field(verdict: Verdict) -> dict[str, Any]:
    return {
        "file": verdict.path, "message": verdict.message, "field": verdict.field.name,
        "sensitivity": verdict.level.value, "pii_type": verdict.pii_type, "annotated": verdict.field.mark is not None,
        "reason": verdict.reason, "source": verdict.source, "about_person": verdict.about is not None,
    }  # fmt: skip


def _summary(scan: Scan, verdicts: list[Verdict]) -> dict[str, Any]:
    levels = Counter(verdict.level for verdict in verdicts)
    types = Counter(verdict.pii_type for verdict in verdicts if verdict.pii_type is not None)
    unmarked = [verdict for verdict in verdicts if verdict.field.mark is None]
    return {
        "judged": len(verdicts),
        "by_level": {level.value: levels[level] for level in WORST_FIRST},
        "by_type": {name: types[name] for name in sorted(types)},
        "annotated": len(verdicts) - len(unmarked),
        "public_about_person": len(public_about_persons(verdicts)),
        "unannotated_high": sum(verdict.level is Level.HIGH for verdict in unmarked),
        "ignored": [
            {"file": verdict.path, "line": verdict.field.line, "message": verdict.message, "field": verdict.field.name,
             "reason": verdict.field.ignored}
            for verdict in verdicts if verdict.field.ignored is not None
        ],
        "findings": [
            {"file": finding.path, "line": finding.line, "rule": finding.rule, "sensitivity": finding.level.value,
             "message": finding.message, "fix": finding.fix}
            for finding in scan.findings
        ],
        "problems": [
            {"file": problem.path, "line": problem.line, "message": problem.message, "fatal": problem.fatal}
            for problem in scan.problems
        ],
        "rules_version": scan.rules_version,
    }  # fmt: skip
