"""The row of the exercise on versions: it refuses a writer who is too late, and whoever goes on for ever."""

from __future__ import annotations

import pytest

from companion.calls.concurrency.exercises import Row


def test_a_writing_is_refused_when_others_came_between_and_changes_nothing() -> None:
    row = Row(5, others=1)
    number, version = row.read()
    assert not row.write(number + 1, version)
    assert row.read() == (105, 2)
    assert row.write(106, 2)
    assert row.read() == (106, 3)


def test_without_others_the_first_writing_holds() -> None:
    row = Row(5, others=0)
    assert row.write(6, 1)
    assert (row.number, row.version) == (6, 2)


def test_whoever_never_ends_is_stopped() -> None:
    row = Row(5, others=10**6)
    with pytest.raises(AssertionError, match="writes for ever"):
        while not row.write(6, 1):
            pass
    with pytest.raises(AssertionError, match="reads for ever"):
        while row.read():
            pass
