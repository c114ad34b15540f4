"""Sets: who wins, what comes back, and how many bytes it takes."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet
from companion.simulators.crdts.spec import encoded

CHURN = 10_000


@pytest.mark.parametrize(("kind", "back"), [(NaiveORSet, True), (ORSet, False), (ORSWOT, False)])
def test_who_has_not_heard_of_a_removal_brings_the_naive_element_back(kind: Any, back: bool) -> None:
    a = kind().add("A", "x")
    b = kind().merge(a)
    a = a.remove("x").merge(b)
    assert ("x" in a.value) is back


@pytest.mark.parametrize("kind", [ORSet, ORSWOT])
def test_two_shoppers_remove_the_same_item_and_it_stays_away(kind: Any) -> None:
    cart = kind().add("A", "milk")
    one, other = kind().merge(cart).remove("milk"), kind().merge(cart).remove("milk")
    assert one.merge(other).value == other.merge(one).value == frozenset()


@pytest.mark.parametrize("kind", [ORSet, ORSWOT])
def test_an_addition_wins_over_a_removal_that_did_not_see_it(kind: Any) -> None:
    cart = kind().add("A", "milk")
    removed, added = cart.remove("milk"), kind().merge(cart).add("B", "milk")
    assert removed.merge(added).value == added.merge(removed).value == {"milk"}


def churned(pairs: int) -> tuple[ORSet, ORSWOT]:
    tombstones = ORSet({}, frozenset(("A", number) for number in range(1, pairs + 1)), {"A": pairs})
    return tombstones, ORSWOT({"A": pairs})


def test_churn_leaves_what_the_constructors_say() -> None:
    grave, empty = ORSet(), ORSWOT()
    for _ in range(50):
        grave, empty = grave.add("A", "x").remove("x"), empty.add("A", "x").remove("x")
    assert (grave.tombstones, empty) == (churned(50)[0].tombstones, churned(50)[1])


def test_tombstones_grow_without_end_and_an_emptied_orswot_does_not() -> None:
    grave, empty = churned(CHURN)
    dots = sorted(map(list, grave.tombstones))
    full = ORSWOT({"A": CHURN}, frozenset(), {str(n): frozenset({("A", n + 1)}) for n in range(CHURN)})
    sizes = {"tombstones": dots, "orswot": empty.plain(), "state": full.plain()}
    assert {name: len(encoded(plain)) for name, plain in sizes.items()} == {
        "tombstones": 128_894,
        "orswot": 18,
        "state": 227_800,
    }
    assert {name: len(msgpack.packb(plain)) for name, plain in sizes.items()} == {
        "tombstones": 59_621,
        "orswot": 8,
        "state": 118_518,
    }
    delta = full.remove_delta("17").plain()
    assert len(encoded(delta)) <= 45
    assert len(encoded(dots)) > 1000 * len(encoded(empty.plain()))
    assert len(encoded(full.plain())) > 1000 * len(encoded(delta))
    half = sorted(map(list, churned(CHURN // 2)[0].tombstones))
    assert len(encoded(dots)) == pytest.approx(2 * len(encoded(half)), rel=0.03)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 23)), max_size=8), st.randoms(use_true_random=False))
def test_deltas_may_arrive_in_any_order_and_more_than_once(steps: Any, rng: Any) -> None:
    whole, deltas = [ORSWOT(), ORSWOT()], []
    for at, number in steps:
        name = "xyz"[number % 3]
        state = whole[at]
        delta = state.remove_delta(name) if number % 2 else state.add_delta("AB"[at], name)
        whole[at] = state.merge(delta)
        deltas.append(delta)
    mixed = deltas + rng.sample(deltas, rng.randrange(len(deltas) + 1))
    rng.shuffle(mixed)
    received = ORSWOT()
    for delta in mixed:
        received = received.merge(delta)
    assert received == whole[0].merge(whole[1])


NUMBERS = st.lists(st.integers(0, 3 * 6 * 4 - 1), max_size=8)


@given(NUMBERS)
def test_the_news_in_a_state_are_all_that_merging_it_needs(numbers: list[int]) -> None:
    states = [ORSWOT()] * 3
    for number in numbers:
        at, source, name = number % 3, number // 18, "xyz"[number // 3 % 3]
        state = states[at] if source == 3 else states[at].merge(states[source])
        states[at] = state.remove(name) if number // 9 % 2 else state.add("ABC"[at], name)
    for one in states:
        for other in states:
            assert one.merge(one.news(other)) == one.merge(other)
            assert one.merge(other).news(other) == ORSWOT()


def test_a_set_without_tombstones_loses_what_the_liar_told_differently() -> None:
    """Two elements under one dot: each replica has seen the dot and lacks the other's element, so it drops its own."""
    told = ORSWOT({"L": 1}, entries={"x?1": frozenset({("L", 1)})})
    otherwise = ORSWOT({"L": 1}, entries={"x?2": frozenset({("L", 1)})})
    assert told.merge(otherwise).value == otherwise.merge(told).value == frozenset()
