"""The closed forms, beside what was simulated."""

from __future__ import annotations

from math import sqrt
from typing import Any

import pytest

from companion.simulators.interaction import PRESETS, Settings, simulate
from companion.simulators.interaction.theory import (
    executions_per_request,
    lost_share,
    premature_share,
    refused_share,
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
