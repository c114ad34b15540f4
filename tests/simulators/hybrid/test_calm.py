"""CALM: monotone queries take nothing back, others do."""

from __future__ import annotations

import random
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.hybrid.calm import deadlocked, garbage, reachable
from companion.simulators.hybrid.calm import play as ask

EDGES = st.lists(st.tuples(*[st.sampled_from(["root", "a", "b", "c", "d"])] * 2), max_size=9, unique=True)


@given(EDGES, st.integers())
def test_a_monotone_query_takes_nothing_back_and_ends_alike_in_every_order(edges: list[Any], seed: int) -> None:
    shuffled = edges[:]
    random.Random(seed).shuffle(shuffled)
    for query in (reachable, deadlocked):
        played = ask(query, shuffled)
        assert not played.retracted
        assert not edges or played.answers[-1] == ask(query, edges).answers[-1]


def test_a_query_about_what_is_not_there_takes_answers_back_in_most_orders() -> None:
    edges = [("root", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("d", "e")]
    assert garbage(frozenset(edges)) == {"d", "e"}
    back = {query: sum(bool(ask(query, order).retracted) for order in permutations(edges))
            for query in (deadlocked, garbage)}  # fmt: skip
    assert back == {deadlocked: 0, garbage: 115}


def test_deadlock_is_found_by_whoever_has_the_whole_cycle() -> None:
    assert deadlocked(frozenset({("a", "b"), ("b", "a"), ("c", "a")})) == {"a", "b"}
    assert deadlocked(frozenset({("a", "b"), ("b", "c")})) == frozenset()
