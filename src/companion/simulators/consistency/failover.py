"""One primary for all keys, which answers reads too; if a majority hears nothing of it for a while, it elects another.

Writes that only the old primary knew are rolled back when it hears of the new one. Whoever was acknowledged by the
primary alone has then lost what was promised; a majority that holds a write votes for nobody without it.

With `confirm_reads` a primary answers a read only when a majority has said, since the read came, that it follows it and
holds all that the answer rests on. No newer primary had then been elected, as it would have needed one of those votes.

References: Ongaro and Ousterhout 2014 (Raft); Ongaro 2014, section 6.4 (ReadIndex). Elections have a trial run first,
as in MongoDB, so that a node that was cut off deposes nobody on its return.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from companion.simulators.consistency.cluster import NEVER, Cluster, Version
from companion.simulators.consistency.primary import Answer, Group, Member, State

MISSED = 3
"""How many signs of life of a primary may fail to come before it is held to be dead."""

Ballot = tuple[int, bool]
"""The term that is voted on, and whether on trial."""


@dataclass
class Voice:
    """What a member needs for elections; times are in ms."""

    heard: float = 0.0  # when it last heard of a primary
    due: float = 0.0  # when it stands for election, unless it hears of one
    standing: Ballot | None = None
    votes: set[int] = field(default_factory=set)


@dataclass
class Question:
    """A read that waits for a majority to confirm its primary, what was found for it, and who has confirmed."""

    term: int
    home: int
    found: int | None
    then: Answer
    voices: set[int]


class Electing(Group):
    """A group that replaces its primary."""

    def __init__(self, cluster: Cluster, first: int) -> None:
        super().__init__(cluster, first)
        self.majority = cluster.settings.n_nodes // 2 + 1
        self.patience = MISSED * self.beat + 4 * cluster.settings.network_latency  # ms; asking twice takes four ways
        self.voices = [Voice(due=self.patience) for _ in self.members]
        for member in self.others(self.members[first]):
            self.start(member)

    def in_charge(self, home: int, reads: bool) -> int | None:
        """Ask around: clients know what the members whom they reach believe (which costs them nothing here)."""
        alive, connected = self.cluster.alive, self.cluster.connected
        reached = [one for one in self.members if alive(one.node) and connected(home, one.node)]
        told = [one for one in reached if one.primary is not None]
        return max(told, key=lambda one: one.term).primary if told else None

    def reads_at(self, member: Member) -> bool:
        """Answer reads at the primary only."""
        return member.leads

    def answer(self, member: Member, home: int, found: int | None, then: Answer) -> None:
        """Ask a majority first, if that is set: a primary cannot know by itself whether it has been replaced."""
        if not self.cluster.settings.confirm_reads:
            super().answer(member, home, found, then)
            return
        question = Question(member.term, home, found, then, set())
        self._confirmed(member, member.node, question)  # one node is a majority of one
        for other in self.others(member):
            self.send(member, other, self._still, member, question, member.state, writes=True)

    def _still(self, member: Member, primary: Member, question: Question, state: State) -> None:
        """Confirm a primary that is still followed, and keep what its answer rests on."""
        self.told(member, primary, question.term, state)
        if member.term == question.term:
            self.send(member, primary, self._confirmed, member.node, question, reply=True)

    def _confirmed(self, member: Member, other: int, question: Question) -> None:
        question.voices.add(other)
        if len(question.voices) == self.majority and member.leads and member.term == question.term:
            super().answer(member, question.home, question.found, question.then)

    def now_and_then(self, member: Member) -> None:
        """Give a sign of life, or step down if no majority gives one; stand for election if none has come."""
        now = self.cluster.now
        reached = 1 + sum(now - when <= self.patience for _, when in member.held.values())
        if member.leads and reached < self.majority:
            self._follow(member, None, member.term)
        elif member.leads:
            self.tell(member, self.others(member))
        elif now >= self.voices[member.node].due:
            self._stand(member, trial=True)

    def told(self, member: Member, primary: Member, term: int, state: State) -> None:
        """Follow the primary of the newest term; tell an older one that its time is over."""
        if term < member.term:
            self.send(member, primary, self._deposed, member.term, reply=True)
        else:
            self.voices[member.node].heard = self.cluster.now
            self._follow(member, primary.node, term)
            super().told(member, primary, term, state)

    def _deposed(self, member: Member, term: int) -> None:
        if term > member.term:
            self._follow(member, None, term)

    def _follow(self, member: Member, primary: int | None, term: int) -> None:
        member.primary, member.term = primary, term
        member.waiting.clear()
        voice = self.voices[member.node]
        voice.standing, voice.due = None, self.cluster.now + self.patience

    def _stand(self, member: Member, trial: bool) -> None:
        """Ask all for their votes: on trial, which binds nobody, or for a new term."""
        ballot = member.term + 1, trial
        if not trial:
            self._follow(member, None, ballot[0])
        voice = self.voices[member.node]
        voice.standing, voice.votes = ballot, {member.node}
        voice.due = self.cluster.now + self.patience * (1 + self.cluster.rng.random())  # or two would tie for ever
        for other in self.others(member):
            self.send(member, other, self._asked_to_vote, member, ballot, member.state.version)

    def _asked_to_vote(self, member: Member, candidate: Member, ballot: Ballot, version: Version) -> None:
        """Vote for who knows no less, once a term, and not while there is a primary."""
        orphaned = not member.leads and self.cluster.now - self.voices[member.node].heard > self.patience
        if orphaned and ballot[0] > member.term and version >= member.state.version:
            if not ballot[1]:
                self._follow(member, None, ballot[0])
            self.send(member, candidate, self._voted, member.node, ballot, reply=True)

    def _voted(self, member: Member, voter: int, ballot: Ballot) -> None:
        voice = self.voices[member.node]
        voice.votes.add(voter)
        if voice.standing == ballot and len(voice.votes) >= self.majority:
            if ballot[1]:
                self._stand(member, trial=False)
            else:
                self._begin(member)

    def _begin(self, member: Member) -> None:
        """Begin a term with what the new primary knows; its first version is above all of the older terms."""
        term = float(member.term)
        member.primary, self.voices[member.node].standing = member.node, None
        self.begun_on[term] = member.state.version
        member.state = State((term, 0), member.state.values)
        member.held = {other.node: (NEVER, self.cluster.now) for other in self.others(member)}
        self.tell(member, self.others(member))


def groups_of(cluster: Cluster) -> list[Group]:
    """Make the groups of a cluster: one with each node as primary, or one for all keys with the last, or none."""
    level, n = cluster.settings.consistency_level, cluster.settings.n_nodes
    if level == "timeline":
        return [Group(cluster, first) for first in reversed(range(n))]
    return [Electing(cluster, n - 1)] if level == "failover" else []
