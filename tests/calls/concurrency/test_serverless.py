"""Serverless: the bill of a chain against its closed form, and processes that answer and are gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.concurrency import serverless

amounts = st.lists(st.floats(0.001, 1000), min_size=1, max_size=8)


@given(amounts)
def test_each_is_billed_for_all_behind_it(work: list[float]) -> None:
    expected = sum(place * own for place, own in enumerate(work, start=1)) / sum(work)
    assert serverless.factor(work) == pytest.approx(expected)
    assert serverless.bills(work)[-1] == work[-1]


@given(st.integers(1, 50))
def test_equal_work_is_billed_half_of_one_more_than_there_are(functions: int) -> None:
    assert serverless.factor([1.0] * functions) == pytest.approx((functions + 1) / 2)


def test_processes_that_wait_for_each_other_are_billed_for_no_less_than_the_work_behind_them() -> None:
    work = [5.0, 15.0, 10.0]
    measured = serverless.chain(work)
    assert len(measured) == 3
    assert all(bill >= least for bill, least in zip(measured, serverless.bills(work), strict=True))
    assert measured[0] > measured[1] > measured[2]


def test_a_start_is_timed_in_three_ways() -> None:
    took = serverless.starts(serverless.NOTHING, times=1)
    assert set(took) == {"cold", "forked", "warm"}
    assert min(took.values()) > 0


def test_a_function_that_cannot_import_what_it_needs_says_so() -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        serverless.starts(["no_such_module_anywhere"], times=1)
