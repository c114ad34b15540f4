"""The causal specification of a set: right types follow it, the naive one does not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet
from companion.simulators.crdts.spec import (
    SETS,
    Replicas,
    add_wins,
    of_functions,
    random_run,
    remove_wins,
    shortest_wrong,
)

# Who acts (0-2), from whom it hears first (3: nobody), and with which number.
# One draw for the three of them takes a third of the time that three would.
STEPS = st.lists(st.integers(0, 24 * 4 * 3 - 1), max_size=10).map(
    lambda drawn: [(one % 3, 3 - one // 3 % 4, one // 12) for one in drawn]
)
LONG = settings(max_examples=5000, database=None)  # a search ends with what it has found


def follows(kind: Any, steps: Any) -> bool:
    """Tell whether all replicas hold what the causal specification says, after every step."""
    replicas = Replicas(kind)
    for at, source, number in steps:
        if source < 3:
            replicas.merge(source, at)
        name = "xyz"[number % 3]
        if number % 2 and name in replicas.states[at].value:
            replicas.remove(at, name)
        else:
            replicas.add(at, name)
        if not replicas.right():
            return False
    return True


@pytest.mark.parametrize("name", ["tombstones", "orswot"])
def test_a_set_holds_what_was_added_and_not_seen_by_a_removal(name: str) -> None:
    @given(STEPS)
    def holds(steps: Any) -> None:
        assert follows(SETS[name], steps)

    holds()


def test_the_naive_set_brings_back_what_was_removed() -> None:
    found = find(STEPS, lambda steps: not follows(NaiveORSet, steps), settings=LONG)
    assert len(found) <= 4
    wrong = sum(not random_run(NaiveORSet, 30, seed) for seed in range(500))
    assert 200 < wrong < 350
    assert all(random_run(kind, 30, seed) for kind in (ORSet, ORSWOT) for seed in range(500))


def test_additions_and_removals_win_where_neither_has_seen_the_other() -> None:
    replicas = Replicas(ORSet, 2)
    replicas.add(0, "milk")
    replicas.merge(0, 1)
    replicas.remove(0, "milk")
    replicas.add(1, "milk")
    assert add_wins(replicas.events) == {"milk"}
    assert remove_wins(replicas.events) == frozenset()
    replicas.merge(0, 1)
    replicas.add(1, "milk")
    assert remove_wins(replicas.events) == {"milk"}


def test_without_concurrency_both_decisions_say_the_same() -> None:
    @given(st.lists(st.tuples(st.booleans(), st.sampled_from("xyz"))))
    def same(steps: list[tuple[bool, str]]) -> None:
        replicas = Replicas(ORSet, 1)
        for adds, name in steps:
            if adds:
                replicas.add(0, name)
            elif name in replicas.states[0].value:
                replicas.remove(0, name)
        assert add_wins(replicas.events) == remove_wins(replicas.events) == replicas.states[0].value

    same()


def test_the_shortest_wrong_run_is_told_in_words() -> None:
    *done, told = shortest_wrong(NaiveORSet, range(500)).split(", and ")
    assert re.fullmatch(r"[ABC] holds (\w+), not (\w+)", told)
    steps = done[0].split(", ")
    assert len(steps) >= 4 and any(" removes " in step for step in steps) and " merges " in steps[-1]
    assert shortest_wrong(ORSWOT, range(100)) == ""


def grow_only(*, careless: bool) -> Any:
    def add(state: set[str], replica: str, element: str) -> set[str]:
        if careless:
            state.add(element)
        return state | {element}

    return of_functions(
        set, add, lambda state, replica, element: state, lambda one, other: one | other, lambda state: state
    )


def test_functions_over_states_become_a_kind_that_the_specification_judges() -> None:
    cart = grow_only(careless=False)().add("A", "milk").merge(grow_only(careless=False)().add("B", "tea"))
    assert cart.value == {"milk", "tea"}
    assert shortest_wrong(grow_only(careless=False), range(20), signed=True).endswith(", not nothing")


def test_a_function_that_changes_its_state_is_named() -> None:
    with pytest.raises(AssertionError, match="add changed the state"):
        grow_only(careless=True)().add("A", "milk")
