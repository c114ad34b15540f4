"""The words that all of the scanner speaks: levels compare by harm, and a baseline knows a field wherever it stands."""

from __future__ import annotations

from dataclasses import replace

from companion.schemas.pii.verdict import Level, MarkedField, Verdict
from companion.schemas.protobuf.model import Kind, Span

SSN = MarkedField("ssn", 1, Kind.TEXT, "string", 3, Span(20, 40))
VERDICT = Verdict("shop.proto", "Order.Buyer", SSN, Level.HIGH, "SSN", "its name", "ssn (rules.yaml:41)")


def test_levels_are_ranked_by_harm_and_not_by_alphabet() -> None:
    assert sorted(Level, key=lambda level: level.rank) == [Level.PUBLIC, Level.LOW, Level.MEDIUM, Level.HIGH]
    assert [level.rank for level in Level] == [0, 1, 2, 3]


def test_a_field_keeps_its_key_when_its_line_its_level_or_its_reason_changes() -> None:
    moved = replace(VERDICT, field=replace(SSN, line=90, span=Span(900, 920)), level=Level.LOW, reason="a mark")
    assert moved.key == VERDICT.key == "shop.proto:Order.Buyer.ssn"


def test_a_field_of_another_name_message_or_file_has_another_key() -> None:
    others = [replace(VERDICT, path="a.proto"), replace(VERDICT, message="Order"),
              replace(VERDICT, field=replace(SSN, name="tin"))]  # fmt: skip
    assert len({VERDICT.key, *(one.key for one in others)}) == 4
