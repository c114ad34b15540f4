"""The report for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from companion.schemas.pii.reports import as_json as module
from companion.schemas.pii.reports.as_json import as_json
from companion.schemas.pii.verdict import Finding, Level, Mark, Scan, Verdict
from companion.schemas.protobuf.model import Problem

CORPUS = Path(__file__).parents[4] / "data" / "pii" / "development"
TRADES = sorted(path.stem for path in CORPUS.glob("*.proto"))
SCHEMA = json.loads(Path(module.__file__).with_name("scan.schema.json").read_text("utf-8"))
FINDING = Finding("shop.proto", 9, "list-of-high", Level.HIGH, "Shop.List returns HIGH for everyone", "return ids")


def told(scan: Scan) -> dict[str, Any]:
    text = as_json(scan)
    assert text.isascii() and text.endswith("}\n")
    data: dict[str, Any] = json.loads(text)
    jsonschema.validate(data, SCHEMA, jsonschema.Draft202012Validator)
    return data


@pytest.mark.parametrize("trade", TRADES)
def test_every_judged_field_is_reported_in_the_order_of_the_file(trade: str, labelled: Callable[..., Scan]) -> None:
    scan = labelled(trade)
    fields = told(scan)["fields"]
    schema = next(schema for schema in scan.schemas if schema.judged)
    place = {(message.name, field.name): (message.line, field.line) for message in schema.messages
             for field in message.fields}  # fmt: skip
    with (CORPUS / f"{trade}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    order = [place[field["message"], field["field"]] for field in fields]
    assert order == sorted(order)  # whatever the order of the table: an extension stands where it is declared
    assert sorted((field["message"], field["field"], field["sensitivity"]) for field in fields) == sorted(
        (row["message"], row["field"], row["level"]) for row in rows
    )
    assert {field["file"] for field in fields} == {f"{trade}.proto"}


def test_the_shape_is_the_documented_one(labelled: Callable[..., Scan]) -> None:
    data = told(labelled("shop", findings=[FINDING]))
    assert list(data) == ["fields", "summary"]
    assert list(data["fields"][0]) == [
        "file", "message", "field", "sensitivity", "pii_type", "annotated", "reason", "source",
        "about_person",
    ]  # fmt: skip
    assert data["summary"]["findings"] == [
        {"file": "shop.proto", "line": 9, "rule": "list-of-high", "sensitivity": "HIGH",
         "message": "Shop.List returns HIGH for everyone", "fix": "return ids"}
    ]  # fmt: skip
    assert data["summary"]["rules_version"] == "labels"


def test_the_summary_adds_up_over_all_schemas(labelled: Callable[..., Scan]) -> None:
    data = told(labelled(*TRADES))
    fields, summary = data["fields"], data["summary"]
    assert summary["judged"] == len(fields) == sum(summary["by_level"].values()) > 700
    personal = [field for field in fields if field["sensitivity"] != "PUBLIC"]
    assert sum(summary["by_type"].values()) == len(personal)
    assert summary["annotated"] == 0
    assert summary["unannotated_high"] == summary["by_level"]["HIGH"] > 0


def test_marks_ignored_fields_and_problems_are_counted_and_named(
    verdict: Callable[..., Verdict], labelled: Callable[..., Scan]
) -> None:
    marked = verdict("a", mark=Mark(Level.HIGH, "SSN"))
    ignored = verdict("b", ignored="printed on every parcel", line=7)
    problems = (Problem("b.proto", "binary", 3), Problem("c.proto", "import missing", None, fatal=False))
    data = told(Scan((), (marked, ignored, verdict("c")), (), problems, "1"))
    assert [field["annotated"] for field in data["fields"]] == [True, False, False]
    summary = data["summary"]
    assert summary["annotated"] == 1 and summary["unannotated_high"] == 2
    assert summary["ignored"] == [
        {"file": "a.proto", "line": 7, "message": "Person", "field": "b", "reason": "printed on every parcel"}
    ]
    assert summary["problems"] == [
        {"file": "b.proto", "line": 3, "message": "binary", "fatal": True},
        {"file": "c.proto", "line": None, "message": "import missing", "fatal": False},
    ]
    assert told(labelled("shop"))["summary"]["ignored"] == []


def test_files_that_are_only_imported_are_not_reported(labelled: Callable[..., Scan]) -> None:
    scan = labelled("shop", "bank")
    imported = [replace(schema, judged=schema.path == "shop.proto") for schema in scan.schemas]
    scan = replace(scan, schemas=tuple(imported))
    assert {field["file"] for field in told(scan)["fields"]} == {"shop.proto"}


def test_a_scan_of_nothing_is_a_report_too() -> None:
    assert told(Scan((), (), (), (), "1"))["summary"]["judged"] == 0


def test_names_survive_whatever_they_hold(verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]) -> None:
    path = "a\udc80 \x1b[31m\u202e`|`.proto"
    data = told(scan_of(verdict("straße", path=path, reason='"\x00\n\u2028</script>')))
    assert data["fields"][0]["file"] == path and data["fields"][0]["field"] == "straße"


def test_the_schema_is_closed_and_a_public_field_has_no_type(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    data = told(scan_of(verdict()))
    spoils: list[Callable[[Any], object]] = [
        lambda data: data.update(more=1),
        lambda data: data["fields"][0].update(line=3),
        lambda data: data["fields"][0].update(sensitivity="PUBLIC"),
        lambda data: data["fields"][0].update(pii_type=None),
        lambda data: data["summary"].pop("judged"),
        lambda data: data["summary"]["by_level"].update(NONE=1),
    ]
    for spoil in spoils:
        spoilt = json.loads(json.dumps(data))
        spoil(spoilt)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoilt, SCHEMA, jsonschema.Draft202012Validator)
