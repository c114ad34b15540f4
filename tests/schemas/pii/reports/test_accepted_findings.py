"""Findings about methods that a baseline accepts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from companion.schemas.pii.reports.accepted_findings import FROM_A_REPORT
from companion.schemas.pii.reports.as_json import as_json
from companion.schemas.pii.reports.baseline import new_findings, read_baseline, stale
from companion.schemas.pii.verdict import Finding, Level, Scan, Verdict

FINDING = Finding("a.proto", 5, "shows-secret", Level.MEDIUM, "Vault.Read returns Secret.password", "Return a handle.")
ENTRY = {"file": "a.proto", "rule": "shows-secret", "sensitivity": "MEDIUM",
         "message": "Vault.Read returns Secret.password", "reason": "a vault is there to show secrets"}  # fmt: skip
Make = Callable[..., Verdict]
ScanOf = Callable[..., Scan]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Any], Path]:
    def write(data: Any) -> Path:
        path = tmp_path / "baseline.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return path

    return write


def test_an_earlier_report_accepts_its_findings_wherever_their_line_moves(
    scan_of: ScanOf, verdict: Make, written: Callable[[Any], Path]
) -> None:
    then = scan_of(verdict(), findings=[FINDING])
    baseline = read_baseline(written(as_json(then)))
    assert [entry.reason for entry in baseline.findings] == [FROM_A_REPORT]
    now = scan_of(verdict(), findings=[replace(FINDING, line=90, fix="Other advice.")])
    assert new_findings(now, baseline) == [] and stale(now, baseline) == []


def test_a_list_by_hand_accepts_findings_beside_fields(scan_of: ScanOf, written: Callable[[Any], Path]) -> None:
    field = {"file": "a.proto", "message": "Person", "field": "ssn", "sensitivity": "HIGH", "pii_type": "SSN",
             "reason": "a test number"}  # fmt: skip
    baseline = read_baseline(written({"accepted": [field, ENTRY]}))
    assert (len(baseline.entries), len(baseline.findings)) == (1, 1)
    found = baseline.accepts_finding(FINDING)
    assert found is not None and found.reason == "a vault is there to show secrets"


@pytest.mark.parametrize(
    "change", [{"path": "b.proto"}, {"rule": "lists-everyone"}, {"message": "Vault.List returns Secret.password"},
               {"level": Level.HIGH}],
    ids=["another file", "another rule", "another method", "a worse one"],
)  # fmt: skip
def test_another_finding_is_new_and_the_entry_stale(
    change: dict[str, Any], scan_of: ScanOf, written: Callable[[Any], Path]
) -> None:
    baseline = read_baseline(written({"accepted": [ENTRY]}))
    scan = scan_of(findings=[replace(FINDING, **change)])
    assert len(new_findings(scan, baseline)) == 1
    assert [str(entry) for entry in stale(scan, baseline)] == [
        "a.proto: Vault.Read returns Secret.password (MEDIUM, shows-secret)"
    ]


def test_a_finding_that_became_milder_stays_accepted(scan_of: ScanOf, written: Callable[[Any], Path]) -> None:
    baseline = read_baseline(written({"accepted": [ENTRY]}))
    assert new_findings(scan_of(findings=[replace(FINDING, level=Level.LOW)]), baseline) == []


def test_without_a_baseline_every_finding_is_new(scan_of: ScanOf) -> None:
    assert new_findings(scan_of(findings=[FINDING])) == [FINDING]


def test_a_report_from_before_there_were_findings_is_a_baseline_too(written: Callable[[Any], Path]) -> None:
    assert read_baseline(written({"fields": [], "summary": {"rules_version": "1"}})).findings == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"accepted": [{**ENTRY, "reason": " "}]}, "accepted[0] has no `reason`; say why it is accepted"),
        ({"accepted": [{**ENTRY, "reason": 7}]}, "accepted[0] has no `reason`"),
        ({"accepted": [{**ENTRY, "message": None}]}, "accepted[0] has no text `message`"),
        ({"accepted": [{**ENTRY, "sensitivity": "BAD"}]}, "accepted[0].sensitivity is not one of PUBLIC, LOW"),
        ({"accepted": [{**ENTRY, "line": 3}]}, "accepted[0] has a key `line` that means nothing here"),
        ({"fields": [], "summary": {"rules_version": "1", "findings": {"\n": 1}}}, "`summary.findings` is {"),
        ({"fields": [], "summary": {"rules_version": "1", "findings": [7]}}, "summary.findings[0] is not an object"),
    ],
)
def test_a_malformed_entry_is_one_line(data: Any, said: str, written: Callable[[Any], Path]) -> None:
    path = written(data)
    with pytest.raises(ValueError) as caught:
        read_baseline(path)
    assert str(caught.value).startswith(f"{path}: ") and said in str(caught.value)
    assert str(caught.value).isprintable()
