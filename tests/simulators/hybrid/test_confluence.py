"""Confluence: which invariants survive a merge, and what breaks the others."""

from __future__ import annotations

import pytest

from companion.simulators.hybrid.confluence import EXAMPLES, World, conflict, replay

NEEDS = {
    "a room has one booking",
    "a user picks an id that nobody has",
    "a balance is never negative, and one withdraws",
    "every note belongs to a meeting, and meetings are deleted",
    "at most two colours are chosen",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_exactly_those_invariants_need_coordination_that_theory_says(name: str) -> None:
    assert (conflict(EXAMPLES[name], steps=2) is not None) == (name in NEEDS)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_a_conflict_is_made_of_two_histories_that_were_valid_by_themselves(name: str) -> None:
    world = EXAMPLES[name]
    found = conflict(world)
    assert found is not None
    ends = [replay(world, found.start, history) for history in (found.left, found.right)]
    assert None not in ends
    assert world.merge(found.start, *ends) == found.merged and not world.valid(found.merged)


def test_a_history_that_a_replica_refuses_leads_nowhere() -> None:
    world = EXAMPLES["a balance is never negative, and one withdraws"]
    assert replay(world, 100, ["withdraw 60"]) == 40
    assert replay(world, 100, 40) is None
    assert replay(world, 100, ["withdraw 60"] * 2) is None is replay(world, 100, ["steal"])


def test_a_world_that_starts_in_an_invalid_state_is_refused() -> None:
    world = World((-1,), {}, lambda start, left, right: start, lambda state: state >= 0)
    with pytest.raises(ValueError, match="starts in a valid state"):
        conflict(world)
