"""Forgetting a tombstone too early, in one scene: a replica was away when an element was removed, and comes back."""

from __future__ import annotations

import random

from companion.simulators.crdts.sets import ORSet
from companion.simulators.crdts.spec import Replicas

REPLICAS = (0, 1, 2)


def comes_back(seed: int, *, collects: bool) -> bool:
    """Play the scene; tell whether the removed element is somewhere at the end.

    Everybody has x. The third replica is cut off; the first removes x and tells the second; both go on working, and
    then, if they collect, forget all their tombstones. The third returns, and all gossip at random.

    Parameters
    ----------
    seed : int
        Where every random draw comes from.
    collects : bool
        Whether the two forget their tombstones while the third is away.
    """
    rng = random.Random(seed)
    replicas = Replicas(ORSet)
    replicas.add(0, "x")
    for at in REPLICAS[1:]:
        replicas.merge(0, at)
    replicas.remove(0, "x")
    for _ in range(10):
        at = rng.randrange(2)
        replicas.add(at, rng.choice("abc"))
        replicas.merge(at, 1 - at)
    if collects:
        replicas.states[:2] = [state.collected(state.tombstones) for state in replicas.states[:2]]
    for _ in range(12):
        source, target = rng.sample(REPLICAS, 2)
        replicas.merge(source, target)
    return any("x" in state.value for state in replicas.states[:2])
