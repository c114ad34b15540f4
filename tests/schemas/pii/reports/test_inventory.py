"""Where personal data lives, what changed, and which law speaks of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.reports import inventory as module
from companion.schemas.pii.reports.as_json import as_json
from companion.schemas.pii.reports.earlier import Earlier, read_earlier
from companion.schemas.pii.reports.inventory import Inventory, inventory_json, take_inventory
from companion.schemas.pii.reports.inventory_pages import inventory_markdown, inventory_table
from companion.schemas.pii.reports.regimes import read_regimes
from companion.schemas.pii.verdict import Level, Scan, Verdict

SCHEMA = json.loads(Path(module.__file__).with_name("inventory.schema.json").read_text("utf-8"))
GUIDE = (Path(__file__).parents[4] / "data" / "pii" / "LABELLING.md").read_text("utf-8")
TYPES = set(re.findall(r"\b[A-Z][A-Z_]+\b", GUIDE.partition("## The types")[2].split(".\n")[0]))
Make = Callable[..., Verdict]
ScanOf = Callable[..., Scan]


def checked(inventory: Inventory) -> dict[str, object]:
    data: dict[str, object] = json.loads(inventory_json(inventory))
    jsonschema.validate(data, SCHEMA, jsonschema.Draft202012Validator)
    return data


@pytest.fixture
def then(tmp_path: Path) -> Callable[[Scan], Earlier]:
    def write(scan: Scan) -> Earlier:
        (tmp_path / "then.json").write_text(as_json(scan))
        return read_earlier(tmp_path / "then.json")

    return write


# Where it lives


def test_rows_count_fields_and_messages_by_level_type_and_package(labelled: Callable[..., Scan]) -> None:
    scan = labelled("shop", "bank")
    inventory = take_inventory(scan)
    checked(inventory)
    rows = {(row.type, row.place, row.level): row for row in inventory.rows}
    names = rows["NAME", "trolly.shop.api", Level.LOW]
    assert (names.fields, names.messages) == (4, 3)
    assert sum(row.fields for row in inventory.rows) == sum(one.level is not Level.PUBLIC for one in scan.verdicts)
    assert [row.level.rank for row in inventory.rows] == sorted(
        (row.level.rank for row in inventory.rows), reverse=True
    )


def test_a_method_returns_what_its_answer_holds_at_any_depth(labelled: Callable[..., Scan]) -> None:
    rows = {(row.type, row.level): row for row in take_inventory(labelled("bank")).rows}
    assert rows["CREDIT_SCORE", Level.HIGH].methods == ("nordhav.core.dep.DepInq.CustInq",)
    assert rows["BIOMETRIC", Level.HIGH].methods == ()


def test_a_method_of_one_package_returns_what_another_defines(tmp_path: Path, verdict: Make) -> None:
    (tmp_path / "people.proto").write_text(
        'syntax = "proto3"; package people;\n'
        "message Person { string ssn = 1; Person boss = 2; map<string, Card> cards = 3; }\n"
        "message Card { string number = 1; }\n"
    )
    (tmp_path / "hr.proto").write_text(
        'syntax = "proto3"; package hr; import "people.proto";\n'
        "message Answer { repeated people.Person all = 1; } message Empty {}\n"
        "service Desk { rpc List(Empty) returns (Answer); rpc Drop(people.Person) returns (Empty); }\n"
    )
    schemas, problems = read_marked([tmp_path])
    assert problems == []
    path = next(schema.path for schema in schemas if schema.package == "people")
    verdicts = (verdict(path=path), verdict("number", kind="CREDIT_CARD", path=path, message="Card"))
    rows = take_inventory(Scan(tuple(schemas), verdicts, (), (), "1")).rows
    assert [(row.type, row.place, row.methods) for row in rows] == [
        ("CREDIT_CARD", "people", ("hr.Desk.List",)),
        ("SSN", "people", ("hr.Desk.List",)),
    ]


def test_a_schema_without_a_package_is_a_place_of_its_own(verdict: Make, scan_of: ScanOf) -> None:
    scan = scan_of(verdict(path="a.proto"), verdict(path="b.proto"))
    assert [row.place for row in take_inventory(scan).rows] == ["a.proto", "b.proto"]


# What changed


def test_nothing_changed_since_the_same_scan(labelled: Callable[..., Scan], then: Callable[[Scan], Earlier]) -> None:
    scan = labelled("shop")
    assert take_inventory(scan, then(scan)).changes == ()
    assert take_inventory(scan).changes is None


def test_each_change_is_named(verdict: Make, scan_of: ScanOf, then: Callable[[Scan], Earlier]) -> None:
    public = verdict("sku", Level.PUBLIC, None)
    before = scan_of(
        verdict("up", Level.MEDIUM), verdict("down"), verdict("type"), verdict("gone"), verdict("same"), public,
        replace(public, message="Gone"),
    )  # fmt: skip
    after = scan_of(
        verdict("up"), verdict("down", Level.PUBLIC, None), verdict("type", kind="TAX_ID"), verdict("new"),
        verdict("same", line=77), public, replace(public, message="New"),
    )  # fmt: skip
    inventory = take_inventory(after, then(before))
    found = {change.field: change.what for change in inventory.changes or ()}
    assert found == {"up": "raised", "down": "lowered", "type": "another type", "new": "added", "gone": "gone"}
    data = checked(inventory)
    assert {"sensitivity": "PUBLIC", "pii_type": None} in [one["after"] for one in data["changes"]]  # type: ignore[attr-defined]
    for page in (inventory_table(inventory, width=160), inventory_markdown(inventory)):
        assert "5 changes since" in page and "another type" in page and "HIGH TAX" in page


def test_a_comparison_across_rules_says_that_the_rules_changed(
    verdict: Make, scan_of: ScanOf, then: Callable[[Scan], Earlier]
) -> None:
    scan = scan_of(verdict())
    newer = replace(scan, rules_version="2")
    assert "whose rules were 1" in inventory_table(take_inventory(newer, then(scan)), width=200)
    assert "whose rules" not in inventory_table(take_inventory(scan, then(scan)), width=200)


# Which law speaks of it


def test_the_regimes_name_no_unknown_type() -> None:
    assert len(TYPES) > 35
    assert read_regimes().types() <= TYPES


def test_a_type_that_no_regime_covers_is_listed(verdict: Make, scan_of: ScanOf) -> None:
    assert read_regimes().uncovered(TYPES) == ["API_KEY"]
    inventory = take_inventory(scan_of(verdict(kind="API_KEY"), verdict("x", kind="SHOE_SIZE"), verdict("y")))
    assert inventory.uncovered == ["API_KEY", "SHOE_SIZE"]
    assert checked(inventory)["uncovered"] == ["API_KEY", "SHOE_SIZE"]
    assert "covers API_KEY, SHOE_SIZE" in inventory_table(inventory, width=160)


def test_the_five_regimes_are_there_and_each_entry_has_its_source() -> None:
    regimes = read_regimes().regimes
    assert [regime.id for regime in regimes] == ["GDPR", "CCPA", "HIPAA", "PCI-DSS", "NIST-800-63B"]
    sources = {regime.id: {cover.source for cover in regime.covers} for regime in regimes}
    assert {"Art. 4(1)", "Art. 9(1)", "Art. 10", "Art. 87"} <= sources["GDPR"]
    assert all(source.startswith(("1798.140(v)", "1798.140(ae)")) for source in sources["CCPA"])
    letters = {source[-2] for source in sources["HIPAA"] if source.startswith("45 CFR 164.514(b)(2)(i)(")}
    assert letters == set("ABCDFGHIJKLMOPQR")  # we have no type for fax numbers (E) and web addresses (N)
    for regime in regimes:
        for cover in regime.covers:
            assert len(set(cover.types)) == len(cover.types)


def test_what_depends_on_the_holder_says_so() -> None:
    hipaa = next(regime for regime in read_regimes().regimes if regime.id == "HIPAA")
    assert hipaa.when is not None and "covered entity" in hipaa.when
    gdpr = next(regime for regime in read_regimes().regimes if regime.id == "GDPR")
    assert [cover.source for cover in gdpr.covers_of("PHOTO")] == ["Art. 4(1)", "Art. 9(1) with Recital 51"]
    assert all(cover.when for cover in gdpr.covers if cover.source.startswith("Art. 9"))


def test_the_inventory_is_told_by_regime(labelled: Callable[..., Scan]) -> None:
    inventory = take_inventory(labelled("shop", "clinic"))
    told = checked(inventory)["regimes"]
    assert isinstance(told, list)
    cards = [one for one in told if one["regime"] == "PCI-DSS" and one["types"] == ["CREDIT_CARD"]]
    assert cards and cards[0]["places"] == ["trolly.shop.api"] and cards[0]["when"]
    assert all("covered entity" in one["when"][0] for one in told if one["regime"] == "HIPAA")
    for page in (inventory_table(inventory), inventory_markdown(inventory)):
        assert "Art. 9(1)" in page.replace("\\", "") and "no legal advice" in " ".join(page.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: '1'\nregimes: []\n", "regimes: Tuple should have at least 1 item"),
        ("version: [", "not YAML"),
        ("- 1\n", "Input should be"),
        ("version: '1'\nmore: 1\nregimes: [{id: A, name: A, covers: [{source: s, title: t, types: [X]}]}]\n", "more"),
        ("version: '1'\nregimes: [{id: A, name: A, covers: [{source: '', title: t, types: [X]}]}]\n", "source"),
        ("version: '1'\nregimes:\n" + "- {id: A, name: A, covers: [{source: s, title: t, types: [X]}]}\n" * 2, "twice"),
        ("!!python/object/apply:os.getcwd []", "not YAML"),
    ],
)
def test_a_malformed_list_of_regimes_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "regimes.yaml"
    path.write_text(text)
    with pytest.raises(ValueError) as caught:
        read_regimes(path)
    assert str(caught.value).startswith(f"{path}: ") and said in str(caught.value) and "\n" not in str(caught.value)


# How it is told


def test_the_pages_fit_and_repeat(labelled: Callable[..., Scan], then: Callable[[Scan], Earlier]) -> None:
    scan = labelled("shop", "bank", "clinic")
    shuffled = replace(scan, verdicts=tuple(reversed(scan.verdicts)))
    one, other = take_inventory(scan, then(labelled("shop"))), take_inventory(shuffled, then(labelled("shop")))
    text = inventory_table(one)
    assert max(map(len, text.splitlines())) <= 80 and "\x1b" not in text
    assert text == inventory_table(other) and inventory_json(one) == inventory_json(other)
    assert inventory_markdown(one) == inventory_markdown(other)


def test_hostile_names_stay_in_their_cell(verdict: Make, scan_of: ScanOf, then: Callable[[Scan], Earlier]) -> None:
    evil = "a|b`c` <img> @everyone\n# x \x1b[31m[red]y[/red]"
    scan = scan_of(verdict(evil, path=evil, message=evil, kind=evil))
    inventory = take_inventory(scan, then(scan_of()))
    checked(inventory)
    page, table = inventory_markdown(inventory), inventory_table(inventory, width=200)
    assert "@everyone" not in page and "<img" not in page and "\n# x" not in page
    assert "[red]y[/red]" in table and all(line.isprintable() for line in table.splitlines())


def test_an_inventory_of_nothing_says_so(scan_of: ScanOf) -> None:
    inventory = take_inventory(scan_of())
    assert checked(inventory)["rows"] == []
    assert inventory_table(inventory) == "judged nothing: no fields\n"
    assert "judged nothing: no fields" in inventory_markdown(inventory)


def test_ten_thousand_fields_and_a_deep_nest_are_counted(tmp_path: Path, verdict: Make) -> None:
    messages = [
        f"message M{n} {{ {' '.join(f'string f{i} = {i + 1};' for i in range(99))} M{(n + 1) % 100} next = 100; }}"
        for n in range(100)
    ]
    calls = " ".join(f"rpc Get{n}(M{n}) returns (M{n});" for n in range(100))
    path = tmp_path / "big.proto"
    path.write_text(f'syntax = "proto3"; package big;\n{chr(10).join(messages)}\nservice S {{ {calls} }}\n')
    schemas, _ = read_marked([path])
    verdicts = tuple(
        Verdict(schema.path, message.name, field, Level.HIGH, "SSN", "a government id", "ssn")
        for schema in schemas for message in schema.messages for field in message.fields
    )  # fmt: skip
    inventory = take_inventory(Scan(tuple(schemas), verdicts, (), (), "1"))
    (row,) = inventory.rows
    assert (row.fields, row.messages, len(row.methods)) == (10_000, 100, 100)
    assert "and 97 more" in inventory_table(inventory)
