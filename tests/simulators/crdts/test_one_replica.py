"""At one replica, with nobody to merge with, a type is the number, set, dict or text that it stands for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.crdts.counters import GCounter, PNCounter
from companion.simulators.crdts.registers import LWWMap, LWWStandingClock, LWWWithoutId, MVRegister
from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet
from companion.simulators.crdts.text import RGA, FractionText, typed

NUMBERS = st.lists(st.integers(-9, 9), max_size=8)
CHANGES = st.lists(st.tuples(st.booleans(), st.sampled_from("xyz")), max_size=8)


@given(NUMBERS)
def test_a_counter_is_a_sum(amounts: list[int]) -> None:
    counter, growing = PNCounter(), GCounter()
    for amount in amounts:
        counter, growing = counter.add("A", amount), growing.add("A", abs(amount))
    assert (counter.value, growing.value) == (sum(amounts), sum(map(abs, amounts)))
    ups, downs = sum(n for n in amounts if n > 0), -sum(n for n in amounts if n < 0)
    assert (counter.up.value, counter.down.value) == (ups, downs)


def test_who_counts_without_an_amount_counts_one() -> None:
    assert PNCounter().add("A").add("B").add("B").plain() == [{"A": 1, "B": 2}, {}]
    assert GCounter().add("B").add("A", 5).plain() == {"A": 5, "B": 1}
    assert list(GCounter({"B": 1, "A": 5}).plain()) == ["A", "B"]


def test_each_replica_counts_for_itself_upwards_and_downwards() -> None:
    assert PNCounter().add("A", 4).add("B", -3).plain() == [{"A": 4}, {"B": 3}]
    assert PNCounter().add("A", 0).plain() == [{"A": 0}, {}]


@pytest.mark.parametrize("kind", [NaiveORSet, ORSet, ORSWOT])
@given(changes=CHANGES)
def test_a_set_is_a_set(kind: Any, changes: list[tuple[bool, str]]) -> None:
    state, elements = kind(), set()
    for add, element in changes:
        if add:
            state = state.add("A", element)
            elements.add(element)
        elif element in elements:
            state = state.remove(element)
            elements.discard(element)
        assert state.value == elements


def test_every_addition_has_a_dot_of_its_own_numbered_from_one() -> None:
    twice = NaiveORSet().add("A", "x").add("A", "y").add("B", "x")
    assert twice.plain() == {"x": [["A", 1], ["B", 1]], "y": [["A", 2]]}
    assert twice.remove("x").add("A", "x").plain() == {"x": [["A", 3]], "y": [["A", 2]]}
    assert list(NaiveORSet({"b": frozenset(), "a": frozenset()}).plain()) == ["a", "b"]


def test_what_a_merge_did_not_bring_is_counted_from_nothing() -> None:
    merged = NaiveORSet().add("A", "x").merge(NaiveORSet().add("B", "y"))
    assert merged.counts == {"A": 1, "B": 1}


def test_a_tombstone_is_told_until_it_is_collected() -> None:
    grave = ORSet().add("A", "x").add("A", "y").remove("x")
    assert grave.plain() == [[["A", 2, "y"]], [["A", 1]]]
    swept = grave.collected(frozenset({("A", 1)}))
    assert swept == ORSet(grave.live, frozenset(), grave.counts)
    assert swept.add("A", "z").plain() == [[["A", 2, "y"], ["A", 3, "z"]], []]


def test_a_set_without_tombstones_tells_gaps_only_where_it_has_one() -> None:
    whole = ORSWOT().add("A", "x").add("A", "y")
    assert whole.plain() == [{"A": 2}, {"x": [["A", 1]], "y": [["A", 2]]}]
    assert ORSWOT().add("A", "x").news(whole).plain() == [{}, {"y": [["A", 2]]}, [["A", 2]]]


def test_news_leave_out_what_is_known_by_its_replica_and_number() -> None:
    known, other = ORSWOT().add("A", "x"), ORSWOT().add("A", "x").add("B", "y").add("B", "z")
    news = known.news(other)
    assert dict(news.seen) == {"B": 2}
    assert set(news.entries) == {"y", "z"}


@pytest.mark.parametrize("kind", [LWWMap, LWWWithoutId, LWWStandingClock])
@given(changes=st.lists(st.tuples(st.sampled_from("xyz"), st.one_of(st.none(), st.integers())), max_size=8))
def test_a_map_is_a_dict_without_what_holds_none(kind: Any, changes: list[tuple[str, int | None]]) -> None:
    state, entries = kind(), {}
    for now, (key, value) in enumerate(changes):
        state = state.put("A", key, value, now)
        entries[key] = value
    assert state.value == {key: value for key, value in entries.items() if value is not None}


def test_a_stamp_is_the_clocks_or_the_next_after_all_that_are_known() -> None:
    state = LWWMap().put("A", "k", 1).put("A", "l", 2).put("A", "k", 3, now=9).put("A", "m", 4, now=2)
    assert state.plain() == {"k": [9, "A", 3], "l": [1, "A", 2], "m": [10, "A", 4]}
    assert list(LWWMap({"b": (0, "A", 1), "a": (0, "A", 1)}).plain()) == ["a", "b"]
    for wrong in (LWWWithoutId(), LWWStandingClock()):
        assert wrong.put("A", "k", 1).plain() == {"k": [0, "A", 1]}


def test_of_two_entries_that_tie_neither_is_later() -> None:
    assert not LWWMap.later((1, "A", "x"), (1, "A", "y"))
    assert not LWWWithoutId.later((1, "A", "x"), (1, "B", "y"))


def test_a_registers_rivals_are_told_with_what_each_had_seen() -> None:
    both = MVRegister().put("B", "bob").merge(MVRegister().put("A", "ann"))
    assert both.plain() == [[{"A": 1}, "ann"], [{"B": 1}, "bob"]]
    assert both.put("A", "ann").plain() == [[{"A": 2, "B": 1}, "ann"]]


@pytest.mark.parametrize("kind", [FractionText, RGA])
@given(changes=st.lists(st.tuples(st.booleans(), st.integers(0, 99)), max_size=12))
def test_a_text_is_a_list_of_characters(kind: Any, changes: list[tuple[bool, int]]) -> None:
    state, characters = kind(), list[str]()
    for remove, number in changes:
        if remove and characters:
            state = state.remove(number % len(characters))
            del characters[number % len(characters)]
        else:
            at = number % (len(characters) + 1)
            state = state.insert("A", at, "abcdefgh"[number % 8])
            characters.insert(at, "abcdefgh"[number % 8])
        assert state.value == "".join(characters)


def test_a_text_tells_each_character_its_place_and_whether_it_was_removed() -> None:
    assert typed(RGA(), "A", 0, "hi").remove(0).plain() == [[[1, "A"], [], "h", True], [[2, "A"], [1, "A"], "i", False]]
    fractions = typed(FractionText(), "A", 0, "hi").remove(0)
    assert fractions.plain() == [["1/2", "A", "h", True], ["3/4", "A", "i", False]]
