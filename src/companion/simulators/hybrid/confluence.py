"""Invariant confluence, decided for small worlds: can two valid states meet in an invalid one?

If every pair of valid states that grew from a common one merges into a valid state, replicas need not coordinate
(Bailis et al. 2014). The search is exhaustive over a finite world, so "none found" is a proof for that world alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Generic, TypeVar

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True)
class World(Generic[State]):
    """A small world to search.

    Attributes
    ----------
    starts : tuple
        The common states from which two replicas set out.
    changes : mapping of str to callable
        What a user can do: from a state to the state after it, or None where the replica itself refuses.
    merge : callable
        Of the common start and two states that grew from it, to the state in which they meet.
    valid : callable
        The invariant.
    """

    starts: tuple[State, ...]
    changes: Mapping[str, Callable[[State], State | None]]
    merge: Callable[[State, State, State], State]
    valid: Callable[[State], bool]


@dataclass(frozen=True)
class Conflict(Generic[State]):
    """Two histories, each valid by itself, that meet in a state which is not."""

    start: State
    left: tuple[str, ...]
    right: tuple[str, ...]
    merged: State


def conflict(world: World[State], steps: int = 2) -> Conflict[State] | None:
    """Find the shortest pair of histories that breaks the invariant, of `steps` changes a side at most; else None."""
    for start in world.starts:
        if not world.valid(start):
            raise ValueError(f"a world starts in a valid state; {start!r} is none")
        grown = sorted(_grown(world, start, steps).items(), key=lambda item: (len(item[1]), item[1]))
        pairs = [*combinations(grown, 2), *((one, one) for one in grown)]
        for (left, by), (right, way) in sorted(pairs, key=lambda pair: len(pair[0][1]) + len(pair[1][1])):
            merged = world.merge(start, left, right)
            if not world.valid(merged):
                return Conflict(start, by, way, merged)
    return None


def replay(world: World[State], start: State, history: object) -> State | None:
    """Carry out a history at one replica; None where it is none, names no change, or the replica refuses one."""
    if not isinstance(history, list | tuple):
        return None
    state = start
    for name in history:
        after = world.changes[name](state) if name in world.changes else None
        if after is None or not world.valid(after):
            return None
        state = after
    return state


def _grown(world: World[State], start: State, steps: int) -> dict[State, tuple[str, ...]]:
    """List what a replica can reach by itself, each state by a shortest way; it refuses what breaks the invariant."""
    found: dict[State, tuple[str, ...]] = {start: ()}
    edge = [start]
    for _ in range(steps):
        ahead = []
        for state in edge:
            for name, change in world.changes.items():
                after = change(state)
                if after is not None and after not in found and world.valid(after):
                    found[after] = (*found[state], name)
                    ahead.append(after)
        edge = ahead
    return found


def _union(_: Any, left: frozenset[Any], right: frozenset[Any]) -> frozenset[Any]:
    return left | right


def _sum(start: int, left: int, right: int) -> int:
    return left + right - start


def _adds(*items: Hashable) -> dict[str, Callable[[frozenset[Any]], frozenset[Any] | None]]:
    return {f"add {item}": lambda state, item=item: state | {item} for item in items}  # type: ignore[misc]


def _one_each(pairs: Iterable[tuple[Any, Any]]) -> bool:
    names = [name for name, _ in pairs]
    return len(set(names)) == len(names)


EXAMPLES: Mapping[str, World[Any]] = {
    "a room has one booking": World(
        (frozenset(),), _adds(("room 1", "Ann"), ("room 1", "Ben")), _union, _one_each
    ),
    "a user picks an id that nobody has": World(
        (frozenset(),), _adds(("id 1", "Ann"), ("id 1", "Ben")), _union, _one_each
    ),
    "each site gives ids of its own": World(
        (frozenset(),), _adds(("A1", "Ann"), ("B1", "Ben")), _union, _one_each
    ),
    "a balance is never negative, and one deposits": World(
        (0, 100), {"deposit 60": lambda balance: balance + 60}, _sum, lambda balance: balance >= 0
    ),
    "a balance is never negative, and one withdraws": World(
        (100,), {"withdraw 60": lambda balance: balance - 60}, _sum, lambda balance: balance >= 0
    ),
    "every note belongs to a meeting, and meetings stay": World(
        (frozenset({"meeting"}),), _adds("note"), _union, lambda state: "note" not in state or "meeting" in state
    ),
    "every note belongs to a meeting, and meetings are deleted": World(
        (frozenset({"meeting"}),),
        {**_adds("note"), "delete the meeting": lambda state: (state | {"gone"}) - {"meeting"}},
        lambda _, left, right: (left | right) - ({"meeting"} if "gone" in left | right else set()),
        lambda state: "note" not in state or "meeting" in state,
    ),
    "at most two colours are chosen": World(
        (frozenset({"red"}),), _adds("blue", "green"), _union, lambda state: len(state) <= 2
    ),
    "a meeting has an owner, and one takes over": World(
        (("Ann", 1),),
        {"Ben takes over": lambda state: ("Ben", 2), "Cleo takes over": lambda state: ("Cleo", 2)},
        lambda _, left, right: max(left, right, key=lambda state: (state[1], state[0])),
        lambda state: bool(state[0]),
    ),
}  # fmt: skip
"""Invariants of a calendar and of an account, each as a world of a few states."""
