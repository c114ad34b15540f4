"""References in documents, and parsers that meet hostile ones."""

from pathlib import Path

import pytest

from companion.calls.wire.customers import Malformed
from companion.calls.wire.xml import parsing
from companion.calls.wire.xml.references import (
    entities,
    external,
    faults,
    nested,
    parse_all,
    parse_apart,
    resolve,
    through_json,
)

SHOP = '<shop><customer id="c1" name="Ada"/><order id="o1" by="c1"/><order id="o2" by="{}"/></shop>'


def test_references_that_lead_somewhere_are_valid_and_lead_there() -> None:
    assert faults(SHOP.format("c1")) == []
    assert resolve(SHOP.format("c1")) == {"o1": "Ada", "o2": "Ada"}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (SHOP.format("c9"), 'unknown ID "c9"'),
        (SHOP.format("c1").replace("c1", "1"), "Syntax of value"),
        (SHOP.format("c1").replace('"o2"', '"c1"'), "already defined"),
        ("<shop><order/></shop>", "attribute"),
    ],
)
def test_a_validating_parser_finds_what_is_wrong_with_a_reference(document: str, why: str) -> None:
    assert any(why in fault for fault in faults(document))


def test_a_document_that_brings_its_own_definition_is_not_read() -> None:
    with pytest.raises(Malformed):
        faults("<!DOCTYPE shop []>" + SHOP.format("c1"))


def test_json_copies_what_is_shared_and_cannot_write_a_circle() -> None:
    ada: dict[str, object] = {"name": "Ada"}
    first, second = through_json([ada, ada])
    assert first == second and first is not second
    ada["self"] = ada
    with pytest.raises(ValueError, match="Circular"):
        through_json(ada)


@pytest.mark.parametrize(("levels", "fan"), [(0, 3), (1, 3), (2, 3), (3, 4)])
def test_entities_grow_as_a_power_of_their_levels(levels: int, fan: int) -> None:
    assert parsing.element_tree(entities(levels, fan)) == "ha" * fan**levels


def test_two_million_characters_come_out_of_373_bytes_and_twenty_million_are_refused() -> None:
    allowed, refused = (parse_apart("ElementTree", entities(levels)) for levels in (6, 7))
    assert (allowed.sent, allowed.characters) == (373, 2_000_000)
    assert refused.characters is None
    assert "amplification" in refused.text


def test_lxml_refuses_earlier_and_reads_a_file_only_when_told_to(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret")
    plain, told = parse_all(["lxml", "lxml, resolve_entities"], external(tmp_path / "secret"))
    assert plain.characters is None
    assert told.text == "a secret"
    assert parse_apart("lxml", entities(5)).characters is None


def test_depth_and_length_have_limits_of_their_own_in_each_parser() -> None:
    assert parsing.read("lxml", nested(256, "xml"))["characters"] == 2
    assert "depth" in parsing.read("lxml", nested(257, "xml"))["text"]
    assert parsing.read("ElementTree", nested(1000, "xml"))["characters"] == 2
    assert "RecursionError" in parse_apart("json", nested(100_000, "json")).text
    assert parsing.read("json", b"1" * 4300)["characters"] == 4300
    assert "4300" in parsing.read("json", b"1" * 4301)["text"]


def test_a_parser_that_takes_too_much_dies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resource", reason="this system sets no limits")
    monkeypatch.setattr("companion.calls.wire.xml.references.MEMORY", 1 << 20)
    assert parse_apart("lxml", b"<a/>").characters is None
