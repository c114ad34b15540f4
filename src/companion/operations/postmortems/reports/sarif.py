"""The report as SARIF 2.1.0, which code hosts and editors show beside the line of the document.

What is silenced, in the document or by the settings, is a result with a suppression and its reason.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

from companion.cli_output.sarif import MOST, SCHEMA, fingerprint, message, uri
from companion.cli_output.text import clean, counted
from companion.operations.postmortems.reports.as_json import Unread
from companion.operations.postmortems.rules.catalogue import rules
from companion.operations.postmortems.rules.lint import Finding, Report
from companion.operations.postmortems.rules.outcome import Rule, Severity

_PLACE = re.compile(r"\blines? \d+")


def as_sarif(reports: Sequence[Report], unread: Unread = ()) -> str:
    """Give the findings of all documents as a SARIF log, the errors first."""
    titles = {each.document.path: each.document.title_line for each in reports}
    found = [finding for each in reports for finding in (*each.findings, *each.silenced)]
    found.sort(key=lambda finding: list(Severity).index(finding.severity))  # the worst stay when some must go
    used = {finding.rule for finding in found}
    listed = [rule for rule in rules() if rule.id in used]
    numbers = {rule.id: number for number, rule in enumerate(listed)}
    seen: Counter[tuple[str, ...]] = Counter()
    results = [_result(finding, numbers[finding.rule], titles[finding.file], seen) for finding in found]
    driver = {"name": "companion postmortem lint", "version": metadata.version("companion"),
              "rules": list(map(_rule, listed))}  # fmt: skip
    run = {"tool": {"driver": driver}, "invocations": [_invocation(reports, unread, len(results) - MOST)],
           "results": results[:MOST]}  # fmt: skip
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": message(rule.says)},
        "fullDescription": {"text": message(rule.reason)},
        "help": {"text": message(f"{rule.reason} {rule.fix}"), "markdown": help_of(rule)},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": ["post mortem", rule.family]},
    }


def help_of(rule: Rule) -> str:
    """Tell a rule as Markdown: its reason, how to mend it, a bad and a good example."""
    examples = "\n\n".join(f"{name}:\n\n{fenced(text)}" for name, text in (("Bad", rule.bad), ("Good", rule.good)))
    return f"{rule.reason.strip()}\n\n{rule.fix.strip()}\n\n{examples}\n"


def fenced(text: str, language: str = "markdown") -> str:
    """Put a text into a fence that is longer than any within."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.strip()}\n{fence}"


def _result(finding: Finding, number: int, title: int | None, seen: Counter[tuple[str, ...]]) -> dict[str, Any]:
    # What is missing has no line; code hosts show a result at one, and the title's is that of the whole document.
    line = finding.line or title or 1
    place = {"artifactLocation": {"uri": uri(finding.file)}, "region": {"startLine": max(line, 1)}}
    known = (finding.file, finding.rule, _PLACE.sub("line", finding.message))
    seen[known] += 1
    return {
        "ruleId": finding.rule,
        "ruleIndex": number,
        "level": finding.severity.value,
        "message": {"text": message(f"{finding.message} {finding.fix}")},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"ruleAndWords/v1": fingerprint(*known, str(seen[known]))},
        "suppressions": _suppressions(finding),  # on every result or on none, says the standard
    }


def _suppressions(finding: Finding) -> list[Mapping[str, str]]:
    if not finding.reason:
        return []
    kind, said = ("external", f"{finding.by}: {finding.reason}") if finding.by else ("inSource", finding.reason)
    return [{"kind": kind, "status": "accepted", "justification": clean(said)}]


def _invocation(reports: Sequence[Report], unread: Unread, left_out: int) -> dict[str, Any]:
    notes: list[dict[str, Any]] = [
        {"level": "error", "message": {"text": message(why)},
         "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(file)}}}]}
        for file, why in unread
    ]  # fmt: skip
    said = ["no document was read"] if not reports else []
    said += [f"{counted(left_out, 'result')} left out"] if left_out > 0 else []
    notes += [{"level": "warning", "message": {"text": text}} for text in said]
    return {"executionSuccessful": not unread, "toolExecutionNotifications": notes}
