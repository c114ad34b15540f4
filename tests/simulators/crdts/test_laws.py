"""Merging is a join: five thousand random executions for each type that is right, a counterexample for each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from companion.simulators.crdts.counters import GCounter, PNCounter
from companion.simulators.crdts.registers import LWWMap, LWWStandingClock, LWWWithoutId, MVRegister
from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet
from companion.simulators.crdts.spec import broken, grows
from companion.simulators.crdts.text import RGA, FractionText

Do = Callable[[Any, str, int], Any]
"""Update a state at a replica, by a number that hypothesis chose."""


def put(state: Any, replica: str, number: int) -> Any:
    return state.put(replica, "kl"[number % 2], number, number % 3)


def element(state: Any, replica: str, number: int) -> Any:
    name = "xyz"[number % 3]
    return state.remove(name) if number % 2 and name in state.value else state.add(replica, name)


def character(state: Any, replica: str, number: int) -> Any:
    length = len(state.value)
    if number % 4 == 3 and length:
        return state.remove(number % length)
    return state.insert(replica, number % (length + 1), "abcdefgh"[number % 8])


RIGHT: dict[str, tuple[Any, Do]] = {
    "gcounter": (GCounter, lambda state, replica, number: state.add(replica, number)),
    "pncounter": (PNCounter, lambda state, replica, number: state.add(replica, number - 10)),
    "tombstones": (ORSet, element),
    "orswot": (ORSWOT, element),
    "lww": (LWWMap, put),
    "register": (MVRegister, lambda state, replica, number: state.put(replica, number)),
    "rga": (RGA, character),
    "fractions": (FractionText, character),
}
WRONG: dict[str, tuple[Any, Do]] = {
    "naive": (NaiveORSet, element),
    "lww without id": (LWWWithoutId, put),
    "lww with a standing clock": (LWWStandingClock, put),
}

# Who acts (0-2), from whom it hears first (3: nobody), and with which number.
# One draw for the three of them takes a third of the time that three would.
STEPS = st.lists(st.integers(0, 24 * 4 * 3 - 1), max_size=10).map(
    lambda drawn: [(one % 3, 3 - one // 3 % 4, one // 12) for one in drawn]
)
LONG = settings(max_examples=5000, database=None)  # a search ends with what it has found


def execution(kind: Any, do: Do, steps: Any) -> tuple[list[Any], bool]:
    """Give the final states of three replicas, and whether every update was an inflation."""
    states, grew = [kind() for _ in range(3)], True
    for at, source, number in steps:
        if source < 3:
            states[at] = states[at].merge(states[source])
        new = do(states[at], "ABC"[at], number)
        grew = grew and grows(states[at], new)
        states[at] = new
    return states, grew


def lawful(kind: Any, do: Do, steps: Any) -> bool:
    (a, b, c), grew = execution(kind, do, steps)
    return grew and not broken(a, b, c)


@pytest.mark.parametrize("name", RIGHT)
def test_merging_is_a_join_and_updates_grow(name: str) -> None:
    kind, do = RIGHT[name]

    @given(STEPS)
    def holds(steps: Any) -> None:
        assert lawful(kind, do, steps)

    holds()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_type_has_a_counterexample(name: str) -> None:
    kind, do = WRONG[name]
    found = find(STEPS, lambda steps: not lawful(kind, do, steps), settings=LONG)
    assert 1 <= len(found) <= 4


def test_the_naive_sets_merge_is_a_join_all_the_same() -> None:
    """Associative, commutative and idempotent: the lattice laws alone do not find its fault."""

    def merges_wrongly(steps: Any) -> bool:
        (a, b, c), _ = execution(NaiveORSet, element, steps)
        joined = a.merge(b).merge(c).entries == a.merge(b.merge(c)).entries
        return not (joined and a.merge(b).entries == b.merge(a).entries and a.merge(a).entries == a.entries)

    with pytest.raises(NoSuchExample):
        find(STEPS, merges_wrongly, settings=settings(database=None, phases=[Phase.generate]))


@given(STEPS, st.permutations(range(6)))
def test_replicas_that_heard_all_agree_whatever_the_order(steps: Any, order: Any) -> None:
    for kind, do in (RIGHT["orswot"], RIGHT["lww"], RIGHT["rga"]):
        states, _ = execution(kind, do, steps)
        one, other = kind(), kind()
        for state in states:
            one = one.merge(state)
        for place in order:
            other = other.merge(states[place % 3])
        assert one.value == other.value
