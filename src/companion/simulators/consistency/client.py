"""Clients: each does one thing after the other, asks all replicas at once, and waits for the k-th answer.

Where there is a primary, it asks one node instead (see `primary` and `failover`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from companion.history.events import Operation
from companion.simulators.consistency.cluster import NEVER, NOTHING, Cluster, Stored, Version
from companion.simulators.consistency.delays import exponential
from companion.simulators.consistency.failover import groups_of


@dataclass
class Record:
    """An operation as its client saw it: times in ms, `invoked` and `returned` in the order of events."""

    client: int
    f: str
    key: int
    value: int | None
    begun: float
    invoked: int
    ended: float | None = None
    returned: int | None = None

    @property
    def operation(self) -> Operation:
        """The operation for a checker of histories."""
        return Operation(str(self.client), self.f, f"k{self.key}", self.value, self.invoked, self.returned)


@dataclass
class Call:
    """A request to all, and what came back; a group is a set of replicas that must give its quorum."""

    groups: Sequence[Sequence[int]]
    need: int
    then: Callable[[Call], None]
    replies: dict[int, Stored] = field(default_factory=dict)
    done: bool = False

    @property
    def newest(self) -> Stored:
        """The newest that came back."""
        return max(self.replies.values(), key=lambda stored: stored.version, default=NOTHING)

    def answered(self) -> bool:
        """Tell whether every group has given its quorum."""
        return all(sum(node in self.replies for node in group) >= self.need for group in self.groups)


class Clients:
    """All clients of a cluster, and the record of what they did."""

    def __init__(self, cluster: Cluster, operations: Sequence[int] | None = None) -> None:
        self.cluster, self.settings, self.rng = cluster, cluster.settings, cluster.rng
        self.records: list[Record] = []
        self._places, self._values = count(1), count(1)
        number = self.settings.n_clients
        self._left = list(operations) if operations is not None else None
        self.groups = groups_of(cluster)
        off = self.settings.clock_uncertainty
        self._drawn = [NEVER[0]] * number  # of each client, the highest version that it asked for
        self._clock_off = [(2 * self.rng.random() - 1) * off if off else 0.0 for _ in range(number)]
        if number > 1:
            self._clock_off[1] += self.settings.clock_skew
        for client in range(number):
            cluster.after(self._think(), self._begin, client)

    @property
    def lost(self) -> int | None:
        """How many writes a primary had acknowledged that are gone; without one, nobody knows which are."""
        return sum(group.lost() for group in self.groups) if self.groups else None

    def _think(self) -> float:
        return exponential(self.rng, 1.0 / self.settings.think_time) if self.settings.think_time else 0.0

    def _home(self, client: int) -> int:
        return client % self.settings.n_nodes

    # -- One operation

    def _begin(self, client: int) -> None:
        now, settings = self.cluster.now, self.settings
        if now >= 1000 * settings.duration or (self._left is not None and self._left[client] == 0):
            return
        if self._left is not None:
            self._left[client] -= 1
        writes = self._writes(client)
        key = self.rng.randrange(settings.n_keys) if settings.n_keys > 1 else 0
        value = next(self._values) if writes else None
        record = Record(client, "write" if writes else "read", key, value, now, next(self._places))
        self.records.append(record)
        self.cluster.after(settings.timeout, self._give_up, record)
        if self.groups:
            group = self.groups[key % len(self.groups)]
            group.ask(self._home(client), key, value, lambda found: self._answered(record, found))
        elif not writes:
            self._ask(record, lambda call: self._has_read(record, call))
        elif settings.versions == "query":
            self._ask(record, lambda call: self._write(record, self._next(client, call.newest)))
        else:
            self._write(record, (self._clock(client) + settings.clock_uncertainty, client))

    def _writes(self, client: int) -> bool:
        return self.rng.random() < self.settings.write_ratio

    def _clock(self, client: int) -> float:
        return self.cluster.now + self._clock_off[client]

    def _next(self, client: int, newest: Stored) -> Version:
        """Give a version above all that a quorum knows, and never one of the client's own again.

        A write that timed out may be known to less than a quorum; its version must not be given to another value.
        """
        self._drawn[client] = max(self._drawn[client], newest.version[0]) + 1
        return self._drawn[client], client

    def _write(self, record: Record, version: Version) -> None:
        self._put(record, Stored(version, record.value), lambda _: self._end_after(record, version))

    def _end_after(self, record: Record, version: Version) -> None:
        """End when no clock can give a lower version any more: whoever was told of this one writes above it."""
        wait = 0.0
        if self.settings.commit_wait and self.settings.versions == "clock":
            # It is past on every clock once this one, at its earliest, says so.
            wait = max(0.0, version[0] + self.settings.clock_uncertainty - self._clock(record.client))
        self.cluster.after(wait, self._end, record)

    def _has_read(self, record: Record, call: Call) -> None:
        newest = call.newest
        record.value = newest.value
        have = [node for node, stored in call.replies.items() if stored.version == newest.version]
        enough = all(sum(node in have for node in group) >= self.settings.quorums[1] for group in call.groups)
        if self.settings.writes_back and newest.version > NEVER and not enough:
            self._put(record, newest, lambda _: self._end_after(record, newest.version))
            return
        if self.settings.commit_wait:
            self._end_after(record, newest.version)
        else:
            self._end(record)
        if self.settings.read_repair == "async":
            for node, stored in call.replies.items():
                self._repair(record, node, stored, newest)

    def _repair(self, record: Record, node: int, stored: Stored, newest: Stored) -> None:
        if stored.version < newest.version:
            self.cluster.repaired += 1
            home = self._home(record.client)
            self.cluster.send(home, node, self.cluster.store, node, record.key, newest, writes=True)

    def _end(self, record: Record) -> None:
        if record.ended is None:
            record.ended, record.returned = self.cluster.now, next(self._places)
            self.cluster.after(self._think(), self._begin, record.client)

    def _answered(self, record: Record, found: int | None) -> bool:
        """Take the answer of a single node; tell whether it was waited for."""
        if record.ended is not None:
            return False
        if record.f == "read":
            record.value = found
        self._end(record)
        return True

    def _give_up(self, record: Record) -> None:
        """Stop waiting: nobody knows whether it took place, and the client goes on."""
        if record.ended is None:
            record.ended = float("inf")
            self.cluster.after(self._think(), self._begin, record.client)

    # -- Requests

    def _groups(self, client: int) -> list[list[int]]:
        """Choose whom to ask: the replicas, and while they are replaced the old, the new or both."""
        n, settings, now = self.settings.n_nodes, self.settings, self.cluster.now
        old, new = list(range(n)), list(range(n, 2 * n))
        if settings.membership == "fixed":
            return (
                [[self.cluster.stand_in(self._home(client), node) for node in old]] if settings.sloppy_quorum else [old]
            )
        learnt = 1000 * settings.partition_start + settings.timeout * client / settings.n_clients
        if now < learnt:
            return [old]
        # Old calls last a timeout; after two, all that is not in the new nodes was copied there (see `model`).
        return [new] if settings.membership == "unsafe" or now >= learnt + 3 * settings.timeout else [old, new]

    def _ask(self, record: Record, then: Callable[[Call], None]) -> None:
        call = Call(self._groups(record.client), self.settings.quorums[0], then)
        for node in sorted({node for group in call.groups for node in group}):
            self.cluster.send(self._home(record.client), node, self._asked, record, call, node)

    def _asked(self, record: Record, call: Call, node: int) -> None:
        if self.cluster.alive(node):
            self.cluster.after(self.settings.base_latency, self._answer, record, call, node)

    def _answer(self, record: Record, call: Call, node: int) -> None:
        stored = self.cluster.read(node, record.key)
        self.cluster.send(node, self._home(record.client), self._reply, record, call, node, stored, reply=True)

    def _put(self, record: Record, stored: Stored, then: Callable[[Call], None]) -> None:
        home, cluster = self._home(record.client), self.cluster
        call = Call(self._groups(record.client), self.settings.quorums[1], then)
        if self.settings.keeps_hints:
            for node in range(self.settings.n_nodes):
                if not (cluster.alive(node) and cluster.connected(home, node)):
                    keeper = cluster.stand_in(home, node) if self.settings.sloppy_quorum else home
                    cluster.send(home, keeper, self._keep, record, call, keeper, node, stored, writes=True)
        for node in sorted({node for group in call.groups for node in group if node < self._replicas}):
            cluster.send(home, node, self._told, record, call, node, stored, writes=True)

    @property
    def _replicas(self) -> int:
        """Nodes below are replicas; spares are only told what to keep."""
        n = self.settings.n_nodes
        return n if self.settings.membership == "fixed" else 2 * n

    def _keep(self, record: Record, call: Call, keeper: int, absent: int, stored: Stored) -> None:
        if not self.cluster.alive(keeper):
            return
        self.cluster.keep(keeper, absent, record.key, stored)
        if self.settings.sloppy_quorum:
            self.cluster.send(keeper, self._home(record.client), self._reply, record, call, keeper, stored, reply=True)

    def _told(self, record: Record, call: Call, node: int, stored: Stored) -> None:
        if self.cluster.alive(node):
            self.cluster.after(self.settings.base_latency, self._stored, record, call, node, stored)

    def _stored(self, record: Record, call: Call, node: int, stored: Stored) -> None:
        self.cluster.store(node, record.key, stored)
        self.cluster.send(node, self._home(record.client), self._reply, record, call, node, stored, reply=True)

    def _reply(self, record: Record, call: Call, node: int, stored: Stored) -> None:
        if call.done:
            if self.settings.read_repair == "async" and record.f == "read" and record.returned is not None:
                self._repair(record, node, stored, call.newest)
            return
        call.replies[node] = stored
        if call.answered() and record.ended is None:
            call.done = True
            call.then(call)
