"""Eight parsers with one face."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.contracts.idl import parsers
from companion.calls.contracts.idl.contracts import LANGUAGES, ContractError, contracts
from companion.calls.contracts.idl.lexing import MOST_CHARACTERS
from companion.calls.contracts.idl.parsers import CHILD, COMPILERS, PARSERS, missing, parse, parse_all

GARBAGE = ["", "{", "]", "\x00", "<a>", "[1]", "true", "\N{SNOWMAN}", "struct {", '"', "{" * 3000]
EMPTY = {"XDR": {""}, "Thrift": {""}, "JSON Schema": {"true"}, "protobuf": {""}, "CORBA": {"", "\x00", "\N{SNOWMAN}"}}
"""What little is a contract; omniidl passes over bytes that it does not know."""


def here(language: str) -> None:
    if reason := missing(language):
        pytest.skip(reason)


@pytest.mark.parametrize("language", LANGUAGES)
def test_garbage_is_refused_with_a_reason_in_one_line(language: str) -> None:
    here(language)
    for text, made in parse_all(language, {text: text for text in GARBAGE}).items():
        if text not in EMPTY.get(language, set()):
            assert made.error, (text[:10], made.model)
            assert "\n" not in made.error


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_leaves_nothing_behind_for_the_next_text(language: str) -> None:
    here(language)
    text = contracts()[language]
    made = parse_all(language, {"first": text, "cut": text[: len(text) // 2], "last": text})
    assert made["cut"].error
    assert made["first"] == made["last"] == parse(language, text)


@pytest.mark.parametrize("language", sorted(PARSERS))
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_contract_with_a_hole_is_read_or_refused(language: str, data: st.DataObject) -> None:
    text = contracts()[language]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    made = parse(language, text[:start] + text[end:])
    assert bool(made.error) == (made.model is None)


def test_a_contract_has_a_greatest_length_and_a_language_a_name() -> None:
    with pytest.raises(ContractError, match="at most"):
        parse("XDR", " " * (MOST_CHARACTERS + 1))
    with pytest.raises(ContractError, match="no language 'COBOL'"):
        parse("COBOL", "")


def test_a_missing_compiler_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMPILERS, "CORBA", "no_such_module")
    with pytest.raises(ContractError, match="CORBA cannot be parsed here: there is no no_such_module"):
        parse("CORBA", "")


def test_a_compiler_that_gives_no_answer_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "CHILD", CHILD.with_name("no_such_child.py"))
    with pytest.raises(ContractError, match="gave no answer"):
        parse("protobuf", "")


def test_the_child_ends_when_its_input_does() -> None:
    child = subprocess.Popen(
        [sys.executable, "-I", str(CHILD), "protobuf"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdin
    child.stdin.close()
    assert child.wait(60) == 1  # nothing is no JSON


def test_comments_are_told_only_where_a_parser_keeps_them() -> None:
    for language, kept in (("XDR", False), ("Thrift", False), ("protobuf", True)):
        text = contracts()[language]
        commented = text.replace("struct ", "/* Known. */\nstruct ").replace("message ", "/* Known. */\nmessage ")
        assert (parse(language, commented).model != parse(language, text).model) is kept


def test_an_unknown_word_of_json_schema_is_passed_over_but_not_among_names() -> None:
    plain = parse("JSON Schema", '{"properties": {"errors": {"type": "string"}}}')
    assert parse("JSON Schema", '{"errors": 1, "properties": {"errors": {"type": "string", "x": 2}}}') == plain
    assert parse("JSON Schema", '{"properties": {"error": {"type": "string"}}}') != plain
    assert parse("JSON Schema", '{"type": "strin"}').error.startswith("$.type")


def test_no_entity_of_a_wsdl_reaches_a_file() -> None:
    text = contracts()["WSDL"].replace(
        '<?xml version="1.0" encoding="utf-8"?>', '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    )
    assert parse("WSDL", text.replace('name="Customers" target', 'name="&e;" target')).error


def test_a_contract_reaches_for_no_other_file() -> None:
    text = contracts()["WSDL"]
    for more in (
        '<import namespace="urn:a" location="a.wsdl"/>',
        '<types><xs:schema><xs:include schemaLocation="a.xsd"/></xs:schema></types>',
    ):
        assert "from outside" in parse("WSDL", text.replace("</definitions>", f"{more}</definitions>")).error
    assert "from outside" in parse("Thrift", 'include "a.thrift"\n' + contracts()["Thrift"]).error
    assert parse("protobuf", contracts()["protobuf"] + 'import "/etc/passwd";').error


def test_a_compiler_names_the_line_and_no_file_of_ours() -> None:
    assert parse("protobuf", 'syntax = "proto3";\nmessag A {}').error.startswith("line 2:1: ")
    assert parse("Thrift", "struct A {}\nstrukt").error == "Grammar error 'strukt' at line 2"
    if reason := missing("CORBA"):
        pytest.skip(reason)
    clash = "interface C {};\ninterface D { void op(in C c); };"
    assert parse("CORBA", clash).error == "line 2: Declaration of parameter 'c' clashes with use of identifier 'C'"
    assert not parse("CORBA", clash.replace("in C c", "in long c")).error
