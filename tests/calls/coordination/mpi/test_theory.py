"""What collective operations cost: the closed forms, and what is cut into parts is all there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.mpi import theory


def test_the_articles_array_costs_what_the_page_says() -> None:
    assert theory.broadcast_bytes(1000, 32) == 4000 * 31
    assert theory.scatter_bytes(1000, 32) == 4000 * 31 / 32
    assert theory.tree_scatter_bytes(1000, 32) == 2000 * 5


@pytest.mark.parametrize(("ranks", "times"), [(4, 1.0), (32, 1.248), (300, 30.9), (1001, 1001)])
def test_the_last_rank_takes_the_remainder(ranks: int, times: float) -> None:
    assert theory.overload(theory.remainder_shares(1000, ranks)) == pytest.approx(times)


@settings(max_examples=50)
@given(count=st.integers(0, 5000), ranks=st.integers(1, 400))
def test_both_cuts_lose_nothing_and_the_even_one_differs_by_one_at_most(count: int, ranks: int) -> None:
    even = theory.even_shares(count, ranks)
    assert sum(even) == sum(theory.remainder_shares(count, ranks)) == count
    assert len(even) == ranks and max(even) - min(even) <= 1


def test_doubling_is_for_a_power_of_two() -> None:
    assert (theory.doubling_messages(8), theory.doubling_rounds(8)) == (24, 3)
    with pytest.raises(ValueError, match="power of two"):
        theory.doubling_messages(12)
    with pytest.raises(ValueError, match="at least one"):
        theory.broadcast_messages(0)


def test_small_groups_can_be_counted_by_hand() -> None:
    assert [theory.broadcast_messages(ranks) for ranks in (1, 2, 5)] == [0, 1, 4]
    assert [theory.linear_rounds(ranks) for ranks in (1, 2, 5)] == [0, 1, 4]
    assert [theory.tree_rounds(ranks) for ranks in (1, 2, 3, 4, 5, 8, 9)] == [0, 1, 2, 2, 3, 3, 4]
    assert [theory.doubling_messages(ranks) for ranks in (1, 2, 4)] == [0, 2, 8]
    for ranks in (0, 3, 6):
        with pytest.raises(ValueError, match="power of two"):
            theory.doubling_rounds(ranks)
