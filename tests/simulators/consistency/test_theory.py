"""The closed forms, and what is drawn beside them."""

from __future__ import annotations

import random
from math import log

import pytest

from companion.simulators.consistency.theory import (
    PUSH,
    PUSH_PULL,
    chain_availability,
    fan_out_tail,
    gossip,
    gossip_rounds,
    quorum_latency,
    sampled_stale,
    serial_latency,
    stale_probability,
)


def test_the_second_of_three_exponential_answers_takes_five_sixths_of_the_mean() -> None:
    rng = random.Random(1)
    drawn = [sorted(-log(1 - rng.random()) for _ in range(3))[1] for _ in range(100_000)]
    assert quorum_latency(3, 2) == pytest.approx(0.8333, abs=5e-5)
    assert sum(drawn) / len(drawn) == pytest.approx(quorum_latency(3, 2), rel=0.01)


def test_three_replicas_asked_one_after_the_other_cost_what_the_article_says() -> None:
    assert serial_latency(3, 5.0) == 15.0
    assert serial_latency(3, 100.0) == 300.0


@pytest.mark.parametrize(("quorums", "share"), [((3, 1, 1), 0.667), ((3, 2, 1), 0.333)])
def test_random_quorums_miss_the_last_write_as_often_as_pbs_says(quorums: tuple[int, int, int], share: float) -> None:
    assert stale_probability(*quorums) == pytest.approx(share, abs=5e-4)
    assert sampled_stale(*quorums, samples=150_000) == pytest.approx(share, abs=0.005)


def test_quorums_that_overlap_miss_nothing_and_misses_multiply() -> None:
    assert stale_probability(5, 3, 3) == 0
    assert sampled_stale(5, 3, 3, samples=1000) == 0
    assert stale_probability(3, 1, 1, versions=2) == pytest.approx(4 / 9)


@pytest.mark.parametrize(("way", "leading", "mean", "off"), [(PUSH, 16.9, 18.0, 1.2), (PUSH_PULL, 9.1, 9.2, 0.5)])
def test_a_rumour_takes_as_many_rounds_as_theory_says(way: str, leading: float, mean: float, off: float) -> None:
    rounds = [gossip(1000, way, seed) for seed in range(30)]
    assert gossip_rounds(1000, way) == pytest.approx(leading, abs=0.05)
    assert sum(rounds) / len(rounds) == pytest.approx(mean, abs=off)


def test_nine_hops_of_three_nines_lose_almost_one_in_a_hundred() -> None:
    assert chain_availability(0.999, 9) == pytest.approx(0.99104, abs=5e-6)
    rng = random.Random(2)
    passed = sum(all(rng.random() < 0.999 for _ in range(9)) for _ in range(200_000)) / 200_000
    assert passed == pytest.approx(chain_availability(0.999, 9), abs=0.001)


def test_of_a_hundred_parallel_calls_one_is_slow_two_times_in_three() -> None:
    rng = random.Random(3)
    slow = sum(any(rng.random() < 0.01 for _ in range(100)) for _ in range(20_000)) / 20_000
    assert fan_out_tail(0.01, 100) == pytest.approx(0.634, abs=5e-4)
    assert slow == pytest.approx(fan_out_tail(0.01, 100), abs=0.01)


def test_all_answers_take_the_harmonic_sum_and_the_unit_is_that_of_the_mean() -> None:
    assert quorum_latency(4, 4, mean=12.0) == pytest.approx(12 + 6 + 4 + 3)
    assert quorum_latency(4, 1, mean=12.0) == pytest.approx(3)
    assert quorum_latency(4, 0, mean=12.0) == 0


def test_a_rumour_among_two_takes_one_round_and_the_leading_terms_grow_by_what_theory_adds() -> None:
    assert {gossip(2, way, seed) for way in (PUSH, PUSH_PULL) for seed in range(20)} == {1}
    assert gossip(1) == 0, "who is alone knows everything"
    assert gossip_rounds(2000) - gossip_rounds(1000) == pytest.approx(1 + log(2))
    assert gossip_rounds(3000, PUSH_PULL) - gossip_rounds(1000, PUSH_PULL) == pytest.approx(
        1 + log(log(3000) / log(1000), 2)
    )


def test_one_rumour_is_one_draw_and_another_seed_is_another() -> None:
    rounds = [gossip(200, seed=seed) for seed in range(12)]
    assert rounds == [gossip(200, PUSH, seed) for seed in range(12)]
    assert len(set(rounds)) > 1
    assert sampled_stale(5, 2, 1, 400, seed=4) == sampled_stale(5, 2, 1, 400, seed=4)
    assert len({sampled_stale(5, 2, 1, 400, seed=seed) for seed in range(5)}) > 1


def test_each_node_that_asks_or_tells_in_a_round_reaches_one_other() -> None:
    """So a rumour cannot more than double by telling, and three nodes that only tell need two rounds."""
    assert {gossip(3, PUSH, seed) for seed in range(40)} <= set(range(2, 40))
    assert all(gossip(64, PUSH, seed) > 6 for seed in range(40))
    assert 1 in {gossip(3, PUSH_PULL, seed) for seed in range(40)}


def test_a_chain_without_hops_is_always_there_and_a_fan_out_without_calls_is_never_slow() -> None:
    assert chain_availability(0.5, 0) == 1
    assert chain_availability(0.5, 3) == 0.125
    assert fan_out_tail(0.5, 0) == 0
    assert fan_out_tail(0.5, 1) == 0.5
    assert fan_out_tail(0.5, 3) == 0.875
