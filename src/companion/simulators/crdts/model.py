"""Replicas that are updated at once, everywhere, and tell each other later."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from companion.simulators.clock import Clock
from companion.simulators.crdts.kinds import EMPTY, SETS, lied, update
from companion.simulators.crdts.result import Result, Tally, conclude
from companion.simulators.crdts.sets import ORSet
from companion.simulators.crdts.settings import Settings
from companion.simulators.crdts.spec import Event, add_wins, encoded


@dataclass
class Message:
    """A state, or a delta, under way, with the numbers of the updates that it tells of."""

    payload: Any
    knew: frozenset[int]


class Run(Clock):
    """One run, and its clock (s)."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings, self.rng = settings, random.Random(settings.seed)
        number = settings.n_replicas
        self.names = [chr(ord("A") + index) for index in range(number)]
        self.states: list[Any] = [EMPTY[settings.crdt_type]() for _ in range(number)]
        self.known: list[frozenset[int]] = [frozenset()] * number
        self.unsent: list[list[tuple[Any, frozenset[int]]]] = [
            [(EMPTY[settings.crdt_type](), frozenset()) for _ in range(number)] for _ in range(number)
        ]
        self.events: list[Event] = []
        self.about: dict[str, list[int]] = {}  # of each element, the numbers of its events
        self.under_way: dict[int, Message] = {}
        # Of each replica, what it was told by each other that this one knew: by messages of its own, not by hearsay.
        self.heard: list[list[frozenset[int]]] = [[frozenset()] * number for _ in range(number)]
        self.buried: dict[Any, tuple[float, int]] = {}  # of each tombstone, when, and by which update
        self.arrived: dict[tuple[int, int], float] = {}
        self.tally = Tally(settings)
        self._message_numbers = count()
        for _ in range(settings.n_operations):
            self.after(self.rng.random() * settings.duration * 2 / 3, self._update)
        for replica in range(number):
            self.after(self.rng.random() * settings.gossip_interval, self._gossip, replica)

    def expected(self, known: frozenset[int]) -> frozenset[str]:
        """Say what a set should hold that knows of these updates."""
        return add_wins(self.events[number] for number in sorted(known))

    # -- Updates

    def _update(self) -> None:
        at = self.rng.randrange(self.settings.n_replicas)
        number = len(self.events)
        done = update(self.settings, self.states[at], self.names[at], number, self.now, self.rng)
        if done is None:
            return
        if isinstance(done.state, ORSet):
            for dot in done.state.tombstones - self.states[at].tombstones:
                self.buried[dot] = (self.now, number)
        # Only what was known of the same element matters, and the whole would grow with the square of the updates.
        knew = self.known[at].intersection(self.about.setdefault(done.element, [])) if done.element else frozenset()
        self.events.append(Event(number, done.element, done.what != "remove", knew))
        if done.element:
            self.about[done.element].append(number)
        self.states[at] = done.state
        self.known[at] |= {number}
        self.tally.updates += 1
        self.tally.last_update = self.now
        self._watch()
        for other in range(self.settings.n_replicas):
            self._note(at, other, done.delta, frozenset({number}))

    def _note(self, at: int, other: int, delta: Any, knew: frozenset[int]) -> None:
        """Keep a delta until the next message to another replica."""
        if self.settings.crdt_type == "delta":
            waiting, told = self.unsent[at][other]
            self.unsent[at][other] = (waiting.merge(delta), told | knew)

    # -- Gossip

    def _gossip(self, at: int) -> None:
        settings = self.settings
        other = self.rng.randrange(settings.n_replicas - 1)
        other += other >= at
        talks = self.rng.random() < settings.merge_probability
        last = settings.n_replicas - 1
        if talks and not (settings.cut(self.now) and last in (at, other)):
            self._send(at, other)
        self.after(settings.gossip_interval, self._gossip, at)

    def _send(self, at: int, other: int) -> None:
        settings = self.settings
        payload, knew = self.states[at], self.known[at]
        if settings.crdt_type == "delta":
            payload, knew = self.unsent[at][other]
            if not knew:
                return  # there is no news for this one
            self.unsent[at][other] = (EMPTY["delta"](), frozenset())
        if at < settings.liars:
            payload = lied(payload, self.names[at], other)
        self.tally.messages += 1
        self.tally.bytes += len(encoded(payload.plain()))
        if settings.loss and self.rng.random() < settings.loss:
            # A whole state needs no second try, since the next one says it all; a delta does, when no answer has come.
            self.after(settings.gossip_interval, self._note, at, other, payload, knew)
            return
        for _ in range(2 if settings.duplicate and self.rng.random() < settings.duplicate else 1):
            half = settings.network_delay / 2
            wait = half + self.rng.expovariate(1 / half) if half else 0.0
            if settings.fifo:
                arrives = max(self.now + wait, self.arrived.get((at, other), 0.0))
                self.arrived[at, other] = arrives
                wait = arrives - self.now
            number = next(self._message_numbers)
            self.under_way[number] = Message(payload, knew)
            self.after(wait, self._arrive, at, other, number)

    def _arrive(self, source: int, at: int, number: int) -> None:
        message = self.under_way.pop(number)
        new = message.knew - self.known[at]
        if self.settings.crdt_type == "delta" and new:
            # Passing on what was known already would keep it going round for ever (Enes et al. 2019).
            news = self.states[at].news(message.payload)
            for other in range(self.settings.n_replicas):
                if other != source:
                    self._note(at, other, news, new)
        self.states[at] = self.states[at].merge(message.payload)
        self.known[at] |= message.knew
        self.heard[at][source] |= message.knew
        self._collect(at)
        self._watch()

    def _watch(self) -> None:
        """Note since when all replicas hold the same."""
        first, *others = self.states
        value = first.value
        if any(state.value != value for state in others):
            self.tally.agreed = None
        elif self.tally.agreed is None:
            self.tally.agreed = self.now

    def _collect(self, at: int) -> None:
        """Forget tombstones, by the rule that was chosen."""
        state, rule = self.states[at], self.settings.collect
        if rule == "never" or not isinstance(state, ORSet) or not state.tombstones:
            return
        others = [heard for other, heard in enumerate(self.heard[at]) if other != at]
        seen = self.known[at].intersection(*others)
        lacking = [message.knew for message in self.under_way.values()] if rule == "stable" else []
        gone = []
        for dot in sorted(state.tombstones):
            when, number = self.buried[dot]
            old = self.now - when > self.settings.collect_after
            if old if rule == "early" else number in seen and all(number in knew for knew in lacking):
                gone.append(dot)
        self.states[at] = state.collected(frozenset(gone))


def run(settings: Settings, progress: Callable[[int], object] | None = None) -> Result:
    """Simulate; `progress` is told after each simulated second."""
    one = Run(settings)
    sets = settings.crdt_type in SETS
    should: dict[frozenset[int], frozenset[str]] = {}  # of what is known somewhere, or of everything
    for second in range(int(settings.duration)):
        one.run(second + 1.0)
        texts = [repr(_ordered(state.value)) for state in one.states]
        everything = frozenset(range(len(one.events)))
        if sets:
            known = {everything, *one.known}
            should = {each: should[each] if each in should else one.expected(each) for each in known}
        wrong = [state.value - should[one.known[at]] for at, state in enumerate(one.states)] if sets else []
        one.tally.look(
            [state.value for state in one.states],
            should.get(everything),
            distinct=len(set(texts)),
            behind=sum(len(known) < len(one.events) for known in one.known),
            resurrected=sum(map(len, wrong)),
            size=max(len(encoded(state.plain())) for state in one.states),
            tombstones=max((len(state.tombstones) for state in one.states if isinstance(state, ORSet)), default=0),
        )
        if progress is not None:
            progress(second + 1)
    return conclude(one.tally, one.states, one.events)


def _ordered(value: Any) -> Any:
    """Give a value that is written in one way, whatever the order of a set."""
    return sorted(value) if isinstance(value, frozenset) else value
