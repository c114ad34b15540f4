"""The reports for programs, against their schemas."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.document import Document, Entry, Role
from companion.operations.postmortems.reports.as_json import as_json, moment, rules_as_json, timeline
from companion.operations.postmortems.rules.lint import Report
from companion.operations.postmortems.rules.outcome import Rule
from tests.operations.postmortems.draws import few


def schema(name: str) -> Any:
    return json.loads((files("companion.operations.postmortems.reports") / name).read_text("utf-8"))


LINT = jsonschema.Draft202012Validator(schema("lint.schema.json"))


def test_the_report_has_the_documented_shape_and_all_findings(found: Callable[..., Report]) -> None:
    many = [{"line": line, "message": "\x1b[31mé"} for line in range(1, 9)]
    text = as_json([found({"line": None}, *many, silenced=({"reason": "ours", "by": "pm.yaml"}, {"reason": "so"}))],
                   [("b.md", "empty")])  # fmt: skip
    assert text.isascii() and "\\u001b" in text
    report = json.loads(text)
    LINT.validate(report)
    assert len(report["findings"]) == 9 and report["findings"][0]["line"] is None
    assert [(each["reason"], each["by"]) for each in report["silenced"]] == [("ours", "pm.yaml"), ("so", None)]
    assert report["sections"][1] == {"file": "pm/a b.md", "role": "timeline", "line": 7, "heading": "Timeline (UTC)"}
    assert report["rules"][2] == {
        "file": "pm/a b.md", "rule": "whys", "verdict": "cannot tell", "why": "there is no chain",
    }  # fmt: skip
    assert report["unread"] == [{"file": "b.md", "why": "empty"}]


def test_the_schema_knows_every_role_and_refuses_what_is_wrong() -> None:
    roles = schema("lint.schema.json")["properties"]["sections"]["items"]["properties"]["role"]["enum"]
    assert roles == [role.value for role in Role]
    with pytest.raises(jsonschema.ValidationError):
        LINT.validate({"findings": []})


def test_a_dated_timeline_gives_dates_and_times(document: Document) -> None:
    assert [(each["start"], each["end"]) for each in timeline(document)] == [
        ("2026-11-03T10:00", "2026-11-03T10:10:30"),
        ("2026-11-04T00:05", None),
        (None, None),
    ]


def test_a_timeline_that_only_a_later_entry_dates_is_dated_from_it(document: Document) -> None:
    first, second, _ = document.timeline
    later = replace(second, date=dt.date(2026, 11, 4))
    found = timeline(replace(document, timeline=(replace(first, date=None), later)))
    assert [each["start"] for each in found] == ["2026-11-03T10:00", "2026-11-04T00:05"]


def test_a_timeline_without_a_date_counts_hours_from_its_first_midnight(document: Document) -> None:
    undated = replace(document, timeline=tuple(replace(each, date=None) for each in document.timeline))
    assert [(each["start"], each["end"]) for each in timeline(undated)] == [
        ("10:00", "10:10:30"), ("24:05", None), (None, None),
    ]  # fmt: skip
    assert moment(-30, None) == "-00:30"


@few
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.none() | st.dates())))
def test_any_moment_fits_the_schema(moments: list[tuple[float, dt.date | None]]) -> None:
    entries = tuple(Entry(1, "x", start, None, date, "", "", False, frozenset()) for start, date in moments)
    document = Document("a.md", "", None, {}, None, "en", (), entries)
    LINT.validate({"findings": [], "silenced": [], "sections": [], "rules": [], "unread": [],
                   "timeline": timeline(document)})  # fmt: skip


def test_the_rules_have_the_documented_shape(rule: Callable[..., Rule]) -> None:
    report = json.loads(rules_as_json([rule(), rule("review", family="process", final=True, words=False)]))
    jsonschema.validate(report, schema("rules.schema.json"))
    assert [(each["profile"], each["reads_english"]) for each in report["rules"]] == [("draft", True), ("final", False)]
