"""The terminal's buffer: a field ends at the next attribute byte, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from companion.calls.contracts.bms import macros, template
from companion.calls.contracts.bms.screens import (
    SIZE,
    BmsError,
    Field,
    Screen,
    Terminal,
    example,
    stopped,
    stoppers,
)
from tests.calls.contracts.bms.conftest import templates

ARTICLE = macros.read(example("article.bms"))


@given(templates())
@settings(max_examples=50, deadline=None)
def test_with_stoppers_exactly_length_characters_can_be_typed_and_arrive(text: str) -> None:
    screen = stopped(template.read(text))
    for field in (field for field in screen.fields if field.typed):
        terminal = Terminal(screen.fields)
        assert len(terminal.places(field.name)) == field.length
        assert terminal.type(field.name, "7" * field.length) == field.length
        assert terminal.received() == {field.name: "7" * field.length}


@given(templates())
@settings(max_examples=50, deadline=None)
def test_stoppers_change_nothing_of_what_is_shown_but_where_one_can_type(text: str) -> None:
    screen = template.read(text)
    added = stoppers(screen.fields)
    assert not {one.address for one in added} & {one.address for one in screen.fields}
    assert stoppers([*screen.fields, *added]) == []
    bare, ended = ("".join(row.ljust(80) for row in Terminal(one.fields).render()) for one in (screen, stopped(screen)))
    assert all(new == old or (old, new) == ("_", " ") for old, new in zip(bare, ended, strict=True))


def test_the_articles_field_takes_159_characters_of_which_8_arrive() -> None:
    terminal = Terminal(ARTICLE.fields)
    assert terminal.type("CUSTID", "1" * 500) == 159
    assert terminal.received() == {"CUSTID": "1" * 8}


def test_a_screen_of_one_field_is_all_its_own_around_the_end() -> None:
    terminal = Terminal([Field(24, 80, 5, ("UNPROT",), "ALL")])
    assert terminal.places("ALL") == list(range(SIZE - 1))
    assert terminal.type("ALL", "x" * SIZE) == SIZE  # the last one has gone around to the first place
    assert terminal.received() == {"ALL": "xxxxx"}


def test_after_askip_the_ninth_key_goes_to_the_next_field_and_at_prot_the_keyboard_locks() -> None:
    alone = Terminal(stopped(ARTICLE).fields)
    assert alone.type("CUSTID", "123456789") == 9
    assert alone.received() == {"CUSTID": "92345678"}
    locked = Terminal(stopped(ARTICLE, ("PROT",)).fields)
    assert locked.type("CUSTID", "123456789") == 8
    two = [Field(1, 1, 2, ("UNPROT",), "A"), Field(3, 1, 2, ("UNPROT",), "B")]
    both = Terminal(stopped(Screen("TWO", tuple(two))).fields)
    assert both.type("A", "1234") == 4
    assert both.received() == {"A": "12", "B": "34"}


def test_nobody_types_into_a_protected_field() -> None:
    terminal = Terminal(ARTICLE.fields)
    assert terminal.type("CUSTNAME", "x") == 0
    assert terminal.received() == {}


def test_underscores_that_are_shown_first_arrive_and_nulls_do_not() -> None:
    terminal = Terminal(ARTICLE.fields)
    terminal.type("CUSTID", "42")
    assert terminal.received() == {"CUSTID": "42______"}
    empty = Terminal(template.read(example("customer.txt")).fields)
    empty.type("CUSTID", "42")
    assert empty.received() == {"CUSTID": "42"}


def test_fields_without_a_place_neither_take_keys_nor_hang_the_keyboard() -> None:
    full = [Field(one // 80 + 1, one % 80 + 1, 1, ("UNPROT",), f"F{one}") for one in range(SIZE)]
    assert Terminal(full).type("F0", "x") == 0


def test_a_text_takes_the_place_of_an_attribute_byte() -> None:
    fields = [Field(1, 5, 2, ("UNPROT",), "GONE"), Field(1, 1, 6, initial="longer")]
    assert Terminal(fields).names() == []


@pytest.mark.parametrize(
    ("place", "stopper"), [((5, 20, 8), (5, 29)), ((5, 70, 10), (6, 1)), ((24, 70, 10), (1, 1)), ((5, 78, 6), (6, 5))]
)
def test_a_stopper_stands_right_after_the_text(place: tuple[int, int, int], stopper: tuple[int, int]) -> None:
    (one,) = stoppers([Field(*place, ("UNPROT",), "A")])
    assert (one.row, one.column, one.length, one.name) == (*stopper, 0, "")


def test_a_field_of_another_name_is_an_error_that_lists_the_names() -> None:
    with pytest.raises(BmsError, match="no field 'NAME': name one of CUSTID, CUSTNAME"):
        Terminal(ARTICLE.fields).type("NAME", "x")
