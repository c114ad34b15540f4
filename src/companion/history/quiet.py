"""The history of one object, judged piece by piece: what came before a quiet moment need not be remembered.

At a moment at which nothing is open, all that was asked has taken place, or never will. So only the states in which
the object may then be need to be known: one where nothing overlapped. That takes linear time and, but for these
states, no memory. A piece in which too much overlaps is left to the search, with all that follows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from companion.history.events import Operation
from companion.history.search import Memory, Search
from companion.history.specifications import WRONG, Model

MOST_WORK = 5_000
"""Configurations of a piece that are looked at before it is left to the search."""

MOST_STATES = 64
"""States after a piece that are kept; where there may be more, it is left to the search."""


class Settled:
    """What is known of an object after the pieces that it was given.

    Attributes
    ----------
    verdict : bool or None
        False when one piece has no order; else None, since more may come.
    rest : list of Operation
        What was not settled: all from the first piece on that was too much.
    wrong : list of Operation
        The piece that has no order.
    before : tuple
        The states in which the object may have been before `rest`, or before `wrong`.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.verdict: bool | None = None
        self.steps = 0
        self.operations = 0
        self.rest: list[Operation] = []
        self.wrong: list[Operation] = []
        self._states: frozenset[Any] = frozenset({model.initial})
        self._live: Any = None  # the one state, as a value that changes, where the model has such

    @property
    def before(self) -> tuple[Any, ...]:
        """The states in which the object may be now."""
        return tuple(self._frozen())

    def add(self, piece: Sequence[Operation]) -> None:
        """Take all operations between two quiet moments; the last piece may hold what never returned."""
        self.operations += len(piece)
        if self.verdict is False:
            return
        if self.rest:
            self.rest += piece
        elif len(piece) == 1 and not piece[0].pending:
            self._add_one(piece[0])
        else:
            self._add_many(piece)

    def search(self, memory: Memory) -> Search:
        """Give the search over what was not settled."""
        return Search(self.rest, self.model, memory, self.before)

    def _add_one(self, one: Operation) -> None:
        self.steps += 1
        if self.model.in_place is not None and len(self._states) == 1:
            if self._live is None:
                self._live = self.model.in_place.thaw(*self._states)
            if not self.model.in_place.apply(self._live, one.f, one.value):
                self._stop([one])
            return
        found = {self.model.step(state, one.f, one.value) for state in self._states} - {WRONG}
        if found:
            self._states = frozenset(found)
        else:
            self._stop([one])

    def _add_many(self, piece: Sequence[Operation]) -> None:
        found = None if any(one.pending for one in piece) else states_after(piece, self._frozen(), self.model)
        if found is None or len(found) > MOST_STATES:
            self.rest += piece
        elif found:
            self._states, self._live = frozenset(found), None
            self.steps += len(piece)
        else:
            self._stop(piece)

    def _stop(self, piece: Sequence[Operation]) -> None:
        self.verdict, self.wrong = False, list(piece)

    def _frozen(self) -> frozenset[Any]:
        if self._live is not None and self.model.in_place is not None:
            self._states, self._live = frozenset({self.model.in_place.freeze(self._live)}), None
        return self._states


def pieces(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    """Cut the operations of one object at its quiet moments; what never returned leaves no later moment quiet."""
    piece: list[Operation] = []
    end: float = -1
    for one in sorted(operations, key=lambda operation: operation.invoked):
        if piece and one.invoked > end:
            yield piece
            piece, end = [], -1
        piece.append(one)
        end = max(end, float("inf") if one.returned is None else one.returned)
    if piece:
        yield piece


def states_after(piece: Sequence[Operation], before: Iterable[Any], model: Model) -> set[Any] | None:
    """List the states that some order of a piece leaves; None where that is too much work.

    Event by event: a configuration is what is open and has not taken place, and the state; at each return whatever is
    open may take place, until that which returns has.
    """
    events = sorted(
        [(one.invoked, number, True) for number, one in enumerate(piece)]
        + [(one.returned or 0, number, False) for number, one in enumerate(piece)]
    )
    configurations: set[tuple[frozenset[int], Any]] = {(frozenset(), state) for state in before}
    work = 0
    for _, number, begins in events:
        if begins:
            configurations = {(waiting | {number}, state) for waiting, state in configurations}
            continue
        reached, todo = set(configurations), list(configurations)
        while todo:
            waiting, state = todo.pop()
            if number not in waiting:
                continue  # later is soon enough for the others
            for other in waiting:
                work += 1
                after = model.step(state, piece[other].f, piece[other].value)
                fresh = (waiting - {other}, after)
                if after is not WRONG and fresh not in reached:
                    reached.add(fresh)
                    todo.append(fresh)
            if work > MOST_WORK:
                return None
        configurations = {one for one in reached if number not in one[0]}
        if not configurations:
            return set()
    return {state for _, state in configurations}
