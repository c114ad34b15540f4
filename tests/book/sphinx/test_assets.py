"""Stylesheets and fonts lose what no page uses, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from companion.book.sphinx.assets import (
    formula_characters,
    keep_glyphs,
    names_in_pages,
    names_in_scripts,
    trimmed,
)


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".card{color:red}", ""),
        (".note{color:red}", ".note{color:red}\n"),
        (".card,.note{color:red}", ".note{color:red}\n"),
        ("#top .note{color:red}", "#top .note{color:red}\n"),
        ("#bottom .note{color:red}", ""),
        ("p.note:not(.card){color:red}", "p.note:not(.card){color:red}\n"),
        (":is(.card,.note) b{color:red}", ":is(.card,.note) b{color:red}\n"),
        ("[class*=card]{color:red}", "[class*=card]{color:red}\n"),
        ("html{--blue:#00f}", "html{--blue:#00f}\n"),
        (".bs-tooltip-top{color:red}", ".bs-tooltip-top{color:red}\n"),  # a script puts this name together
        ("@media print{.card{color:red}}", ""),
        ("@media print{.card{color:red}.note{color:red}}", "@media print{.note{color:red}\n}\n"),
        ('@font-face{font-family:"X"}', '@font-face{font-family:"X"}\n'),
        ("@keyframes card{from{top:0}}", "@keyframes card{from{top:0}}\n"),
        ('.note::before{content:".card"}', '.note::before{content:".card"}\n'),
    ],
)
def test_a_rule_stays_if_what_it_asks_for_may_be_there(css: str, kept: str) -> None:
    assert trimmed(css, {"note", "top"}) == kept


def test_a_stylesheet_that_cannot_be_read_is_no_stylesheet() -> None:
    with pytest.raises(ValueError, match="line 2"):
        trimmed(".note{color:red}\n.note", {"note"})


def test_names_come_from_the_attributes_of_pages_and_from_all_words_of_scripts() -> None:
    assert names_in_pages(['<p class="note wide" id="top">a card</p>']) == {"note", "wide", "top"}
    assert {"sidebar-hidden", "querySelector"} <= names_in_scripts(['x.querySelector(".sidebar-hidden")'])


def test_a_formula_needs_its_letters_and_their_slanted_forms() -> None:
    found = formula_characters(["<p>Ω</p><math><mi>&#x003BB;</mi><mi>K</mi></math>"])
    assert {"λ", "𝜆", "K", "𝐾"} <= found
    assert "Ω" not in found


@pytest.fixture
def font(tmp_path: Path) -> Path:
    """Make a font of three squares."""
    names = [".notdef", "sun", "moon", "star"]
    builder = FontBuilder(1000)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0xF185: "sun", 0xF186: "moon", 0xF005: "star"})
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 500))
    pen.lineTo((500, 500))
    pen.closePath()
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.font.flavor = "woff2"
    path = tmp_path / "squares.woff2"
    builder.save(path)
    return path


def test_a_font_keeps_the_glyphs_that_are_shown_and_is_the_same_each_time(font: Path) -> None:
    whole = font.read_bytes()
    keep_glyphs(font, {"\uf185", "x"})
    once = font.read_bytes()
    assert list(TTFont(font).getBestCmap()) == [0xF185]
    font.write_bytes(whole)
    keep_glyphs(font, {"\uf185", "x"})
    assert font.read_bytes() == once


def test_a_font_of_which_nothing_is_shown_goes(font: Path) -> None:
    keep_glyphs(font, {"x"})
    assert not font.exists()
