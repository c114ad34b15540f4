"""Can these operations on one object be put in an order that explains them? A search that can be interrupted.

Wing and Gong's depth-first search with Lowe's memory of configurations (what is in the order so far, and the state it
left): what led nowhere once is not tried again. Four rules keep it small, and none loses a solution.

* An operation enters the order only while it is concurrent with the one that returns next (just-in-time).
* A read that is allowed is taken at once: later it could not be easier. (A write of what is there already is not: it
  may be wanted later, to bring its value back.)
* Of two that ask for the same, the one that returns first goes first.
* What never returned is taken only if somebody sees it: a write only right before an operation that reads it.

Where a read returns all that was ever added, it also settles what came before it (`_order_by_reads`).

References: Wing and Gong 1993; Lowe 2017; Horn and Kroening 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from companion.history.events import Operation
from companion.history.specifications import WRONG, Model

MOST_CONFIGURATIONS = 1_000_000
"""Configurations that are remembered before the search gives up: some hundred megabytes."""


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

    def __init__(self, operations: Sequence[Operation], model: Model, most: int = MOST_CONFIGURATIONS) -> None:
        known = [operation for operation in operations if not (operation.pending and operation.f == "read")]
        ordered = sorted(known, key=lambda operation: operation.invoked)
        self.model, self.most, self.steps = model, most, 0
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
        self.done = 0  # the set of those in the order, as bits
        self.place = 0  # in `completed`: all before it are in the order
        self.grows = model.initial is not None  # no update of such an object is ever undone by another
        self.needs = [0] * count  # what must be in the order before each, as bits
        self.sums: list[tuple[int, int]] = []
        self._prepare()
        self.seen: set[tuple[int, Any]] = set()
        self.stack: list[Frame] = []
        self._enter(model.initial)

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
            self._take(number)
            frame.chosen = number
            self._enter(state)
        return self.verdict

    @property
    def order(self) -> list[Operation]:
        """The order that explains the history, once the verdict is true; what never took effect is not in it."""
        return [self.operations[frame.chosen] for frame in self.stack if frame.chosen >= 0]

    def _enter(self, state: Any) -> None:
        """Add a configuration to the way down, unless it was seen before."""
        self.steps += 1
        while self.place < len(self.completed) and self.done >> self.completed[self.place] & 1:
            self.place += 1
        if self.place == len(self.completed):
            self.verdict = True
            return
        key = (self.done, state)
        if key in self.seen or self._too_far(state):
            self.stack.append(Frame([]))
            return
        if len(self.seen) >= self.most:
            self.exhausted = True
            return
        self.seen.add(key)
        self.stack.append(Frame(self._choices(state)))

    def _take(self, number: int) -> None:
        before, after = self.before[number], self.next[number]
        self.next[before], self.before[after] = after, before
        self.done |= 1 << number

    def _put_back(self, number: int) -> None:
        before, after = self.before[number], self.next[number]
        self.next[before] = self.before[after] = number
        self.done &= ~(1 << number)
        self.place = min(self.place, self.rank.get(number, self.place))

    def _choices(self, state: Any) -> list[tuple[int, Any]]:
        """List what may come next, with the state after it; what returns next is tried first."""
        urgent = self.completed[self.place]
        horizon = self.ends[urgent] or 0
        alike: dict[tuple[str, Any], tuple[int, Any]] = {}
        number = self.next[self.head]
        around = []
        while number != self.head and self.invoked[number] < horizon:
            if not self.needs[number] & ~self.done:
                asked = self.asked[number]
                after = self.model.step(state, *asked)
                if after is not WRONG:
                    if after == state and (asked[0] == "read" or self.grows):
                        return [(number, after)]
                    earlier = alike.get(asked)
                    if earlier is None or self._returns(number) < self._returns(earlier[0]):
                        alike[asked] = (number, after)
            around.append(number)
            number = self.next[number]
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
        if self.grows:
            return True
        for other in around:
            if other != number:
                f, value = self.asked[other]
                if (f == "read" and value == after) or (f == "cas" and value[0] == after):
                    return True
        return False

    def _prepare(self) -> None:
        if self.model.elements:
            self._order_by_reads()
        elif self.model.initial == 0 and all(value >= 0 for f, value in self.asked if f == "add"):
            reads = [(value, 1 << n) for n, (f, value) in enumerate(self.asked) if f == "read"]
            self.sums = sorted(reads)

    def _too_far(self, state: Any) -> bool:
        """Tell whether a counter that only grows has passed a value that is still to be read."""
        for value, bit in self.sums:
            if not self.done & bit:
                return bool(state > value)
        return False

    def _order_by_reads(self) -> None:
        """Let every read that does not show an element come before all that add it; what no read shows comes last."""
        reads = [(1 << n, frozenset(value)) for n, (f, value) in enumerate(self.asked) if f == "read"]
        without: dict[Any, int] = {}
        for number, (f, value) in enumerate(self.asked):
            if f == "read":
                continue
            if value not in without:
                without[value] = sum(bit for bit, seen in reads if value not in seen)
            self.needs[number] = without[value]
