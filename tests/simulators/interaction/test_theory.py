"""The closed forms, beside what was simulated."""

from __future__ import annotations

from math import exp, sqrt
from typing import Any

import pytest

from companion.simulators.interaction import PRESETS, Settings, simulate
from companion.simulators.interaction.theory import (
    done_once_share,
    executions_per_request,
    lost_share,
    premature_share,
    refused_share,
    unacknowledged_share,
    worst_case,
)

LONG: dict[str, Any] = {"duration": 600.0, "request_rate": 50.0}


def near(share: float, count: int) -> Any:
    """Four standard deviations of a share of so many."""
    return pytest.approx(share, abs=4 * sqrt(share * (1 - share) / count) + 1e-12)


@pytest.mark.parametrize("wait", [10.0, 20.0, 30.0, 45.0])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_premature_timeouts_are_as_many_as_the_closed_form_says(wait: float, retries: int) -> None:
    chosen = PRESETS["premature_timeout"].settings(upstream_timeout=wait, upstream_retries=retries, **LONG)
    run = simulate(chosen)
    count = run.totals["requests"]
    assert run.summary["refused_share"] == near(refused_share(chosen), count)
    assert run.summary["delivered_share"] == near(1 - premature_share(chosen), count)
    expected = executions_per_request(chosen)
    assert run.summary["executions_per_request"] == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("wait", [10.0, 30.0, 45.0])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_request_that_keeps_its_latency_fails_as_often_whatever_the_retries(wait: float, retries: int) -> None:
    chosen = PRESETS["slow_requests"].settings(upstream_timeout=wait, upstream_retries=retries, **LONG)
    run = simulate(chosen)
    count = run.totals["requests"]
    assert refused_share(chosen) == premature_share(chosen)
    assert run.summary["refused_share"] == near(premature_share(chosen), count)
    assert run.summary["executions_per_request"] == pytest.approx(executions_per_request(chosen), rel=0.03)


@pytest.mark.parametrize("wait", [15.0, 30.0])
def test_the_share_of_executions_that_are_for_nobody_is_that_of_the_attempts_given_up(wait: float) -> None:
    run = simulate("premature_timeout", upstream_timeout=wait, **LONG)
    assert run.summary["wasted_share"] == near(premature_share(run.settings), run.totals["executions"])


def test_the_article_s_thirty_seconds_against_sixty_lose_two_attempts_in_five() -> None:
    chosen = PRESETS["premature_timeout"].settings(upstream_retries=0, **LONG)
    assert premature_share(chosen) == pytest.approx(0.397, abs=0.001)
    assert simulate(chosen).summary["refused_share"] == near(premature_share(chosen), 30_000)


@pytest.mark.parametrize("accounts", [1, 5, 50])
@pytest.mark.parametrize("apply_time", [5.0, 20.0, 100.0])
def test_lost_updates_are_as_many_as_the_closed_form_says(accounts: int, apply_time: float) -> None:
    chosen = PRESETS["lost_update"].settings(accounts=accounts, apply_time=apply_time, **LONG)
    run = simulate(chosen)
    assert run.totals["lost_updates"] / run.totals["requests"] == near(lost_share(chosen), run.totals["requests"])


def test_a_closed_form_refuses_what_it_does_not_cover() -> None:
    with pytest.raises(ValueError, match="longer than downstream_timeout"):
        premature_share(Settings(upstream_timeout=90.0))
    assert premature_share(Settings(latency_spread=0.0)) == 0.0
    assert executions_per_request(Settings(latency_spread=0.0, latency=50.0)) == 4.0


def test_who_waits_as_long_as_half_of_the_answers_take_gives_up_half_of_the_attempts() -> None:
    even = Settings(latency=25.0, upstream_timeout=25.0, upstream_retries=2)
    assert premature_share(even) == pytest.approx(0.5)
    assert refused_share(even) == pytest.approx(1 / 8)
    assert executions_per_request(even) == pytest.approx(1 + 1 / 2 + 1 / 4)
    one_sigma = Settings(latency=25.0, upstream_timeout=25 * exp(0.5), latency_spread=0.5)
    assert premature_share(one_sigma) == pytest.approx(0.158655, abs=1e-6)


def test_a_timeout_as_long_as_the_one_below_it_is_covered_and_as_the_answer_itself_suffices() -> None:
    assert premature_share(Settings(upstream_timeout=60.0, downstream_timeout=60.0)) < 0.5
    assert premature_share(Settings(latency_spread=0.0, latency=30.0, upstream_timeout=30.0)) == 0.0
    assert executions_per_request(Settings(latency_spread=0.0, latency=30.0)) == 1.0


def test_a_service_takes_its_timeout_for_every_try_and_the_pauses_at_the_longest() -> None:
    assert worst_case(60.0, 5) == 360.0
    assert worst_case(60.0, 0, backoffs=7.0) == 67.0


def test_updates_are_lost_as_the_load_of_one_account_says() -> None:
    assert lost_share(Settings(request_rate=20.0, accounts=4, apply_time=200.0)) == pytest.approx(1 / 2)
    assert lost_share(Settings(apply_time=0.0)) == 0


def test_what_is_known_of_a_request_over_a_line_that_loses_half() -> None:
    """Of two tries: the first arrives and is acknowledged (1/4), or is lost and the second is not (1/8)."""
    half = Settings(loss=0.5, upstream_retries=1)
    assert done_once_share(half) == pytest.approx(1 / 4 + 1 / 8)
    assert unacknowledged_share(half) == pytest.approx((3 / 4) ** 2)
    never = Settings(loss=0.0, upstream_retries=0)
    assert (done_once_share(never), unacknowledged_share(never)) == (1, 0)
