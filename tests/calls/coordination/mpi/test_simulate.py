"""Collective operations played in one process: what they give and what they cost agrees with the closed forms."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.mpi import theory
from companion.calls.coordination.mpi.algorithms import (
    Receive,
    Send,
    Steps,
    binomial,
    doubling,
    linear,
    scatter,
    tree_scatter,
)  # fmt: skip
from companion.calls.coordination.mpi.simulate import Deadlock, play


@settings(max_examples=50)
@given(ranks=st.integers(1, 200))
def test_a_broadcast_tells_everybody_with_as_many_messages_by_either_algorithm(ranks: int) -> None:
    values = ["news", *[None] * (ranks - 1)]
    for algorithm, rounds in ((linear, theory.linear_rounds), (binomial, theory.tree_rounds)):
        done = play(algorithm, values)
        assert done.results == ["news"] * ranks
        assert done.messages == theory.broadcast_messages(ranks)
        assert done.rounds == rounds(ranks)


@pytest.mark.parametrize("ranks", [1, 2, 8, 64])
def test_recursive_doubling_gives_everyone_the_sum(ranks: int) -> None:
    done = play(doubling, list(range(ranks)))
    assert done.results == [sum(range(ranks))] * ranks
    assert (done.messages, done.rounds) == (theory.doubling_messages(ranks), theory.doubling_rounds(ranks))


@pytest.mark.parametrize("ranks", [1, 2, 8, 32])
def test_both_scatters_give_each_its_part_and_the_tree_moves_more(ranks: int) -> None:
    array = list(range(1024))
    direct, tree = (play(one, [array, *[None] * (ranks - 1)]) for one in (scatter, tree_scatter))
    part = 1024 // ranks
    assert direct.results == tree.results == [array[rank * part : (rank + 1) * part] for rank in range(ranks)]
    assert 4 * direct.items == theory.scatter_bytes(1024, ranks)
    assert 4 * tree.items == theory.tree_scatter_bytes(1024, ranks)
    assert tree.rounds == theory.tree_rounds(ranks)


def test_a_rank_receives_one_message_in_a_round() -> None:
    def all_to_root(rank: int, size: int, value: int) -> Steps:
        if rank:
            yield Send(0, value)
            return None
        for other in range(1, size):
            value += yield Receive(other)
        return value

    done = play(all_to_root, [1] * 6)
    assert (done.results[0], done.messages, done.rounds) == (6, 5, 5)


def test_ranks_that_wait_for_each_other_are_named() -> None:
    def both_receive(rank: int, size: int, value: int) -> Steps:
        return (yield Receive(1 - rank))

    with pytest.raises(Deadlock, match="0 for 1, 1 for 0"):
        play(both_receive, [1, 2])


def test_a_message_to_nobody_and_no_ranks_are_refused() -> None:
    def astray(rank: int, size: int, value: int) -> Steps:
        yield Send(size, value)

    with pytest.raises(ValueError, match="sends to 2"):
        play(astray, [1, 2])
    with pytest.raises(ValueError, match="ranks"):
        play(linear, [])
    for algorithm in (doubling, tree_scatter):
        with pytest.raises(ValueError, match="power of two"):
            play(algorithm, [[0], [0], [0]])
    with pytest.raises(ValueError, match="do not divide"):
        play(scatter, [[1, 2, 3], None])
