"""Templates: read, drawn again, and refused with the place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.contracts.bms import macros, template
from companion.calls.contracts.bms.screens import BmsError, Field, Screen, stopped
from tests.calls.contracts.bms.conftest import templates


@given(templates())
@settings(max_examples=50, deadline=None)
def test_template_to_macros_to_template_is_the_identity(text: str) -> None:
    screen = template.read(text)
    assert template.write(screen) == text
    assert template.write(macros.read(macros.write(stopped(screen)))) == text


@given(st.text(max_size=300) | st.text(" _a\nm p'&A1", max_size=300) | templates().map(lambda text: text[3:-3]))
@settings(max_examples=50, deadline=None)
def test_any_text_is_read_or_refused_in_one_line_with_its_place(text: str) -> None:
    try:
        screen = template.read(text, "screen.txt")
    except BmsError as error:
        assert str(error).startswith("screen.txt:") and "\n" not in str(error)
    else:
        assert template.read(template.write(screen)) == screen


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "t:1:1: the legend is missing"),
        (" Id __", "t:1:1: the legend is missing"),
        ("Id __\nmap A", "t:1:1: column 1 is for attribute bytes"),
        (" Id__\nmap A", "t:1:4: field and label need a blank between"),
        (" __Id\nmap A\nF input", "t:1:4: field and label need a blank between"),
        (" Id __\nmap A", "t:1:5: this field has no line in the legend"),
        (" Id\nmap A\nF input", "t:3:1: the screen has no field for F"),
        (" __ __\nmap A\nF input\nF input", "t:4:1: F stands twice"),
        (" __\nmap A\nF text", "t:3:3: after the name stands its kind: input, numeric, password, protected"),
        (" __\nmap A\nf input", "t:3:1: a field's name"),
        (" Id\nmap TOOLONGNAME", "t:2:5: a map's name is 1 to 7"),
        (" Id\nmap A\n Id", "t:3:1: a row of the screen stands below the legend"),
        ("\n" * 24 + " Id\nmap A", "t:25:1: the screen has 24 rows: take 1 out"),
        (" " + "x" * 81, "t:1:81: a row has 80 columns: shorten it by 2"),
        (" a\tb\nmap A", "t:1:3: EBCDIC has no printable '\\t'"),
        (" λ\nmap A", "t:1:2: EBCDIC has no printable '\\u03bb'"),
        (" " * 200_000, "t:1:1: 200,000 characters are no screen"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_cure(text: str, error: str) -> None:
    with pytest.raises(BmsError) as caught:
        template.read(text, "t")
    assert str(caught.value).startswith(error)


def test_line_ends_of_windows_and_letters_of_code_page_037_are_read() -> None:
    assert template.read(" Größe ¢?\r\n\r\nmap A\r\n").fields == (Field(1, 1, 8, initial="Größe ¢?"),)


@pytest.mark.parametrize(
    ("field", "error"),
    [
        (Field(1, 78, 5, ("UNPROT",), "A"), "runs over the end of its row"),
        (Field(1, 1, 2, ("PROT",), "A", "hi"), "a template has no sign"),
        (Field(1, 1, 3, initial="a_b"), "underscores are fields"),
        (Field(1, 2, 4, initial="over"), "lies over another field"),
        (Field(1, 5, 2, ("UNPROT",), "A"), "a template cannot draw this map: row:1:6: field and label need a blank"),
    ],
)
def test_a_map_that_a_template_cannot_draw_is_refused(field: Field, error: str) -> None:
    first = Field(1, 4, 1, initial="x")
    with pytest.raises(BmsError, match=error):
        template.write(Screen("A", (first, field)))
