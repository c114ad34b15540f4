"""Pieces between quiet moments, and what is known after each."""

from __future__ import annotations

import pytest

from companion.history import MODELS
from companion.history.quiet import Settled, pieces, states_after
from tests.history.test_search import ALL, by_configurations, op, random_history


def test_a_history_is_cut_where_nothing_is_open() -> None:
    a, b, c = op(0, "write", "1", 0, 3), op(1, "read", "1", 2, 5), op(0, "read", "1", 6, 7)
    assert list(pieces([c, b, a])) == [[a, b], [c]]


def test_what_never_returned_leaves_no_later_moment_quiet() -> None:
    a, b, c = op(0, "write", "1", 0, 1), op(1, "write", "2", 2, None), op(0, "read", "1", 6, 7)
    assert list(pieces([a, b, c])) == [[a], [b, c]]


def test_two_writes_at_once_leave_either_value() -> None:
    both = [op(0, "write", "1", 0, 2), op(1, "write", "2", 1, 3)]
    assert states_after(both, [None], MODELS["register"]) == {"1", "2"}
    assert states_after([*both, op(2, "read", "1", 4, 5)], [None], MODELS["register"]) == {"1"}
    assert states_after([op(2, "read", "1", 4, 5)], [None], MODELS["register"]) == set()


def test_a_piece_that_is_too_much_is_left_to_the_search() -> None:
    many = [op(n, "write", str(n), n, 100 + n) for n in range(40)]
    assert states_after(many, [None], MODELS["register"]) is None
    settled = Settled(MODELS["register"])
    settled.add(many)
    settled.add([op(0, "read", "3", 200, 201)])
    assert settled.verdict is None
    assert len(settled.rest) == settled.operations == 41


@pytest.mark.parametrize("model", ALL)
def test_pieces_are_wrong_where_the_whole_is(model: str) -> None:
    wrong = 0
    for seed in range(100):
        history = random_history(seed, model, 6, honest=False, pending=0)
        settled = Settled(MODELS[model])
        for piece in pieces(history):
            settled.add(piece)
        assert not settled.rest
        assert (settled.verdict is not False) == by_configurations(history, model)
        wrong += settled.verdict is False
        if settled.verdict is False:
            assert states_after(settled.wrong, settled.before, MODELS[model]) == set()
    assert wrong > 30
