"""Replicas that keep the newest version of each key, and the messages between them: late, lost or cut off."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from companion.simulators.clock import Clock
from companion.simulators.consistency.delays import delay
from companion.simulators.consistency.settings import Settings

Version = tuple[float, int]
"""The stamp of a write, and the client that drew it; tuples are compared from the left, so no two writes tie."""

NEVER: Version = (-1.0, -1)
"""Older than every write."""


@dataclass(frozen=True)
class Stored:
    """What a replica knows of a key."""

    version: Version
    value: int | None


NOTHING = Stored(NEVER, None)


class Cluster(Clock):
    """Nodes, their network and the clock of the run (ms).

    Nodes 0 to N-1 hold the keys. The next N replace them or stand in for them, on the larger side of a cut; the last N
    stand in on the side that is cut off.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings, self.rng = settings, random.Random(settings.seed)
        n = settings.n_nodes
        self.nodes: list[dict[int, Stored]] = [{} for _ in range(3 * n)]
        self.hints: list[list[tuple[int, int, Stored]]] = [[] for _ in range(3 * n)]
        self.sent = self.lost = self.hinted = self.repaired = 0
        self._cut = frozenset([*range(n - settings.cut_nodes, n), *range(2 * n, 3 * n)])
        self._dead = frozenset(range(n - settings.crashed_nodes, n))
        if settings.consistency_level == "one+gossip":
            for node in range(n):
                self.after(self.rng.random() * settings.gossip_interval, self._gossip, node)
        if settings.keeps_hints:
            for node in range(3 * n):
                self.after(self.rng.random() * settings.gossip_interval, self._hand_over, node)

    def alive(self, node: int) -> bool:
        """Tell whether a node has not crashed."""
        return node not in self._dead or self.now < 1000 * self.settings.partition_start

    def connected(self, one: int, other: int) -> bool:
        """Tell whether messages pass between two sites now; a client's site is that of its node."""
        settings = self.settings
        cut = settings.cut(self.now / 1000)
        return not cut or (one in self._cut) == (other in self._cut)

    def send(
        self, one: int, other: int, what: Callable[..., object], *args: Any, writes: bool = False, reply: bool = False
    ) -> bool:
        """Send a message from one site to another; it arrives late, or never (False; its sender does not know)."""
        settings = self.settings
        self.sent += 1
        if not self.connected(one, other) or (settings.loss and self.rng.random() < settings.loss):
            self.lost += 1
            return False
        near = one == other
        wait = delay(settings.network, settings.network_latency, self.rng, near=near, writes=writes, reply=reply)
        self.after(wait, what, *args)
        return True

    def stand_in(self, home: int, node: int) -> int:
        """Give the node, or if it cannot be reached from a site a spare that can."""
        if self.alive(node) and self.connected(home, node):
            return node
        return node + self.settings.n_nodes * (2 if home in self._cut else 1)

    def read(self, node: int, key: int) -> Stored:
        """Give what a node knows; one that stands in knows what it keeps for others."""
        kept = [stored for _, of, stored in self.hints[node] if of == key]
        return max([self.nodes[node].get(key, NOTHING), *kept], key=lambda stored: stored.version)

    def store(self, node: int, key: int, stored: Stored) -> bool:
        """Keep the newer version (the last write wins); tell whether this one was newer."""
        if stored.version <= self.nodes[node].get(key, NOTHING).version:
            return False
        self.nodes[node][key] = stored
        return True

    def keep(self, node: int, absent: int, key: int, stored: Stored) -> None:
        """Keep something on a node for another that cannot be reached."""
        self.hinted += 1
        self.hints[node].append((absent, key, stored))

    def _hand_over(self, node: int) -> None:
        """Send what was kept to those that can be reached again."""
        still = []
        for hint in self.hints[node]:
            absent, key, stored = hint
            reachable = self.alive(absent) and self.connected(node, absent)
            if not (reachable and self.send(node, absent, self.store, absent, key, stored, writes=True)):
                still.append(hint)
        self.hints[node] = still
        self.after(self.settings.gossip_interval, self._hand_over, node)

    def _gossip(self, node: int) -> None:
        """Push all that a node knows to another, which answers with what it knows."""
        other = self.rng.randrange(self.settings.n_nodes)
        if other != node and self.alive(node) and self.alive(other):
            self.send(node, other, self._pushed, node, other, dict(self.nodes[node]), writes=True)
        self.after(self.settings.gossip_interval, self._gossip, node)

    def _pushed(self, node: int, other: int, known: Mapping[int, Stored]) -> None:
        back = dict(self.nodes[other])
        self._merge(other, known)
        self.send(other, node, self._merge, node, back, writes=True)

    def _merge(self, node: int, known: Mapping[int, Stored]) -> None:
        for key, stored in known.items():
            self.repaired += self.store(node, key, stored)
