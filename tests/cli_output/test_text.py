"""Words of others are shown as one harmless line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from companion.cli_output.text import clean, clipped, counted


@given(st.text())
def test_whatever_is_cleaned_is_one_printable_line(text: str) -> None:
    found = clean(text)
    assert found.isprintable() and found == clean(found) == found.strip()


def test_what_can_be_shown_stays() -> None:
    assert clean("Größe: 3 €,  \tdann\n weiter") == "Größe: 3 €, dann weiter"
    assert clean("\x1b[31mred\x1b[0m \x1b]0;title\x07x\u202e") == "red x"
    assert clean("byte \udc80") == "byte \N{REPLACEMENT CHARACTER}"


def test_a_long_text_is_cut_and_says_so() -> None:
    assert (clipped("abcdefgh", 8), clipped("abcdefghi", 8)) == ("abcdefgh", "abcde...")


def test_numbers_are_said_with_their_noun() -> None:
    assert [counted(n, "rule") for n in (0, 1, 1200)] == ["no rules", "1 rule", "1,200 rules"]
    assert counted(2, "entry", "entries") == "2 entries"
