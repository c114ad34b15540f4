"""Tables drawn by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from companion.schemas.pii.reports.columns import folded, table

TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60)


def test_a_narrow_column_gets_what_it_needs_and_the_wide_ones_share() -> None:
    text = table(("level", "a", "b"), [("HIGH", "x" * 40, "y" * 40)], width=31)
    assert text.splitlines() == [
        "level  a            b",
        "-----  -----------  -----------",
        f"HIGH   {'x' * 11}  {'y' * 11}",
        f"       {'x' * 11}  {'y' * 11}",
        f"       {'x' * 11}  {'y' * 11}",
        f"       {'x' * 7}      {'y' * 7}",
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a few words more", ["a few words", "more"]),
        ("a few wordss", ["a few", "wordss"]),
        ("data/pii/shop.proto:34", ["data/pii/", "shop.", "proto:34"]),
        ("Customer.address", ["Customer.", "address"]),
        ("x" * 23, ["x" * 11, "x" * 11, "x"]),
        ("日本語日本語", ["日本語日本", "語"]),
        ("one\n\ntwo", ["one", "", "two"]),
    ],
)
def test_a_text_folds_between_words_then_behind_parts_of_a_path_then_anywhere(text: str, lines: list[str]) -> None:
    assert list(folded(text, 11)) == lines


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=5), st.integers(12, 90))
def test_no_line_is_too_wide_and_no_character_is_lost(rows: list[tuple[str, str, str]], width: int) -> None:
    text = table(("a", "b", "c"), rows, width=width)
    assert max(map(cell_len, text.split("\n"))) <= width
    body = "".join(text.split("\n")[2:])
    for row in rows:
        for character in "".join("".join(row).split()):
            assert character in body
    assert sorted("".join(body.split())) == sorted("".join("".join(map("".join, rows)).split()))
