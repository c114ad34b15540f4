"""Cycles of dependencies: found in linear time, and each kind shown by a shortest one.

Transactions that are on a cycle together make a strongly connected component (Tarjan 1972). Within it a cycle is named
by the weakest that explains it:

* ``G0``: ww alone;
* ``G1c``: ww and wr;
* ``G-single``: exactly one rw;
* ``G-nonadjacent``: several rw, no two of them one after the other;
* ``G2-item``: two rw one after the other.

Whether there is one of the first two, and of the first four together, is decided by components alone, the latter of
a graph in which each transaction stands twice: entered by rw, which it may then not leave by, and entered otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from companion.history.transactions.dependencies import Dependency, Graph

Node = TypeVar("Node", bound=Hashable)

KINDS = ("G0", "G1c", "G-single", "G-nonadjacent", "G2-item")

BUDGET = 3_000_000
"""Dependencies that the search for shortest cycles follows; then what it has is good enough, or it does not know."""

ORDER = ("process", "realtime")
_WW, _WR = frozenset(("ww", *ORDER)), frozenset(("ww", "wr", *ORDER))
_ALL = frozenset(("ww", "wr", "rw", *ORDER))


@dataclass
class Budget:
    """How much the search may still do."""

    left: int = BUDGET


def components(successors: Mapping[Node, Sequence[Node]]) -> list[list[Node]]:
    """Give the strongly connected components of more than one node (Tarjan's algorithm, without recursion)."""
    number: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    waiting: set[Node] = set()
    found: list[list[Node]] = []
    for root in successors:
        if root in number:
            continue
        number[root] = low[root] = len(number)
        stack.append(root)
        waiting.add(root)
        path = [(root, iter(successors[root]))]
        while path:
            node, after = path[-1]
            for other in after:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    waiting.add(other)
                    path.append((other, iter(successors.get(other, ()))))
                    break
                if other in waiting:
                    low[node] = min(low[node], number[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == number[node]:
                    part = [stack.pop()]
                    while part[-1] != node:
                        part.append(stack.pop())
                    waiting.difference_update(part)
                    if len(part) > 1:
                        found.append(part)
    return found


def cycles(graph: Graph, budget: Budget | None = None) -> tuple[list[tuple[Dependency, ...]], list[str]]:
    """Find a shortest cycle of each kind in each component.

    Parameters
    ----------
    graph : Graph
        Who came before whom.
    budget : Budget, optional
        How much the search may do.

    Returns
    -------
    list of tuple of Dependency
        Cycles, each from its smallest transaction; by component, and from the worst kind to the weakest.
    list of str
        The kinds of which it is not known whether there is one, or a shorter one, as the budget was spent.
    """
    budget = budget or Budget()
    found, undecided = [], []
    parts = components({source: list(targets) for source, targets in graph.items()})
    for part in sorted(map(sorted, parts)):
        inside = set(part)
        within = {
            source: {target: graph[source][target] for target in sorted(graph[source]) if target in inside}
            for source in part
        }
        for kind, cycle, known in _of_component(within, budget):
            if not known:
                undecided.append(kind)
            if cycle is not None:
                found.append(_rotated(cycle))
    return found, [kind for kind in KINDS if kind in undecided]


def kind_of(cycle: Sequence[Dependency]) -> str:
    """Name a cycle by its dependencies."""
    kinds = [one.kind for one in cycle]
    if "rw" not in kinds:
        return "G1c" if "wr" in kinds else "G0"
    if kinds.count("rw") == 1:
        return "G-single"
    adjacent = any(one == other == "rw" for one, other in zip(kinds, kinds[1:] + kinds[:1], strict=True))
    return "G2-item" if adjacent else "G-nonadjacent"


Found = tuple[str, tuple[Dependency, ...] | None, bool]


def _of_component(within: Graph, budget: Budget) -> Iterator[Found]:
    """Give of each kind the shortest cycle, or None, and whether that is certain."""
    written, read, calm = _together(within, _WW), _together(within, _WR), _apart(within)
    weak = False
    starts = {
        "G0": [one for one in _edges(within) if one.kind == "ww" and _same(written, one)],
        "G1c": [one for one in _edges(within) if one.kind == "wr" and _same(read, one)],
        "G-single": [one for one in _edges(within) if one.kind == "rw" and one.target in calm.get(one.source, ())],
    }
    for kind, allowed in (("G0", _WW), ("G1c", _WR), ("G-single", _WR)):
        found = _shortest(within, ([one] for one in starts[kind]), allowed, 2, budget)
        weak = weak or found[0] is not None
        yield kind, *found
    if starts["G-single"] and not weak:  # else it is explained by what is worse
        yield "G-nonadjacent", *_shortest_apart(within, starts["G-single"], budget)
    yield "G2-item", *_shortest_adjacent(within, budget)


def _edges(within: Graph) -> Iterator[Dependency]:
    for targets in within.values():
        yield from targets.values()


def _together(within: Graph, allowed: frozenset[str]) -> dict[int, int]:
    """Number the components that dependencies of some kinds make."""
    parts = components(
        {source: [one.target for one in targets.values() if one.kind in allowed] for source, targets in within.items()}
    )
    return {node: number for number, part in enumerate(parts) for node in part}


def _same(parts: dict[int, int], one: Dependency) -> bool:
    return one.source in parts and parts[one.source] == parts.get(one.target)


def _apart(within: Graph) -> dict[int, set[int]]:
    """Say which rw are on a closed way in which no two rw follow each other: ``{source: targets}``."""
    twice: dict[tuple[int, bool], list[tuple[int, bool]]] = {}
    for source, targets in within.items():
        calm = [(one.target, False) for one in targets.values() if one.kind != "rw"]
        twice[source, True] = calm
        twice[source, False] = calm + [(one.target, True) for one in targets.values() if one.kind == "rw"]
    part = {node: number for number, nodes in enumerate(components(twice)) for node in nodes}
    found: dict[int, set[int]] = {}
    for one in _edges(within):
        start, end = (one.source, False), (one.target, True)
        if one.kind == "rw" and start in part and part[start] == part.get(end):
            found.setdefault(one.source, set()).add(one.target)
    return found


def _shortest(
    within: Graph, starts: Iterable[list[Dependency]], allowed: frozenset[str], least: int, budget: Budget
) -> tuple[tuple[Dependency, ...] | None, bool]:
    """Find the shortest cycle that begins with one of these ways, and goes on by allowed kinds."""
    best: tuple[Dependency, ...] | None = None
    for start in starts:
        if best is not None and len(best) == least:
            break
        longest = len(within) if best is None else len(best) - len(start) - 1
        rest = _way(within, start[-1].target, start[0].source, allowed, longest, start[0].target, budget)
        if rest is not None:
            best = (*start, *rest)
        if budget.left < 0:
            return best, False
    return best, True


def _way(
    within: Graph, source: int, target: int, allowed: frozenset[str], longest: int, barred: int, budget: Budget
) -> list[Dependency] | None:
    """Find the shortest way of at most some steps, breadth first; it may not come through `barred`."""
    came: dict[int, Dependency | None] = {source: None}
    if barred != source:
        came[barred] = None
    edge = [source]
    for _ in range(longest):
        further: list[int] = []
        for node in edge:
            budget.left -= len(within[node])
            for other, one in within[node].items():
                if one.kind not in allowed or other in came:
                    continue
                came[other] = one
                if other == target:
                    return _back(came, source, target)
                further.append(other)
        if not further or budget.left < 0:
            return None
        edge = further
    return None


def _back(came: Mapping[int, Dependency | None], source: int, target: int) -> list[Dependency]:
    way: list[Dependency] = []
    while target != source:
        step = came[target]
        assert step is not None
        way.append(step)
        target = step.source
    return way[::-1]


def _shortest_apart(
    within: Graph, starts: Sequence[Dependency], budget: Budget
) -> tuple[tuple[Dependency, ...] | None, bool]:
    """Find the shortest cycle in which no two rw follow each other; where none is simpler, it meets nobody twice."""
    best: tuple[Dependency, ...] | None = None
    for start in starts:
        came: dict[tuple[int, bool], tuple[Dependency, tuple[int, bool]]] = {}
        first, queue = (start.target, True), deque([(start.target, True)])
        while queue and (start.source, False) not in came and budget.left >= 0:
            state = queue.popleft()
            budget.left -= len(within[state[0]])
            for one in within[state[0]].values():
                after = (one.target, one.kind == "rw")
                if not (state[1] and one.kind == "rw") and after not in came and after != first:
                    came[after] = (one, state)
                    queue.append(after)
        state, way = (start.source, False), [start]
        if state in came:
            back: list[Dependency] = []
            while state != first:
                one, state = came[state]
                back.append(one)
            way += back[::-1]
            if (best is None or len(way) < len(best)) and len({one.source for one in way}) == len(way):
                best = tuple(way)
        if budget.left < 0:
            return best, False
    return best, True


def _shortest_adjacent(within: Graph, budget: Budget) -> tuple[tuple[Dependency, ...] | None, bool]:
    """Find the shortest cycle in which two rw follow each other; it can be told beginning with those."""
    missed = [one for one in _edges(within) if one.kind == "rw"]
    for one in missed:
        back = within[one.target].get(one.source)
        if back is not None and back.kind == "rw":
            return (one, back), True
    pairs = ([one, other] for one in missed for other in within[one.target].values() if other.kind == "rw")
    return _shortest(within, pairs, _ALL, 3, budget)


def _rotated(cycle: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
    at = min(range(len(cycle)), key=lambda place: cycle[place].source)
    return cycle[at:] + cycle[:at]
