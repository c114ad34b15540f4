"""The causal specification of a set: right types follow it, the naive one does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet
from companion.simulators.crdts.spec import SETS, Replicas, random_run

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
