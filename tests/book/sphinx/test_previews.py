"""What others show of a page: its own first sentences, and an address only where one is known."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from docutils.core import publish_doctree

from companion.book.sphinx.previews import LONGEST, PICTURE, description

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*Why does it go on?*\n\n" + "You will know. " * 20, "Why does it go on?" + " You will know." * 12),
        ("One sentence. " + "And one of very many words " * 20 + ".", "One sentence."),
        ("Two\nlines. Three.\n\n- an item\n\nFour.", "Two lines. Three. Four."),
    ],
)
def test_a_description_is_made_of_whole_sentences(text: str, told: str) -> None:
    assert description(publish_doctree(f"Title\n=====\n\n{text}")) == told
    assert len(told) <= LONGEST


def test_a_first_sentence_that_is_too_long_is_cut_between_words() -> None:
    told = description(publish_doctree("word, " * 60))
    assert told.endswith("word…") and LONGEST - 10 < len(told) <= LONGEST


def test_a_page_without_prose_says_nothing() -> None:
    assert description(publish_doctree("- an item")) == ""


def test_the_picture_has_the_size_that_previews_are_cut_to() -> None:
    picture = (ROOT / "book" / "assets" / Path(PICTURE).name).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert len(picture) < 100_000
