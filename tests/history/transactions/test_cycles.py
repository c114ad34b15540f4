"""Components and shortest cycles: against trying everything, and on graphs too large for that."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.history.transactions.cycles import Budget, components, cycles, kind_of
from companion.history.transactions.dependencies import Dependency, Graph

Edges = dict[tuple[int, int], str]


def graph_of(edges: Edges) -> Graph:
    graph: Graph = {}
    for (source, target), kind in edges.items():
        graph.setdefault(source, {})[target] = Dependency(source, target, kind)
    return graph


graphs = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] != pair[1]),
    st.sampled_from(["ww", "wr", "rw", "rw"]),
    max_size=14,
)


def simple_cycles(edges: Edges) -> list[tuple[Dependency, ...]]:
    """Try every order of every set of nodes, beginning with the smallest."""
    graph, nodes = graph_of(edges), sorted({node for pair in edges for node in pair})
    found = []
    for length in range(2, len(nodes) + 1):
        for order in permutations(nodes, length):
            pairs = list(zip(order, order[1:] + order[:1], strict=True))
            if order[0] == min(order) and all(target in graph.get(source, {}) for source, target in pairs):
                found.append(tuple(graph[source][target] for source, target in pairs))
    return found


@given(graphs)
def test_components_are_those_who_reach_each_other(edges: Edges) -> None:
    nodes = {node for pair in edges for node in pair}
    reach = {node: {node} for node in nodes}
    for _ in nodes:
        for source, target in edges:
            for node in nodes:
                if source in reach[node]:
                    reach[node].add(target)
    expected = {frozenset(b for b in nodes if b in reach[a] and a in reach[b]) for a in nodes}
    found = components({source: list(targets) for source, targets in graph_of(edges).items()})
    assert {frozenset(part) for part in found} == {part for part in expected if len(part) > 1}


@given(graphs)
def test_of_each_kind_the_cycle_shown_is_a_shortest_and_none_is_missed(edges: Edges) -> None:
    every, (found, undecided) = simple_cycles(edges), cycles(graph_of(edges))
    assert undecided == []
    parts = components({source: list(targets) for source, targets in graph_of(edges).items()})
    for part in parts:
        inside = [one for one in every if one[0].source in part]
        shown = [one for one in found if one[0].source in part]
        least = {kind: min(len(one) for one in inside if kind_of(one) == kind) for kind in {*map(kind_of, inside)}}
        if least.keys() & {"G0", "G1c", "G-single"}:  # what is worse explains it
            least.pop("G-nonadjacent", None)
        assert {kind_of(one): len(one) for one in shown} == least
        assert len(shown) == len(least)
        for one in shown:
            assert one in every


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        ("ww ww", "G0"),
        ("ww wr", "G1c"),
        ("rw wr ww", "G-single"),
        ("rw ww rw wr", "G-nonadjacent"),
        ("rw ww wr rw", "G2-item"),
        ("rw rw", "G2-item"),
        ("ww realtime", "G0"),
        ("rw process rw realtime", "G-nonadjacent"),
    ],
)
def test_a_cycle_is_named_by_its_dependencies(kinds: str, name: str) -> None:
    assert kind_of([Dependency(0, 1, kind) for kind in kinds.split()]) == name


def ring(length: int, first: str, rest: str) -> Edges:
    return {(node, (node + 1) % length): first if node == 0 else rest for node in range(length)}


@pytest.mark.parametrize(
    ("first", "rest", "name"),
    [("ww", "ww", "G0"), ("wr", "ww", "G1c"), ("rw", "wr", "G-single"), ("rw", "rw", "G2-item")],
)
def test_a_ring_of_a_thousand_is_shown_whole(first: str, rest: str, name: str) -> None:
    (cycle,), undecided = cycles(graph_of(ring(1_000, first, rest)))
    assert (kind_of(cycle), len(cycle), undecided) == (name, 1_000, [])


def test_a_long_cycle_is_still_shown_when_nobody_could_look_for_a_shorter_one() -> None:
    (cycle,), undecided = cycles(graph_of(ring(5_000, "ww", "ww")))
    assert (len(cycle), undecided) == (5_000, ["G0"])


def test_a_large_component_with_none_but_adjacent_anti_dependencies_costs_no_more_than_its_size() -> None:
    skews: Edges = {}
    for node in range(0, 20_000, 2):  # two that miss each other, and the next two read from both
        skews |= {(node, node + 1): "rw", (node + 1, node): "rw", (node, node + 2): "wr", (node + 1, node + 3): "wr"}
    skews |= {(20_000, 20_001): "rw", (20_001, 20_000): "rw", (20_000, 20_002): "rw", (20_002, 0): "rw"}
    budget = Budget()
    (cycle,), undecided = cycles(graph_of(skews), budget)
    assert (kind_of(cycle), len(cycle), undecided) == ("G2-item", 2, [])
    assert Budget().left - budget.left < len(skews)


def test_a_search_that_was_ended_says_what_it_does_not_know() -> None:
    found, undecided = cycles(graph_of(ring(1_000, "rw", "wr")), Budget(10))
    assert found == [] and "G-single" in undecided
