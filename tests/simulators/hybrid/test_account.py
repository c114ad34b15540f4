"""The account: red and escrowed withdrawals never overdraw, blue ones do, and escrow seldom asks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.simulators.hybrid.account import POLICIES, play


@pytest.mark.parametrize("policy", ["red", "escrow"])
@settings(max_examples=60)  # each simulates
@given(st.integers(0, 2**32 - 1), st.floats(0, 500), st.integers(2, 6), st.integers(0, 400))
def test_red_and_escrowed_withdrawals_never_overdraw(
    policy: str, seed: int, latency: float, sites: int, start: int
) -> None:
    outcome = play(policy, seed=seed, network_latency=latency, sites=sites, start=start, deposit_share=0.4,
                   duration=20.0)  # fmt: skip
    assert outcome.overdrawn == 0 and outcome.lowest >= 0


def test_blue_withdrawals_overdraw_the_more_the_farther_the_sites_are() -> None:
    runs = {
        far: sum(play("blue", network_latency=far, seed=seed).overdrawn for seed in range(10)) for far in (0, 40, 200)
    }
    assert runs[0] == 0 < runs[40] < runs[200]


def test_escrow_asks_far_less_often_than_red_withdrawals_do() -> None:
    red, escrow = (play(policy) for policy in ("red", "escrow"))
    assert escrow.asked < red.asked / 3 and escrow.mean_latency < red.mean_latency / 3
    assert escrow.paid == pytest.approx(red.paid, rel=0.02)


def test_an_unknown_policy_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=" | ".join(POLICIES)):
        play("green")
