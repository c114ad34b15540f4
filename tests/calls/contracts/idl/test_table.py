"""What each language can say."""

from __future__ import annotations

from collections import Counter

import pytest

from companion.calls.contracts.idl import parsers
from companion.calls.contracts.idl.contracts import LANGUAGES, ContractError, contracts
from companion.calls.contracts.idl.generated import recorded
from companion.calls.contracts.idl.parsers import COMPILERS, Parsed, missing
from companion.calls.contracts.idl.table import CASE, column, edited, probes, table, things, verdict


def test_there_is_one_edit_for_each_thing_and_language_and_it_edits() -> None:
    for thing in [*things(), CASE]:
        assert set(probes()[thing]) == set(LANGUAGES)
        for language in LANGUAGES:
            without, edit = edited(thing, language)
            assert without != edit
            assert contracts()[language] in (without, edit) or thing in {"limits", "required"}


def test_a_verdict_compares_two_parses() -> None:
    assert verdict(Parsed([1]), Parsed([2])) == "says"
    assert verdict(Parsed([1]), Parsed([1])) == "ignores"
    assert verdict(Parsed([1]), Parsed(error="line 1")) == "refuses"


def test_the_languages_say_what_their_specifications_have() -> None:
    cells = table()
    counts = Counter(language for (_, language), found in cells.items() if found == "says")
    assert counts == {
        "Smithy": 12, "OpenAPI": 11, "WSDL": 8, "Thrift": 8, "protobuf": 8, "JSON Schema": 8, "XDR": 6, "CORBA": 6,
    }  # fmt: skip
    assert {language for language in LANGUAGES if cells["number", language] == "says"} == {"Thrift", "protobuf"}
    assert {language for language in LANGUAGES if cells["stream", language] == "says"} == {"protobuf", "Smithy"}
    assert {thing for thing, language in cells if cells[thing, language] == "refuses" and language == "Smithy"} == {
        "number"
    }


def test_only_corba_and_smithy_refuse_names_that_differ_by_case() -> None:
    assert {language for (_, language), found in table(CASE).items() if found != "says"} == {"CORBA", "Smithy"}


@pytest.mark.parametrize("language", sorted(COMPILERS))
def test_the_record_of_a_column_is_what_the_compiler_says(language: str) -> None:
    if reason := missing(language):
        pytest.skip(reason)
    assert recorded()["columns"][language] == column(language, [*things(), CASE])


def test_without_a_compiler_the_column_is_read_and_a_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(parsers.COMPILERS, "CORBA", "no_such_module")
    assert table("error")["error", "CORBA"] == "says"
    assert capsys.readouterr().out.count("\n") == 1


def test_an_edit_that_is_not_there_is_refused() -> None:
    with pytest.raises(ContractError, match="no edit of COBOL for 'error'"):
        edited("error", "COBOL")
