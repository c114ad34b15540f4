"""The figures of MPI state what they draw."""

from __future__ import annotations

from companion.calls.coordination.mpi.algorithms import binomial
from companion.calls.coordination.mpi.figures import figure_overload, figure_tree
from companion.calls.coordination.mpi.simulate import play


def test_a_tree_is_drawn_by_who_tells_whom() -> None:
    figure = figure_tree(play(binomial, [1, *[None] * 4]).sent)
    assert figure.title == "After 3 rounds all 5 ranks know it: each that knows tells one more"
    assert "rank 1: to 3" in figure.alt


def test_the_remainder_is_told_at_its_worst() -> None:
    assert "up to 31 times its share; evenly cut, at most 1.2" in figure_overload(1000, [4, 32, 300]).title
