"""Each session guarantee: a history that breaks it, and one next to it that does not."""

from __future__ import annotations

import pytest

from companion.history import Operation
from companion.history.session import session_guarantees, stale_reads
from tests.history.test_search import op, random_history

W1, W2 = op(0, "write", "1", 0, 1), op(0, "write", "2", 2, 3)


def broken(*operations: Operation) -> set[str]:
    found = session_guarantees(operations)
    assert not found.undecided
    return {one.guarantee for one in found.broken}


def test_reading_something_older_than_ones_own_write_breaks_read_your_writes() -> None:
    assert broken(W1, op(1, "write", "2", 2, 3), op(1, "read", "1", 4, 5)) == {"read your writes"}
    assert broken(W1, op(0, "read", None, 2, 3)) == {"read your writes"}
    assert broken(W1, op(1, "write", "2", 2, 3), op(2, "read", "1", 4, 5)) == set()


def test_a_write_that_overlaps_ones_own_may_come_after_it() -> None:
    assert broken(op(0, "write", "1", 0, 3), op(1, "write", "2", 2, 4), op(1, "read", "1", 5, 6)) == set()


def test_a_write_that_never_returned_need_not_be_read() -> None:
    assert broken(op(0, "write", "1", 0, None), op(0, "read", None, 2, 3)) == set()


def test_reading_backwards_breaks_monotonic_reads() -> None:
    other = op(1, "write", "2", 2, 3)
    assert broken(W1, other, op(2, "read", "2", 4, 5), op(2, "read", "1", 6, 7)) == {"monotonic reads"}
    assert broken(W1, other, op(2, "read", "2", 4, 5), op(3, "read", "1", 6, 7)) == set()


def test_seeing_a_writers_writes_in_the_other_order_breaks_monotonic_writes() -> None:
    assert broken(W1, W2, op(2, "read", "2", 4, 5), op(2, "read", "1", 6, 7)) == {
        "monotonic reads",
        "monotonic writes",
    }


def test_seeing_a_write_but_not_what_its_writer_had_read_breaks_writes_follow_reads() -> None:
    open_write = op(0, "write", "1", 0, 20)  # overlaps all, so that real time says nothing
    answer = [op(1, "read", "1", 1, 2), op(1, "write", "2", 3, 4)]
    assert broken(open_write, *answer, op(2, "read", "2", 5, 6), op(2, "read", "1", 7, 8)) == {"writes follow reads"}
    assert broken(open_write, *answer, op(2, "read", "1", 5, 6), op(2, "read", "2", 7, 8)) == set()


@pytest.mark.parametrize(
    ("operations", "why"),
    [
        ([W1, op(1, "write", "1", 2, 3)], "written twice"),
        ([op(0, "add", 1, 0, 1)], "registers only"),
        ([op(0, "cas", ("1", "2"), 0, 1)], "registers only"),
    ],
)
def test_what_cannot_be_decided_says_why(operations: list[Operation], why: str) -> None:
    found = session_guarantees(operations)
    assert why in found.undecided
    assert not found.broken


def test_a_linearizable_history_breaks_no_session_guarantee() -> None:
    decided = 0
    for seed in range(300):
        found = session_guarantees(random_history(seed, "register", 12, honest=True, most=100))
        decided += not found.undecided
        assert not found.broken
    assert decided > 100


def test_a_read_is_stale_when_what_it_missed_was_acknowledged_before_it_began() -> None:
    other = op(1, "write", "2", 2, 3)
    late, early = op(2, "read", "1", 4, 5), op(2, "read", "1", 1, 5)
    assert stale_reads([W1, other, late]) == [late]
    assert stale_reads([W1, other, early]) == []
    assert stale_reads([W1, op(2, "read", None, 2, 3)]) != []


def test_a_write_that_overlaps_or_was_never_acknowledged_makes_no_read_stale() -> None:
    assert stale_reads([op(0, "write", "1", 0, 3), op(1, "write", "2", 2, 4), op(2, "read", "1", 5, 6)]) == []
    assert stale_reads([W1, op(1, "write", "2", 2, None), op(2, "read", "1", 5, 6)]) == []
