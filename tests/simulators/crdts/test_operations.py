"""Sending operations: right with causal delivery, wrong without."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import find, given, settings
from hypothesis import strategies as st

from companion.simulators.crdts.operations import OperationSet, delivered

STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=8)
LONG = settings(max_examples=5000, database=None)  # a search ends with what it has found


@given(STEPS, st.integers(0, 2**16))
def test_operations_in_causal_order_give_what_the_specification_says(steps: Any, seed: int) -> None:
    assert delivered(steps, random.Random(seed), causal=True)


def test_operations_in_any_order_do_not() -> None:
    def wrong(case: Any) -> bool:
        return not delivered(case[0], random.Random(case[1]), causal=False)

    steps, _ = find(st.tuples(STEPS, st.integers(0, 2**16)), wrong, settings=LONG)
    assert len(steps) >= 2  # an addition, and a removal that overtakes it, or an addition that comes again


def test_about_a_third_of_long_runs_go_wrong_without_causal_order_and_none_with_it() -> None:
    def failures(*, causal: bool) -> int:
        wrong = 0
        for seed in range(500):
            rng = random.Random(seed)
            steps = [(rng.randrange(3), rng.randrange(24)) for _ in range(30)]
            wrong += not delivered(steps, rng, causal=causal)
        return wrong

    assert failures(causal=True) == 0
    assert 100 < failures(causal=False) < 250


def test_a_removal_that_overtakes_its_addition_waits_for_it() -> None:
    author, patient, hasty = OperationSet("A"), OperationSet("B"), OperationSet("C", causal=False)
    added, removed = author.add("milk"), author.remove("milk")
    for replica in (patient, hasty):
        replica.receive(removed)
        replica.receive(added)
    assert patient.value == frozenset()
    assert hasty.value == {"milk"}
    assert patient.waiting == []


def test_an_addition_that_comes_again_stays_removed() -> None:
    author, other = OperationSet("A"), OperationSet("B")
    added = author.add("milk")
    other.receive(added)
    author.receive(other.remove("milk"))
    other.receive(added)
    assert other.value == author.value == frozenset()
