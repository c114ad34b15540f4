"""Writes go to a primary, which orders them and passes them on; reads ask the replica beside them (a timeline).

Each node is the primary of its share of the keys, for good. A replica may be behind, but all of them go through the
same values in the same order. A primary passes on all that it knows, where a real one sends what the other lacks: it
comes to the same. What changes when a primary can be replaced is in `failover`.

References: Cooper et al. 2008 (PNUTS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from companion.simulators.consistency.cluster import NEVER, NOTHING, Cluster, Stored, Version

Answer = Callable[[int | None], bool]
"""Takes a value to the client; tells whether it was still waiting."""


@dataclass(frozen=True)
class State:
    """What a member knows of each key, as of a version: the term of a primary, and a count of writes."""

    version: Version = (1.0, 0)
    values: Mapping[int, Stored] = field(default_factory=dict)


@dataclass
class Member:
    """A node's part in a group, and whom it takes for the primary; times are in ms.

    A primary keeps what each of the others holds, and when it said so, and the writes that it has to acknowledge.
    """

    node: int
    primary: int | None
    term: int = 1
    state: State = State()
    held: dict[int, tuple[Version, float]] = field(default_factory=dict)
    waiting: list[tuple[Version, int, Answer]] = field(default_factory=list)

    @property
    def leads(self) -> bool:
        """Whether it takes itself for the primary."""
        return self.primary == self.node


class Group:
    """All nodes, as far as keys with one primary are concerned."""

    def __init__(self, cluster: Cluster, first: int) -> None:
        self.cluster, self.beat, self.first = cluster, cluster.settings.gossip_interval, first
        self.members = [Member(node, first) for node in range(cluster.settings.n_nodes)]
        self.begun_on = {1.0: NEVER}  # of each term: the version that its primary began with
        self.acknowledged: list[Version] = []
        for member in self.members:
            member.held = {other.node: (NEVER, 0.0) for other in self.others(member)}
        self.start(self.members[first])

    def start(self, member: Member) -> None:
        """Let a member act by itself, again and again."""
        self.cluster.after(self.cluster.rng.random() * self.beat, self._tick, member)

    def lost(self) -> int:
        """Count the writes that clients were told to be done, and that no living member's past contains."""
        living = [one.state.version for one in self.members if self.cluster.alive(one.node)]
        term, number = max(living, default=NEVER)
        kept = {}
        while term > 0:
            kept[term] = number
            term, number = self.begun_on[term]
        return sum(number > kept.get(term, -1) for term, number in self.acknowledged)

    # -- Reads and writes

    def ask(self, home: int, key: int, value: int | None, then: Answer) -> None:
        """Send a client's write, or without a value its read, to whoever has to answer it."""
        node = self.in_charge(home, reads=value is None)
        if node is not None:
            member, writes = self.members[node], value is not None
            self.cluster.send(home, node, self._deliver, member, self._asked, (home, key, value, then), writes=writes)

    def in_charge(self, home: int, reads: bool) -> int | None:
        """Choose the replica beside the client, or the primary."""
        return home if reads else self.first

    def reads_at(self, member: Member) -> bool:
        """Tell whether a member may answer reads."""
        return True

    def _asked(self, member: Member, *request: object) -> None:
        self.cluster.after(self.cluster.settings.base_latency, self._deliver, member, self._serve, request)

    def _serve(self, member: Member, home: int, key: int, value: int | None, then: Answer) -> None:
        if value is None:
            if self.reads_at(member):
                self.answer(member, home, member.state.values.get(key, NOTHING).value, then)
        elif member.leads:
            version = (float(member.term), member.state.version[1] + 1)
            member.state = State(version, {**member.state.values, key: Stored(version, value)})
            member.waiting.append((version, home, then))
            self.tell(member, self.others(member))
            self._settle(member)

    def answer(self, member: Member, home: int, found: int | None, then: Answer) -> None:
        """Give a reader what a member found."""
        self.cluster.send(member.node, home, then, found, reply=True)

    def _settle(self, member: Member) -> None:
        """Acknowledge the writes that enough members hold."""
        held = sorted([member.state.version, *(version for version, _ in member.held.values())], reverse=True)
        enough = held[self.cluster.settings.quorums[1] - 1]
        while member.waiting and member.waiting[0][0] <= enough:
            version, home, then = member.waiting.pop(0)
            self.cluster.send(member.node, home, self._acknowledge, version, then, reply=True)

    def _acknowledge(self, version: Version, then: Answer) -> None:
        if then(None):
            self.acknowledged.append(version)

    # -- Between members

    def others(self, member: Member) -> list[Member]:
        """Give all but one."""
        return [other for other in self.members if other is not member]

    def send(self, one: Member, other: Member, what: Callable[..., None], *args: object, **kind: bool) -> None:
        """Send a message from one member to another, which takes it if it has not crashed."""
        self.cluster.send(one.node, other.node, self._deliver, other, what, args, **kind)

    def _deliver(self, member: Member, what: Callable[..., None], args: tuple[object, ...]) -> None:
        if self.cluster.alive(member.node):
            what(member, *args)

    def _tick(self, member: Member) -> None:
        self.cluster.after(self.beat, self._tick, member)
        self._deliver(member, self.now_and_then, ())

    def now_and_then(self, member: Member) -> None:
        """Tell those again that are behind: a message was lost, or they were cut off."""
        if member.leads:
            behind = [one for one in self.others(member) if member.held[one.node][0] < member.state.version]
            self.tell(member, behind)

    def tell(self, member: Member, others: Iterable[Member]) -> None:
        """Pass on what the primary knows."""
        for other in others:
            self.send(member, other, self.told, member, member.term, member.state, writes=True)

    def told(self, member: Member, primary: Member, term: int, state: State) -> None:
        """Hear from the primary, keep what is newer (messages overtake each other), and say so."""
        if state.version > member.state.version:
            member.state = state
        self.send(member, primary, self._holds, member.node, term, state.version, reply=True)

    def _holds(self, member: Member, other: int, term: int, version: Version) -> None:
        if member.leads and member.term == term:
            member.held[other] = (max(version, member.held[other][0]), self.cluster.now)
            self._settle(member)
