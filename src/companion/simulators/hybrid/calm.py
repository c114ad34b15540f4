"""CALM by example: a program that never takes anything back needs no coordination.

Messages arrive in any order, and a replica answers from those that it has. A *monotone* query only ever adds to its
answer, so an early answer is a part of the final one, and all orders end in the same. A query that asks for what is
*not* there answers too early and must take it back (Hellerstein and Alvaro 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

Fact = TypeVar("Fact", bound=Hashable)
Query = Callable[[frozenset[Fact]], frozenset[Hashable]]


@dataclass(frozen=True)
class Played:
    """What a query answered while facts arrived.

    Attributes
    ----------
    answers : tuple of frozenset
        After each fact.
    retracted : frozenset
        All that was in an answer and in a later one no more.
    """

    answers: tuple[frozenset[Hashable], ...]

    @property
    def retracted(self) -> frozenset[Hashable]:
        found: set[Hashable] = set()
        for earlier, later in zip(self.answers, self.answers[1:], strict=False):
            found |= earlier - later
        return frozenset(found)


def play(query: Query[Fact], facts: Iterable[Fact]) -> Played:
    """Let facts arrive one by one, and ask after each."""
    known: set[Fact] = set()
    answers = []
    for fact in facts:
        known.add(fact)
        answers.append(query(frozenset(known)))
    return Played(tuple(answers))


Edge = tuple[str, str]
"""``(holder, held)``: who waits for whom, or who refers to what."""


def reachable(edges: frozenset[Edge]) -> frozenset[Hashable]:
    """List the pairs that a path connects: the transitive closure, which grows with its edges."""
    following: dict[str, set[str]] = {}
    for holder, held in edges:
        following.setdefault(holder, set()).add(held)
    pairs: set[Hashable] = set()
    for start in following:
        seen, todo = set[str](), [start]
        while todo:
            fresh = following.get(todo.pop(), set()) - seen
            seen |= fresh
            todo += fresh
        pairs |= {(start, end) for end in seen}
    return frozenset(pairs)


def deadlocked(edges: frozenset[Edge]) -> frozenset[Hashable]:
    """List those who wait for themselves: a cycle, once there, stays, whatever else is learnt. Monotone."""
    return frozenset(pair[0] for pair in reachable(edges) if isinstance(pair, tuple) and pair[0] == pair[1])


def garbage(edges: frozenset[Edge]) -> frozenset[Hashable]:
    """List the objects that nothing reachable from ``root`` refers to: the next message may refute it. Not monotone."""
    objects = {end for edge in edges for end in edge} - {"root"}
    alive = {pair[1] for pair in reachable(edges) if isinstance(pair, tuple) and pair[0] == "root"}
    return frozenset(objects - alive)
