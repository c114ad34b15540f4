"""The policies, by hand: when each waits, refuses and tries again."""

from __future__ import annotations

import random

import pytest

from companion.simulators.metastable import Settings
from companion.simulators.metastable.policies import (
    CircuitBreaker,
    ConcurrencyLimit,
    ControlledDelay,
    RetryBudget,
    retry_delay,
)


def test_full_jitter_is_uniform_up_to_the_doubled_base_and_the_cap() -> None:
    delay = retry_delay(Settings(policy="full_jitter", backoff_base=2.0, backoff_cap=5.0), random.Random(1))
    assert delay is not None
    for retry, most in ((0, 2.0), (1, 4.0), (2, 5.0)):
        draws = [delay(retry) for _ in range(5000)]
        assert min(draws) >= 0 and max(draws) <= most
        assert sum(draws) / 5000 == pytest.approx(most / 2, rel=0.05)


def test_backoff_without_jitter_doubles() -> None:
    delay = retry_delay(Settings(policy="backoff", backoff_base=0.5, backoff_cap=3.0), random.Random(1))
    assert delay is not None
    assert [delay(retry) for retry in range(4)] == [0.5, 1.0, 2.0, 3.0]


def test_a_retry_budget_pays_one_retry_for_ten_requests() -> None:
    budget = RetryBudget(0.1, 10.0)
    assert sum(budget.spend() for _ in range(20)) == 10  # it starts full
    for _ in range(11):
        budget.earn()
    assert budget.spend() and not budget.spend()


def test_a_breaker_opens_at_half_failures_and_tries_again_after_its_pause() -> None:
    breaker = CircuitBreaker(threshold=0.5, open_s=5.0)
    for number in range(100):
        assert breaker.admit(1.0)
        breaker.record(1.0, answered=number % 2 == 0)
    assert not breaker.admit(5.9)
    assert breaker.admit(6.0) and not breaker.admit(6.0)  # one trial at a time
    breaker.record(7.0, answered=False)
    assert not breaker.admit(11.9) and breaker.admit(12.0)
    breaker.record(12.1, answered=True)
    assert breaker.admit(12.1) and breaker.admit(12.1)


def test_a_breaker_does_not_judge_by_a_few_outcomes() -> None:
    breaker = CircuitBreaker(threshold=0.5, open_s=5.0)
    for _ in range(99):
        breaker.record(1.0, answered=False)
    assert breaker.admit(1.0)


def test_a_concurrency_limit_halves_once_a_timeout_and_grows_by_one_a_round() -> None:
    limit = ConcurrencyLimit(timeout=1.0)
    admitted = sum(limit.admit(0.0) for _ in range(50))
    assert admitted == limit.START
    for _ in range(5):
        limit.record(1.0, answered=False)
    assert limit.limit == limit.START / 2
    for _ in range(10):
        limit.record(1.5, answered=True)
    assert limit.START / 2 < limit.limit <= limit.START / 2 + 1
    assert limit.in_flight == admitted - 15


def test_controlled_delay_lets_a_burst_pass_that_drains_within_the_interval() -> None:
    codel = ControlledDelay(target=0.1, interval=1.0)
    assert not any(codel.drops(tenth / 10, waited=0.5, last=False) for tenth in range(10))
    assert not codel.drops(1.05, waited=0.05, last=False)  # one below the target, and the interval begins anew
    assert not any(codel.drops(1.1 + tenth / 10, waited=0.5, last=False) for tenth in range(10))


def test_controlled_delay_drops_faster_and_faster_from_a_queue_that_stands() -> None:
    codel = ControlledDelay(target=0.1, interval=1.0)
    moments = [hundredth / 100 for hundredth in range(600)]
    drops = [now for now in moments if codel.drops(now, waited=0.5, last=False)]
    # After one interval, then after 1, 1/sqrt 2, 1/sqrt 3, ... of it.
    expected = [1 + sum(1 / count**0.5 for count in range(1, number)) for number in range(1, 6)]
    assert drops[:5] == pytest.approx(expected, abs=0.03)


def test_controlled_delay_never_drops_the_last_and_stops_below_its_target() -> None:
    codel = ControlledDelay(target=0.1, interval=1.0)
    assert not any(codel.drops(float(second), waited=9.0, last=True) for second in range(20))
    assert [codel.drops(now, waited=9.0, last=False) for now in (30.0, 31.0)] == [False, True]
    assert not codel.drops(31.1, waited=0.01, last=False)
    assert not codel.drops(31.2, waited=9.0, last=False)


def test_controlled_delay_resumes_at_the_rate_that_nearly_sufficed() -> None:
    codel = ControlledDelay(target=0.1, interval=1.0)
    for hundredth in range(500):
        codel.drops(hundredth / 100, waited=0.5, last=False)
    reached = codel.count
    codel.drops(5.0, waited=0.0, last=False)
    again = [now for now in (6.0 + hundredth / 100 for hundredth in range(300)) if codel.drops(now, 0.5, last=False)]
    assert reached > 2
    assert again[1] - again[0] == pytest.approx(1 / (reached - 1) ** 0.5, abs=0.02)
