"""The account: red and escrowed withdrawals never overdraw, blue ones do, and escrow seldom asks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.simulators.hybrid import PRESETS
from companion.simulators.hybrid.account import POLICIES, play
from companion.simulators.hybrid.theory import coordinated_latency


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


@pytest.mark.parametrize("sites", [2, 3, 7])
def test_a_red_withdrawal_waits_as_long_as_a_red_room(sites: int) -> None:
    rooms = PRESETS["redblue"].settings(n_sites=sites, jitter=0.0, base_latency=0.0)
    rich = play("red", sites=sites, start=10**9, network_latency=rooms.network_latency, duration=600.0)
    assert {round(wait, 9) for wait in rich.latencies} == {0.08, 0.16}
    assert 1000 * rich.mean_latency == pytest.approx(coordinated_latency(rooms), rel=0.02)


def test_a_site_that_sees_too_little_refuses_at_once_even_where_withdrawals_are_red() -> None:
    poor = play("red", start=0, deposit_share=0.2)
    assert 0 < poor.asked < poor.paid + poor.refused
    assert sum(wait == 0 for wait in poor.latencies) == poor.paid + poor.refused - poor.asked


def test_a_site_borrows_neither_from_itself_nor_less_than_nothing() -> None:
    for asked in ({0: 10, 1: 10, 2: 10}, {0: -1, 1: -1, 2: -1}):
        with pytest.raises(ValueError, match="0 or more"):
            play("escrow", start=0, borrow=lambda allowances, site, amount, asked=asked: asked)  # type: ignore[misc]


@given(st.dictionaries(st.integers(0, 3), st.integers(0, 300)), st.integers(0, 2**32 - 1))
def test_whatever_a_site_asks_for_no_money_is_made_of_it(wanted: dict[int, int], seed: int) -> None:
    def borrow(allowances: Sequence[int], site: int, amount: int) -> dict[int, int]:
        assert sum(allowances) >= 0
        return {other: much for other, much in wanted.items() if other != site}

    told = play("escrow", sites=4, start=120, deposit_share=0.3, duration=10.0, seed=seed, borrow=borrow)
    assert told.overdrawn == 0 and told.lowest >= 0


def test_an_unknown_policy_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=" | ".join(POLICIES)):
        play("green")
