"""What was accepted, and what is new since."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from companion.schemas.pii.reports.as_json import as_json
from companion.schemas.pii.reports.baseline import Baseline, fails, new_since, read_baseline, stale
from companion.schemas.pii.reports.earlier import read_earlier
from companion.schemas.pii.verdict import Level, Mark, Scan, Verdict
from companion.schemas.protobuf.model import Problem

ENTRY = {"file": "a.proto", "message": "Person", "field": "ssn", "sensitivity": "HIGH", "pii_type": "SSN",
         "reason": "a test number"}  # fmt: skip


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Any], Path]:
    def write(data: Any) -> Path:
        path = tmp_path / "baseline.json"
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return path

    return write


Write = Callable[[Any], Path]
Make = Callable[..., Verdict]
ScanOf = Callable[..., Scan]


def accepting(write: Write, *entries: dict[str, Any]) -> Baseline:
    return read_baseline(write({"accepted": [ENTRY | entry for entry in entries]}))


def test_nothing_is_new_since_an_identical_report(labelled: Callable[..., Scan], tmp_path: Path) -> None:
    scan = labelled("shop", "bank")
    report = tmp_path / "report.json"
    report.write_text(as_json(scan))
    baseline = read_baseline(report)
    assert len(new_since(scan)) == 63
    assert new_since(scan, baseline) == [] and stale(scan, baseline) == []
    assert baseline.path == str(report)


def test_without_a_baseline_fields_fail_by_level(labelled: Callable[..., Scan]) -> None:
    scan = labelled("shop")
    assert [len(fails(scan, level)) for level in (Level.HIGH, Level.MEDIUM, Level.LOW, Level.PUBLIC)] == [9, 22, 29, 29]


def test_marked_and_ignored_fields_do_not_fail(verdict: Make, scan_of: ScanOf) -> None:
    scan = scan_of(verdict("a", mark=Mark(Level.HIGH)), verdict("b", ignored="a test number"), verdict("c"))
    assert [one.field.name for one in fails(scan, Level.HIGH)] == ["c"]


def test_an_accepted_field_does_not_fail_wherever_its_line_moves(
    verdict: Make, scan_of: ScanOf, written: Write
) -> None:
    baseline = accepting(written, {})
    accepted = baseline.accepts(verdict(line=900, reason="other words"))
    assert accepted is not None and accepted.reason == "a test number"
    assert fails(scan_of(verdict(line=900)), Level.HIGH, baseline) == []


@pytest.mark.parametrize(
    "change", [{"path": "b/a.proto"}, {"message": "Other"}, {"name": "ssn2"}, {"kind": "TAX_ID"}],
    ids=["a renamed folder", "another message", "another field", "another type"],
)  # fmt: skip
def test_what_nobody_accepted_is_new(change: dict[str, Any], verdict: Make, scan_of: ScanOf, written: Write) -> None:
    baseline = accepting(written, {})
    scan = scan_of(verdict(**change))
    assert len(fails(scan, Level.HIGH, baseline)) == 1
    assert [entry.reason for entry in stale(scan, baseline)] == ["a test number"]


def test_a_verdict_that_rose_is_new_and_one_that_fell_is_not(verdict: Make, scan_of: ScanOf, written: Write) -> None:
    medium = accepting(written, {"sensitivity": "MEDIUM"})
    assert len(new_since(scan_of(verdict()), medium)) == 1
    high = accepting(written, {})
    fallen = scan_of(verdict(level=Level.MEDIUM))
    assert new_since(fallen, high) == [] and stale(fallen, high) == []


def test_a_report_accepts_no_field_that_had_a_mark_or_an_excuse(verdict: Make, scan_of: ScanOf, tmp_path: Path) -> None:
    then = scan_of(verdict("a", mark=Mark(Level.HIGH)), verdict("b", ignored="a test number"), verdict("c"))
    report = tmp_path / "report.json"
    report.write_text(as_json(then))
    now = scan_of(verdict("a"), verdict("b"), verdict("c"))
    assert [one.field.name for one in new_since(now, read_baseline(report))] == ["a", "b"]


def test_public_fields_of_a_report_are_never_stale(verdict: Make, scan_of: ScanOf, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(as_json(scan_of(verdict("sku", Level.PUBLIC, None), verdict())))
    assert [str(entry) for entry in stale(scan_of(), read_baseline(report))] == ["a.proto: Person.ssn (HIGH, SSN)"]


def test_a_scan_of_a_part_makes_only_its_own_files_stale(labelled: Callable[..., Scan], written: Write) -> None:
    baseline = accepting(written, {"file": "shop.proto"}, {"file": "bank.proto"}, {"file": "unread.proto"})
    scan = replace(labelled("shop"), problems=(Problem("unread.proto", "binary"),))
    assert [entry.file for entry in stale(scan, baseline)] == ["shop.proto", "bank.proto"]
    assert [entry.file for entry in stale(scan, baseline, whole=False)] == ["shop.proto"]


SUMMARY = {"rules_version": "1"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON: Expecting value in line 1"),
        (b"\n\n{", "in line 3"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        ([], "a JSON object was expected, not []"),
        ({}, "neither `accepted` nor, as a report has, `fields`"),
        ({"accepted": {}}, "`accepted` is not a list"),
        ({"accepted": [], "rejected": []}, "`rejected` stands beside `accepted`"),
        ({"accepted": [7]}, "accepted[0] is 7, not an object"),
        ({"accepted": [ENTRY, {**ENTRY, "reason": " \n"}]}, "accepted[1] (Person.ssn) has an empty `reason`"),
        ({"accepted": [{k: v for k, v in ENTRY.items() if k != "reason"}]}, "accepted[0] has no `reason`"),
        ({"accepted": [{**ENTRY, "reason": None}]}, "accepted[0].reason is null, not a text"),
        ({"accepted": [{**ENTRY, "file": 1}]}, "accepted[0].file is 1, not a text"),
        ({"accepted": [{**ENTRY, "sensitivity": "high"}]}, 'accepted[0].sensitivity is "high", not one of'),
        ({"accepted": [{**ENTRY, "pii_type": None}]}, "accepted[0].pii_type is null, which does not go with HIGH"),
        ({"accepted": [{**ENTRY, "pii_type": [1]}]}, "accepted[0].pii_type is [1]"),
        ({"accepted": [{**ENTRY, "line": 3}]}, "accepted[0] has a key `line` that means nothing here"),
        ({"fields": []}, "no `summary` with a `rules_version`"),
        ({"fields": 1, "summary": SUMMARY}, "`fields` is 1, not a list"),
        ({"fields": [{}], "summary": SUMMARY}, "fields[0] has no `file`"),
        ({"fields": [], "summary": SUMMARY | {"ignored": 1}}, "`summary.ignored` is 1, not a list"),
        ({"accepted": [{**ENTRY, "\x1b[31m\nevil": 3}]}, "evil"),
    ],
)  # fmt: skip
def test_a_malformed_baseline_is_one_line_that_names_file_and_fault(data: Any, said: str, written: Write) -> None:
    path = written(data)
    with pytest.raises(ValueError) as caught:
        read_baseline(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and said in text and text.isprintable()


def test_a_baseline_that_cannot_be_opened_is_one_line_too(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(ValueError, match=rf"^{path}: (No such file|Is a directory)"):
            read_baseline(path)


def test_odd_entries_of_a_reports_ignored_fields_do_no_harm(written: Write) -> None:
    report = {"fields": [ENTRY], "summary": SUMMARY | {"ignored": [7, {}, {"file": []}]}}
    assert len(read_baseline(written(report)).entries) == 1


def test_a_byte_order_mark_is_no_fault(written: Write) -> None:
    assert read_baseline(written(b"\xef\xbb\xbf" + json.dumps({"accepted": [ENTRY]}).encode())).entries


def test_an_accepted_list_is_no_earlier_report(written: Write) -> None:
    with pytest.raises(ValueError, match="it has no `fields`"):
        read_earlier(written({"accepted": [ENTRY]}))
