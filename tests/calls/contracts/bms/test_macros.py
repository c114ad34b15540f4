"""Macros: the columns of a card, and what a reader says of slips."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.contracts.bms import macros, template
from companion.calls.contracts.bms.screens import BmsError, Field, Screen, example, stopped
from tests.calls.contracts.bms.conftest import templates

TEXT = macros.write(stopped(template.read(example("customer.txt"))))
HEAD = "M        DFHMSD TYPE=MAP\n         DFHMDI SIZE=(24,80)\n"


@given(templates())
@settings(max_examples=50, deadline=None)
def test_what_is_written_keeps_the_cards_columns(text: str) -> None:
    marked = 0
    for line in macros.write(stopped(template.read(text))).splitlines():
        assert len(line) <= 72 and (len(line) == 72) == (line[71:] == "X")
        if marked:  # nine continued lines are allowed
            assert line[:15].isspace()
        else:
            assert line[9:15].rstrip() in {"DFHMSD", "DFHMDI", "DFHMDF", "END"}
        marked = marked + 1 if line[71:] else 0
        assert marked <= 9


@given(st.text("'& ab", min_size=1, max_size=79).filter(lambda text: text.strip() and "_" not in text))
@settings(max_examples=50, deadline=None)
def test_quotes_and_ampersands_come_back_across_the_ends_of_cards(text: str) -> None:
    screen = Screen("M", (Field(1, 1, len(text), initial=text),))
    written = macros.write(screen)
    assert macros.read(written) == screen
    assert written.count("'") == 2 + 2 * text.count("'")


@given(
    st.text(max_size=300)
    | st.tuples(st.integers(0, len(TEXT)), st.integers(0, 90), st.text("X',& \n=()_1", max_size=5)).map(
        lambda cut: TEXT[: cut[0]] + cut[2] + TEXT[cut[0] + cut[1] :]
    )
)
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_refused_in_one_line_with_its_place(text: str) -> None:
    try:
        screen = macros.read(text, "a.bms")
    except BmsError as error:
        assert str(error).startswith("a.bms:") and "\n" not in str(error)
    else:
        assert macros.read(macros.write(screen)) == screen


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "m:1:1: there is no map"),
        ("M DFHMSD TYPE=&SYSPARM, X", "m:1:72: the operands end in a comma, and column 72 has no mark"),
        (
            "M        DFHMSD TYPE=MAP,".ljust(71) + "X\n                LANG=C",
            "m:2:17: a continued line starts in column 16",
        ),
        (
            "M        DFHMSD TYPE=MAP,".ljust(71) + "X\n              LANG=C",
            "m:2:15: a continued line starts in column 16",
        ),
        (
            "M        DFHMSD TYPE=MAP".ljust(71) + "X\n               LANG=C",
            "m:1:25: column 72 is marked, and no comma",
        ),
        ("M        DFHMSD TYPE=MAP,".ljust(71) + "X", "m:1:72: the last line is marked in column 72"),
        ("M" * 81, "m:1:81: a card has 80 columns"),
        ("MAP", "m:1:1: no operation"),
        (" FROB A=1", "m:1:10: no macro of BMS: FROB"),
        ("M DFHMDI SIZE=(12,40)", "m:1:17: the map has another size"),
        ("M DFHMDI SIZE=(24,80)\nN DFHMDI SIZE=(24,80)", "m:2:10: a second map begins"),
        ("A DFHMDF POS=(1,1),LENGTH=1", "m:1:10: a field stands before its map"),
        (HEAD + " DFHMDF POS=(25,1),LENGTH=1", "m:3:17: POS=(row,column) is the attribute byte's place"),
        (HEAD + " DFHMDF POS=(1,1)", "m:3:17: LENGTH is 1 to 256"),
        (HEAD + " DFHMDF POS=(1,1),LENGTH=1,LENGTH=2", "m:3:17: 'LENGTH' stands twice"),
        (HEAD + "A DFHMDF POS=(1,1),LENGTH=0", "m:3:17: LENGTH is 1 to 256"),
        (HEAD + "A DFHMDF POS=(1,1),LENGTH=1,OCCURS=5", "m:3:17: 'OCCURS' is not read"),
        (HEAD + "A DFHMDF POS=(1,1),LENGTH=1,ATTRB=BLUE", "m:3:17: ATTRB is ASKIP"),
        (HEAD + "A DFHMDF POS=(1,1),LENGTH=1,ATTRB=(UNPROT,PROT)", "m:3:17: ATTRB is ASKIP"),
        (HEAD + "A DFHMDF POS=(1,1),LENGTH=1,ATTRB=(BRT,DRK)", "m:3:17: ATTRB is ASKIP"),
        (HEAD + " DFHMDF POS=(1,1),LENGTH=1,ATTRB=UNPROT", "m:3:1: a field to type into has a name"),
        (HEAD + " DFHMDF POS=(1,1),LENGTH=5,INITIAL='R&D'", "m:3:17: INITIAL is a text in quotes"),
        (HEAD + " DFHMDF POS=(1,1),LENGTH=5,INITIAL='it's'", "m:3:72: the text has no end on this line"),
        (HEAD + " DFHMDF POS=(1,1),LENGTH=1,INITIAL='ab'", "m:3:17: INITIAL has 2 characters, and LENGTH is 1"),
        (HEAD + " DFHMDF POS=(1,1),LENGTH=1\n" * 2, "m:4:17: two fields have the attribute byte (1,1)"),
        (HEAD + "A DFHMDF POS=(1,1),LENGTH=1\nA DFHMDF POS=(2,1),LENGTH=1", "m:4:1: two fields are called A"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_cure(text: str, error: str) -> None:
    with pytest.raises(BmsError) as caught:
        macros.read(text, "m")
    assert str(caught.value).startswith(error)


def test_comments_numbers_of_cards_and_remarks_are_not_read() -> None:
    card = "         DFHMDF POS=(1,1),".ljust(71) + "X00000100\n               LENGTH=1    a remark"
    assert macros.read("* a comment\n\n" + HEAD + card.replace("(1,1), ", "(1,1), ")).fields == (Field(1, 1, 1),)


def test_the_articles_map_is_read_as_it_is_meant() -> None:
    assert macros.read(example("article.bms")) == Screen("CUSTMAP", (
        Field(5, 20, 8, ("UNPROT", "NUM"), "CUSTID", "_" * 8), Field(7, 20, 30, ("PROT",), "CUSTNAME")))  # fmt: skip


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("(NORM,ASKIP,FSET)", ("ASKIP",)),
        ("(NORM,PROT,ASKIP)", ("ASKIP",)),
        ("(NUM,NORM,IC,UNPROT)", ("UNPROT", "NUM")),
        ("(BRT,NUM,IC)", ("UNPROT", "NUM")),  # without a word on protection a field can be typed into
        ("(DRK,FSET,UNPROT)", ("UNPROT", "DRK")),
        ("(PROT,BRT)", ("PROT",)),
    ],
)
def test_attributes_are_read_in_any_order_and_beside_others(words: str, meant: tuple[str, ...]) -> None:
    (field,) = macros.read(HEAD + f"A DFHMDF POS=(1,1),LENGTH=1,ATTRB={words}").fields
    assert field.attributes == meant


def test_what_a_screen_has_no_place_for_is_read_over_and_counted() -> None:
    listing = "         TITLE 'A card''s title, with a comma'\n         PRINT NOGEN\n"
    looks = "A DFHMDF POS=(1,1),LENGTH=2,COLOR=RED,PICIN='99',ATTRB=(PROT,BRT)\n"
    left_out: Counter[str] = Counter()
    screen = macros.read(listing + HEAD + looks + looks.replace("A DFHMDF POS=(1", "B DFHMDF POS=(2"), "m", left_out)
    assert [field.name for field in screen.fields] == ["A", "B"]
    assert left_out == {"COLOR": 2, "PICIN": 2, "ATTRB BRT": 2}
