"""Words with line and column."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.contracts.idl.contracts import ContractError
from companion.calls.contracts.idl.lexing import DEEPEST, MOST_CHARACTERS, MOST_CHARACTERS_A_WORD, Reader, words

WORD = re.compile(r"(?P<skip>\s+)|(?P<string>'[^']*')|(?P<name>[a-z]+)|(?P<mark>[{}])")


def test_a_word_knows_its_line_and_its_column() -> None:
    found = words("a\n  bc {", WORD)
    assert [(one.text, one.line, one.column) for one in found] == [("a", 1, 1), ("bc", 2, 3), ("{", 2, 6), ("", 2, 7)]


def test_what_is_no_word_is_refused_where_it_stands() -> None:
    with pytest.raises(ContractError, match=r"line 2, column 2: '\?'"):
        words("a\n ?", WORD)


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_cut_whole_or_refused(text: str) -> None:
    try:
        found = words(text, WORD)
    except ContractError:
        return
    assert re.sub(r"\s", "", "".join(one.text for one in found)) == re.sub(r"\s", "", text)


def test_a_text_and_a_word_have_a_greatest_length() -> None:
    with pytest.raises(ContractError, match="the most"):
        words(" " * (MOST_CHARACTERS + 1), WORD)
    with pytest.raises(ContractError, match="a word of"):
        words("a" * (MOST_CHARACTERS_A_WORD + 1), WORD)


def test_a_reader_never_passes_the_end_and_takes_no_string_for_a_mark() -> None:
    reader = Reader(words("'{'", WORD))
    assert not reader.maybe("{'")
    with pytest.raises(ContractError, match=r"expected '\{'"):
        reader.take("{")
    reader.skip()
    assert [reader.skip().kind for _ in range(3)] == ["end"] * 3
    with pytest.raises(ContractError, match="expected a name"):
        reader.kind("name", "a name")


def test_a_reader_goes_only_so_deep() -> None:
    reader = Reader(words("", WORD))
    for _ in range(DEEPEST):
        reader.deeper()
    with pytest.raises(ContractError, match="deep"):
        reader.deeper()
