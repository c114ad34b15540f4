"""Merging cannot keep "at most one"; shares that are dealt out beforehand can."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.crdts.limits import booked_on_both_sides, dealt
from companion.simulators.crdts.spec import broken, grows

NAMES = "ABC"
# Who acts (0-2), from whom it hears first (3: nobody), how much, and to whom it is handed (0-2) or whether it is taken.
STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 4), st.integers(0, 5)), max_size=8)


def test_two_replicas_agree_on_two_bookings_of_one_slot() -> None:
    one, other = booked_on_both_sides()
    assert one == other == {"10:00 ann", "10:00 bob"}


def test_a_slot_that_belongs_to_one_replica_is_booked_once_without_asking() -> None:
    slot = dealt({"A": 1, "B": 0})
    booked = slot.take("A")
    with pytest.raises(ValueError, match="B has 0 to give, not 1"):
        slot.take("B")
    assert booked.merge(slot).value == 0


def test_a_replica_without_a_share_may_be_handed_one() -> None:
    slot = dealt({"A": 1, "B": 0}).hand("A", "B", 1)
    with pytest.raises(ValueError, match="A has 0"):
        slot.take("A")
    assert slot.take("B").value == 0


def test_nobody_hands_over_or_takes_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="not -1"):
        dealt({"A": 1}).hand("A", "B", -1)


@given(STEPS)
def test_no_more_is_taken_than_there_is_whoever_hears_of_what(steps: Any) -> None:
    states = [dealt({"A": 5, "B": 3, "C": 0})] * 3
    for at, source, amount, target in steps:
        if source < 3:
            states[at] = states[at].merge(states[source])
        name, amount = NAMES[at], min(amount, states[at].share(NAMES[at]))
        new = states[at].hand(name, NAMES[target], amount) if target < 3 else states[at].take(name, amount)
        assert grows(states[at], new)
        states[at] = new
    assert broken(*states) == []
    whole = states[0].merge(states[1]).merge(states[2])
    assert whole.value == 8 - sum(whole.taken.values()) >= 0
    assert sum(whole.share(name) for name in NAMES) == whole.value
    assert all(whole.share(name) >= 0 for name in NAMES)
