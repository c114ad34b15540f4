"""Words of an unknown font stay within what is drawn around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.drawing.scene import plain, width_of, wrapped


@given(st.text(max_size=300), st.floats(40, 400), st.booleans())
def test_no_line_is_wider_than_asked_and_no_word_is_lost(text: str, width: float, bold: bool) -> None:
    lines = wrapped(text, width, 13, bold=bold, most=10_000)
    assert all(width_of(line, 13, bold=bold) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(plain(text).split())


def test_what_is_too_long_is_cut_and_says_so() -> None:
    lines = wrapped("word " * 100, 100, 13, most=3)
    assert len(lines) == 3 and lines[-1].endswith(" …")
    assert width_of(lines[-1], 13) <= 100


@pytest.mark.parametrize("bold", [False, True])
def test_a_wide_font_is_not_wider_than_the_estimate(bold: bool) -> None:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    for text in (
        "Why was the pool exhausted? 10x more queries",
        "WWWW mmmm @@ %%",
        "illicit, jittery; (first)",
        "Äöß—…→",
    ):
        assert TextPath((0, 0), text, size=13, prop=font).get_extents().width <= width_of(text, 13, bold=bold)


def test_what_no_xml_may_hold_or_what_turns_words_round_is_replaced() -> None:
    assert plain("a\x00b\u202ec\ud800d\ne") == "a?b?c?d\ne"
