"""The table for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from companion.schemas.pii.reports.accepted_findings import FindingEntry
from companion.schemas.pii.reports.baseline import Baseline
from companion.schemas.pii.reports.earlier import Entry
from companion.schemas.pii.reports.table import as_table
from companion.schemas.pii.verdict import Finding, Level, Mark, Scan, Verdict
from companion.schemas.protobuf.model import Problem

Make = Callable[..., Verdict]
ScanOf = Callable[..., Scan]


def joined(text: str) -> str:
    return "".join(text.split())


def test_what_is_personal_is_listed_with_its_place_and_why(labelled: Callable[..., Scan]) -> None:
    text = as_table(labelled("shop"))
    assert "Customer.c_pwdDigest" in text and "shop.proto:59" in text and "label (shop.csv:28)" in text
    assert "PASSWORD" in text and "Product.sku" not in text
    assert joined(
        "judged 64 fields in 1 file by rules labels: 9 HIGH, 13 MEDIUM, 7 LOW, 35 PUBLIC; no fields marked, "
        "29 personal without a mark (9 HIGH, 13 MEDIUM, 7 LOW)"
    ) in joined(text)


def test_public_fields_come_when_asked_for(labelled: Callable[..., Scan]) -> None:
    text = as_table(labelled("shop"), everything=True)
    assert "Product.sku" in text and "PUBLIC" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_stay_within_the_terminal_and_lose_nothing(width: int, labelled: Callable[..., Scan]) -> None:
    scan = labelled("insurance", "clinic")
    text = as_table(scan, width=width)
    assert max(map(len, text.splitlines())) <= width
    if width == 200:  # where no name has to fold
        for verdict in scan.verdicts:
            assert verdict.level is Level.PUBLIC or verdict.field.name in text


def test_nothing_is_told_by_colour_alone(labelled: Callable[..., Scan]) -> None:
    plain, coloured = as_table(labelled("shop")), as_table(labelled("shop"), colour=True)
    assert "\x1b" not in plain and "\x1b[" in coloured
    for word in ("HIGH", "MEDIUM", "LOW"):
        assert word in plain


def test_a_scan_that_judged_nothing_says_so(labelled: Callable[..., Scan]) -> None:
    schemas = labelled("shop").schemas
    judged = sum(schema.judged for schema in schemas)
    assert judged == 1
    assert as_table(Scan(schemas, (), (), (), "1")) == "judged nothing: no fields in 1 file\n"
    unread = (Problem("a.proto", "binary"), Problem("b.proto", "binary"))
    said = "judged nothing: no fields in no files; 2 files could not be read\n"
    assert as_table(Scan((), (), (), unread, "1")) == said


def test_all_public_is_not_nothing(verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]) -> None:
    text = as_table(scan_of(verdict("sku", Level.PUBLIC, None)))
    assert "judged 1 field" in text and "1 PUBLIC" in text and "level" not in text


def test_each_field_says_what_became_of_it(verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]) -> None:
    entry = Entry("a.proto", "Person", "b", Level.HIGH, "SSN", "a test number")
    old = Entry("a.proto", "Person", "old", Level.LOW, "NAME", "x")
    scan = scan_of(verdict("a", ignored="on every parcel"), verdict("b"), verdict("c", mark=Mark(Level.HIGH)))
    text = as_table(scan, Baseline("b.json", (entry, old)), [old], width=160, accepted=True)
    assert "ignored: on every parcel" in text and "accepted: a test number" in text and "marked" in text
    assert "0 personal without a mark, new since b.json" in text
    assert "the baseline's entry accepts nothing any more: a.proto: Person.old (LOW, NAME)" in text


def test_with_a_baseline_only_what_is_new_is_listed_worst_first_and_the_rest_counted(
    verdict: Make, scan_of: ScanOf
) -> None:
    entries = tuple(Entry("a.proto", "Person", f"old{n}", Level.HIGH, "SSN", "known") for n in range(3000))
    fields = [verdict(entry.field) for entry in entries]
    fields += [verdict("low", Level.LOW, "NAME"), verdict("bad"), verdict("sku", Level.PUBLIC, None)]
    fields += [verdict("held", mark=Mark(Level.HIGH)), verdict("seen", ignored="printed")]
    old, new = (Finding("a.proto", 9, "list-of-high", Level.HIGH, said, "return ids") for said in ("List", "Dump"))
    accepted = FindingEntry("a.proto", "list-of-high", "List", Level.HIGH, "few may call it")
    scan, baseline = scan_of(*fields, findings=[old, new]), Baseline("b.json", entries, (accepted,))
    text = as_table(scan, baseline, width=200)
    assert len(text.splitlines()) < 25 and text.index("Person.bad") < text.index("Person.low") < text.index("Dump")
    assert "old1" not in text and "List" not in text and "2 personal without a mark" in text
    said = "not listed: 3,000 accepted fields, 1 marked field, 1 ignored field, 1 accepted finding; --accepted lists"
    assert said in text
    whole = as_table(scan, baseline, width=200, accepted=True)
    assert "Person.old2999" in whole and "accepted: few may call it" in whole and "not listed" not in whole
    assert "Person.sku" not in whole and "Person.sku" in as_table(scan, baseline, width=200, everything=True)


def test_when_nothing_is_new_there_is_no_table(verdict: Make, scan_of: ScanOf) -> None:
    baseline = Baseline("b.json", (Entry("a.proto", "Person", "ssn", Level.HIGH, "SSN", "known"),))
    lines = as_table(scan_of(verdict()), baseline, width=200).splitlines()
    assert lines[1:] == ["not listed: 1 accepted field; --accepted lists them"]


def test_findings_come_with_what_to_do(verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]) -> None:
    finding = Finding("a.proto", 9, "list-of-high", Level.HIGH, "List returns HIGH for everyone", "return ids")
    text = as_table(scan_of(verdict(), findings=[finding]))
    assert "List returns HIGH for everyone" in text and "return ids" in text and "a.proto:9" in text


@pytest.mark.parametrize("where", ["name", "message", "path", "reason", "source", "kind"])
def test_hostile_words_neither_colour_nor_move_the_terminal(
    where: str, verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    hostile = "[red]x[/red] [link=https://e]y[/link] \x1b[2J\x1b]0;title\x07 \r\n\x9b31m \u202e \udc80 :bomb:"
    text = as_table(scan_of(verdict(**{where: hostile})), width=200)
    assert "[red]x[/red]" in text and ":bomb:" in text
    assert "title" not in text and "\udc80" not in text
    assert all(line.isprintable() for line in text.splitlines())
    text.encode("utf-8")


def test_ten_thousand_fields_are_a_table(verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]) -> None:
    text = as_table(scan_of(*(verdict(f"f{n}") for n in range(10_000))))
    assert "Person.f9999" in text and joined("10,000 personal without a mark") in joined(text)


def test_public_fields_that_are_about_a_person_are_counted_and_told_of_when_asked(
    verdict: Make, scan_of: ScanOf
) -> None:
    due = replace(verdict("due", Level.PUBLIC, None), about="stands beside Loan.user_id")
    scan = scan_of(due, verdict("sku", Level.PUBLIC, None))
    text = " ".join(as_table(scan, everything=True, width=200).split())
    assert "2 PUBLIC (1 of them about a person)" in text
    assert text.count("PUBLIC, and about a person: stands beside Loan.user_id") == 1
    assert "about a person" not in as_table(scan_of(verdict("sku", Level.PUBLIC, None)), everything=True)
