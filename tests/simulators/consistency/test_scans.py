"""Many runs: where a configuration stands, what a distance costs, what to decide."""

from __future__ import annotations

from math import fsum, sqrt

import pytest

from companion.simulators.consistency.scans import (
    Placement,
    decide,
    price_of_quorums,
)
from companion.sweep import HERE


def test_configurations_stand_where_they_were_measured(placed: dict[str, Placement]) -> None:
    assert {name: one.letters for name, one in placed.items()} == {
        "one of three, gossip": "PA/EL",
        "majority, sloppy": "PA/EC",
        "majority": "PC/EC",
        "majority, write-back": "PC/EC",
        "all": "PC/EC",
        "primary, nearest read": "PC/EL",
        "primary alone, failover": "PA/EC",
        "primary, all confirmed": "PC/EC",
    }
    assert not placed["one of three, gossip"].linearizable
    assert not placed["majority, sloppy"].linearizable
    assert placed["majority, write-back"].linearizable
    assert placed["all"].linearizable


def test_a_quorum_of_all_answers_nothing_while_one_is_cut_off_and_one_of_three_everything(
    placed: dict[str, Placement],
) -> None:
    assert placed["all"].answered == 0
    assert placed["one of three, gossip"].answered == pytest.approx(1, abs=0.1)
    assert 0 < placed["majority"].answered < 1
    there_and_back = 2 * 0.9 * 40 + 1  # the least that a message to another site takes, twice, and the replica's work
    assert placed["one of three, gossip"].latency < 10 < there_and_back < placed["majority"].latency


def test_the_simulated_replicas_pay_the_order_statistic_and_not_the_sum() -> None:
    for (quorum, alike), price in price_of_quorums([0.0, 60.0, 90.0], scheduler=HERE).items():
        spread = (100 - alike) * sqrt(fsum(1 / (5 - i) ** 2 for i in range(quorum)))  # the gaps are independent
        error = spread / sqrt(price.reads)
        assert error < 0.025 * price.expected
        assert price.measured == pytest.approx(price.expected, abs=3 * error)
        assert price.measured <= price.serial + 3 * error


def test_what_all_answers_share_no_race_can_shorten() -> None:
    prices = price_of_quorums([0.0, 90.0], scheduler=HERE)
    assert prices[3, 0.0].expected == pytest.approx(78.33, abs=0.01)
    assert [round(prices[k, 90.0].expected, 1) for k in (1, 3, 5)] == [92.0, 97.8, 112.8]


def test_a_decision_follows_from_what_is_tolerated() -> None:
    picky = decide(20.0, 0.3, linearizable=True, least_answered=0.5)
    assert [one.level for one in picky if not one.refused_for] == ["majority+writeback"]
    easy = decide(100.0, 0.3, most_stale=1.0, least_answered=0.9)
    assert {one.level for one in easy if not one.refused_for} == {"one", "one+gossip"}
    hasty = decide(100.0, 0.3, most_p99=10.0)
    assert all(one.refused_for for one in hasty)
