"""Can these operations on one object be put in an order that explains them? A search that can be interrupted.

Wing and Gong's depth-first search with Lowe's memory of configurations (what is in the order so far, and the state it
left): what led nowhere once is not tried again. Four rules keep it small, and none loses a solution.

* An operation enters the order only while it is concurrent with the one that returns next (just-in-time). So what is
  in the order is all that began by then, but for a few: a configuration is those few, and the state.
* A read that is allowed is taken at once: later it could not be easier. (A write of what is there already is not: it
  may be wanted later, to bring its value back.)
* Of two that ask for the same, the one that returns first goes first.
* What never returned is taken only if somebody sees it: a write only right before an operation that reads it.

Where a read returns all that was ever added, it also settles what came before it (`_order_by_reads`).

References: Wing and Gong 1993; Lowe 2017; Horn and Kroening 2015.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from companion.history.events import Operation
from companion.history.specifications import WRONG, Model

MEMORY = 512 * 2**20
"""Bytes that configurations may take together before a search gives up."""


@dataclass
class Memory:
    """How many bytes are left to remember configurations in; several searches may share it."""

    left: int = MEMORY


@dataclass
class Frame:
    """A configuration on the way down: its choices, and which of them is being tried."""

    choices: list[tuple[int, Any]]
    tried: int = 0
    chosen: int = -1


class Search:
    """A search over the operations of one object; `run` goes on where it stopped.

    Attributes
    ----------
    steps : int
        Configurations that were entered so far: the cost, whatever the machine.
    verdict : bool or None
        None while it is not known.
    exhausted : bool
        Whether it gave up because it remembers too much.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        model: Model,
        memory: Memory | None = None,
        states: Iterable[Any] | None = None,
    ) -> None:
        """Take the operations, and the states (one of them) in which the object may have been before; the model's own
        by default."""
        known = [operation for operation in operations if not (operation.pending and operation.f == "read")]
        ordered = sorted(known, key=lambda operation: operation.invoked)
        self.model, self.memory, self.steps = model, memory or Memory(), 0
        self.verdict: bool | None = None
        self.exhausted = False
        self.operations = ordered
        self.invoked = [operation.invoked for operation in ordered]
        self.ends = [operation.returned for operation in ordered]
        self.asked: list[tuple[str, Any]] = [(operation.f, operation.value) for operation in ordered]
        self.completed = sorted(
            (number for number, end in enumerate(self.ends) if end is not None), key=lambda n: self.ends[n] or 0
        )
        self.rank = {number: rank for rank, number in enumerate(self.completed)}
        # A list of those not yet in the order, linked both ways; its head stands behind the last.
        count = len(ordered)
        self.next = [*range(1, count + 1), 0]
        self.before = [count, *range(count)]
        self.head = count
        self.taken = bytearray(count)  # which are in the order
        self.place = 0  # in `completed`: all before it are in the order
        removed = any(f == "remove" for f, _ in self.asked)
        self.grows = model.grows and not removed
        self.reads: dict[int, int] = {}  # of reads that settle what came before: their bits
        self.unread = 0  # those of them that are not yet in the order
        self.needs: dict[Any, int] = {}  # the reads that must be in the order before an element is added
        self.sums: list[tuple[int, int]] = []
        self.least = 0  # in `sums`: all before it are in the order
        if model.elements and not removed:
            self._order_by_reads()
        elif model.name == "counter" and all(value >= 0 for f, value in self.asked if f == "add"):
            self.sums = sorted((value, number) for number, (f, value) in enumerate(self.asked) if f == "read")
        self.at_sum = {number: at for at, (_, number) in enumerate(self.sums)}
        self.seen: set[tuple[tuple[int, ...], Any]] = set()
        self.used = 0  # bytes of memory
        starts = [model.initial] if states is None else list(states)
        self.stack: list[Frame] = [Frame([(-1, state) for state in starts])] if len(starts) != 1 else []
        if len(starts) == 1:
            self._enter(starts[0])

    def run(self, steps: int) -> bool | None:
        """Search for so many steps more; None when that did not settle it."""
        limit = self.steps + steps
        while self.verdict is None and self.steps < limit and not self.exhausted:
            frame = self.stack[-1]
            if frame.chosen >= 0:
                self._put_back(frame.chosen)
                frame.chosen = -1
            if frame.tried == len(frame.choices):
                self.stack.pop()
                if not self.stack:
                    self.verdict = False
                continue
            number, state = frame.choices[frame.tried]
            frame.tried += 1
            if number >= 0:
                self._take(number)
                frame.chosen = number
            self._enter(state)
        if self.verdict is not None or self.exhausted:  # others may have what it took
            self.memory.left += self.used
            self.seen, self.used = set(), 0
        return self.verdict

    @property
    def order(self) -> list[Operation]:
        """The order that explains the history, once the verdict is true; what never took effect is not in it."""
        return [self.operations[frame.chosen] for frame in self.stack if frame.chosen >= 0]

    def _enter(self, state: Any) -> None:
        """Add a configuration to the way down, unless it was seen before."""
        self.steps += 1
        while self.place < len(self.completed) and self.taken[self.completed[self.place]]:
            self.place += 1
        if self.place == len(self.completed):
            self.verdict = True
            return
        around = self._around()
        key = (tuple(around), state)
        if key in self.seen or self._too_far(state):
            self.stack.append(Frame([]))
            return
        choices = self._choices(state, around)
        size = 400 + 8 * len(around) + 120 * len(choices) + sys.getsizeof(state)  # as measured, rounded up
        if size > self.memory.left:
            self.exhausted = True
            return
        self.memory.left -= size
        self.used += size
        self.seen.add(key)
        self.stack.append(Frame(choices))

    def _around(self) -> list[int]:
        """List what could come next by time: not in the order, and begun before the next return."""
        horizon = self.ends[self.completed[self.place]] or 0
        found = []
        number = self.next[self.head]
        while number != self.head and self.invoked[number] < horizon:
            found.append(number)
            number = self.next[number]
        return found

    def _take(self, number: int) -> None:
        before, after = self.before[number], self.next[number]
        self.next[before], self.before[after] = after, before
        self.taken[number] = 1
        self.unread &= ~self.reads.get(number, 0)

    def _put_back(self, number: int) -> None:
        before, after = self.before[number], self.next[number]
        self.next[before] = self.before[after] = number
        self.taken[number] = 0
        self.unread |= self.reads.get(number, 0)
        self.place = min(self.place, self.rank.get(number, self.place))
        self.least = min(self.least, self.at_sum.get(number, self.least))

    def _choices(self, state: Any, around: Sequence[int]) -> list[tuple[int, Any]]:
        """List what may come next, with the state after it; what returns next is tried first."""
        alike: dict[tuple[str, Any], tuple[int, Any]] = {}
        for number in around:
            asked = self.asked[number]
            if self.needs and self.needs.get(asked[1], 0) & self.unread and asked[0] != "read":
                continue
            after = self.model.step(state, *asked)
            if after is not WRONG:
                if after == state and (asked[0] == "read" or self.grows):
                    return [(number, after)]
                earlier = alike.get(asked)
                if earlier is None or self._returns(number) < self._returns(earlier[0]):
                    alike[asked] = (number, after)
        found = [
            choice for choice in alike.values() if self.ends[choice[0]] is not None or self._seen_by(choice, around)
        ]
        return sorted(found, key=lambda choice: self._returns(choice[0]))

    def _returns(self, number: int) -> float:
        end = self.ends[number]
        return float("inf") if end is None else end

    def _seen_by(self, choice: tuple[int, Any], around: Sequence[int]) -> bool:
        """Tell whether something around reads what a register would hold after an operation that never returned."""
        number, after = choice
        if not self.model.overwritten:
            return True
        for other in around:
            if other != number:
                f, value = self.asked[other]
                if (f == "read" and value == after) or (f == "cas" and value[0] == after):
                    return True
        return False

    def _too_far(self, state: Any) -> bool:
        """Tell whether a counter that only grows has passed a value that is still to be read."""
        while self.least < len(self.sums) and self.taken[self.sums[self.least][1]]:
            self.least += 1
        return self.least < len(self.sums) and bool(state > self.sums[self.least][0])

    def _order_by_reads(self) -> None:
        """Let every read that does not show an element come before all that add it; what no read shows comes last."""
        reads = [(number, frozenset(value)) for number, (f, value) in enumerate(self.asked) if f == "read"]
        self.reads = {number: 1 << at for at, (number, _) in enumerate(reads)}
        self.unread = (1 << len(reads)) - 1
        shown: dict[Any, int] = {}
        for at, (_, values) in enumerate(reads):
            for value in values:
                shown[value] = shown.get(value, 0) | 1 << at
        everybody = self.unread
        self.needs = {value: everybody & ~shown.get(value, 0) for f, value in self.asked if f != "read"}
