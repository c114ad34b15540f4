"""The report as SARIF 2.1.0, which code hosts and editors show beside the line of the schema.

Where a line number moves, `partialFingerprints` know the field and the verdict. What was accepted, in the schema or in
the baseline, is left out and counted: code hosts that do not know suppressions would open an alert for each. On request
it stays, as a result with a suppression.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import metadata
from typing import Any

from companion.cli_output.sarif import MOST, SCHEMA, fingerprint, message, uri
from companion.schemas.pii.reports.baseline import Baseline
from companion.schemas.pii.reports.plain import clean, counted, field_name, judged, judged_nothing
from companion.schemas.pii.verdict import Finding, Level, Scan, Verdict
from companion.schemas.protobuf.model import Problem

LEVELS = {Level.HIGH: "error", Level.MEDIUM: "warning", Level.LOW: "note", Level.PUBLIC: "none"}


def as_sarif(
    scan: Scan, baseline: Baseline | None = None, *, at_least: Level = Level.MEDIUM, accepted: bool = False
) -> str:
    """Give the fields without a mark, and the findings, as a SARIF log.

    Parameters
    ----------
    scan
        What was found.
    baseline
        What was accepted earlier.
    at_least
        The lowest level to list; LOW fields are notes, PUBLIC ones never listed.
    accepted
        Whether to keep what was accepted, each result with its suppression.
    """
    fields = [verdict for verdict in judged(scan) if verdict.field.mark is None and _listed(verdict.level, at_least)]
    findings = [finding for finding in scan.findings if _listed(finding.level, at_least)]
    packages = {schema.path: schema.package for schema in scan.schemas}
    results = [_field_result(verdict, packages.get(verdict.path, ""), baseline) for verdict in fields]
    results += [_finding_result(finding, baseline) for finding in findings]
    settled = 0 if accepted else sum(bool(result["suppressions"]) for result in results)
    results = [result for result in results if accepted or not result["suppressions"]]
    # what is new and the worst of it stay when some must go
    results.sort(key=lambda result: (bool(result["suppressions"]), list(LEVELS.values()).index(result["level"])))
    told = {result["ruleId"] for result in results}
    rules = {rule: says for rule, says in (_field_rules(fields) | _finding_rules(findings)).items() if rule in told}
    numbers = {rule: number for number, rule in enumerate(rules)}
    for result in results:
        result["ruleIndex"] = numbers[result["ruleId"]]
    driver = {"name": "companion pii scan", "version": metadata.version("companion"), "rules": list(rules.values()),
              "properties": {"rulesVersion": scan.rules_version}}  # fmt: skip
    run = {"tool": {"driver": driver}, "invocations": [_invocation(scan, len(results) - MOST, settled)],
           "results": results[:MOST]}  # fmt: skip
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _listed(level: Level, at_least: Level) -> bool:
    return level.rank >= max(at_least.rank, Level.LOW.rank)


def _field_rules(fields: Iterable[Verdict]) -> dict[str, Any]:
    """Make one rule per type: whoever silences a rule silences a kind of data, not a line."""
    help_text = (
        "Write down that the field is personal data, so that whatever logs, shows or stores it can act on that: "
        "`companion pii annotate` adds the mark. If the verdict is wrong, say why in the field's comment "
        "(`pii:ignore` and the reason), or accept it in the baseline."
    )
    return {
        rule: {"id": rule, "shortDescription": {"text": f"Personal data without a mark: {message(rule[4:])}"},
               "help": {"text": help_text, "markdown": help_text}, "properties": {"tags": ["privacy"]}}
        for rule in sorted(set(map(_field_rule, fields)))
    }  # fmt: skip


def _finding_rules(findings: Iterable[Finding]) -> dict[str, Any]:
    return {
        rule: {"id": rule, "shortDescription": {"text": f"Interface: {message(finding.rule)}"},
               "help": {"text": clean(finding.fix)}, "properties": {"tags": ["privacy"]}}
        for rule, finding in sorted({_finding_rule(finding): finding for finding in findings}.items())
    }  # fmt: skip


def _field_rule(verdict: Verdict) -> str:
    return f"pii/{clean(verdict.pii_type or 'UNTYPED')}"


def _finding_rule(finding: Finding) -> str:
    return f"interface/{clean(finding.rule)}"


def _field_result(verdict: Verdict, package: str, baseline: Baseline | None) -> dict[str, Any]:
    kind = verdict.pii_type or "UNTYPED"
    said = f"{field_name(verdict)} is {verdict.level} ({kind}) and has no mark: {verdict.reason} [{verdict.source}]"
    result = _result(_field_rule(verdict), verdict.level, said, verdict.path, verdict.field.line)
    name = ".".join(part for part in (package, field_name(verdict)) if part)
    result["locations"][0]["logicalLocations"] = [{"fullyQualifiedName": clean(name), "kind": "member"}]
    result["partialFingerprints"] = {
        "fieldAndVerdict/v1": fingerprint(verdict.path, verdict.message, verdict.field.name, verdict.level, kind)
    }
    result["suppressions"] = _suppressions(verdict, baseline)  # on every result or on none, says the standard
    return result


def _finding_result(finding: Finding, baseline: Baseline | None) -> dict[str, Any]:
    said = f"{finding.message}. {finding.fix}"
    result = _result(_finding_rule(finding), finding.level, said, finding.path, finding.line)
    result["partialFingerprints"] = {
        "finding/v1": fingerprint(finding.path, finding.rule, finding.level, finding.message)
    }
    entry = baseline.accepts_finding(finding) if baseline else None
    result["suppressions"] = [_external(baseline, entry.reason)] if entry and baseline else []
    return result


def _result(rule: str, level: Level, said: str, path: str, line: int) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": uri(path)}, "region": {"startLine": max(line, 1)}}
    return {"ruleId": rule, "level": LEVELS[level], "message": {"text": message(said)},
            "locations": [{"physicalLocation": place}]}  # fmt: skip


def _suppressions(verdict: Verdict, baseline: Baseline | None) -> list[dict[str, str]]:
    if verdict.field.ignored is not None:
        return [{"kind": "inSource", "status": "accepted", "justification": clean(verdict.field.ignored)}]
    entry = baseline.accepts(verdict) if baseline else None
    if entry is None or baseline is None:
        return []
    return [_external(baseline, entry.reason)]


def _external(baseline: Baseline, reason: str) -> dict[str, str]:
    return {"kind": "external", "status": "accepted", "justification": clean(f"{baseline.path}: {reason}")}


def _invocation(scan: Scan, left_out: int, settled: int) -> dict[str, Any]:
    notes = [_notification(problem) for problem in scan.problems]
    said = [judged_nothing(scan), f"{counted(left_out, 'result')} left out" if left_out > 0 else None]
    notes += [{"level": "warning", "message": {"text": text}} for text in said if text]
    if settled:
        text = f"{counted(settled, 'accepted result')} left out; `--accepted` keeps them, as suppressed"
        notes.append({"level": "note", "message": {"text": text}})
    fine = not any(problem.fatal for problem in scan.problems)
    return {"executionSuccessful": fine, "toolExecutionNotifications": notes}


def _notification(problem: Problem) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(problem.path)}}
    if problem.line is not None:
        place["region"] = {"startLine": max(problem.line, 1)}
    return {"level": "error" if problem.fatal else "warning", "message": {"text": message(problem.message)},
            "locations": [{"physicalLocation": place}]}  # fmt: skip
