"""Collapse, recovery, and which cures work: the reference scenario and its variants.

Ten servers of 0.1 s, 70 requests/s, twice that for ten seconds, callers who wait 1 s and try again three times. Means
are over three seeds; the goodput may differ by 2/s and the attempts by 5 % from the expected.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import pytest

from companion.simulators.metastable import PRESETS, Result, scans, simulate, theory

SEEDS = range(1, 4)


class Means(NamedTuple):
    """Means over the seeds, a second."""

    goodput: float
    attempts: float
    wasted: float


@cache
def run(preset: str, seed: int, **changes: Any) -> Result:
    return simulate(preset, seed=seed, **changes)


def runs(preset: str, seeds: range = SEEDS, **changes: Any) -> tuple[Result, ...]:
    return tuple(run(preset, seed, **dict(sorted(changes.items()))) for seed in seeds)


def means(preset: str, seeds: range = SEEDS, **changes: Any) -> Means:
    results = runs(preset, seeds, **changes)
    return Means(
        *(sum(getattr(result, f"{name}_per_s") for result in results) / len(results) for name in Means._fields)
    )


def goodputs(preset: str, seeds: range = SEEDS, **changes: Any) -> list[float]:
    return [result.goodput_per_s for result in runs(preset, seeds, **changes)]


# The policies


@pytest.mark.parametrize(("retries", "attempts"), [(3, 280), (1, 140)])
def test_immediate_retries_keep_the_service_collapsed(retries: int, attempts: float) -> None:
    result = means("collapse", max_retries=retries)
    assert result.goodput == 0
    assert result.wasted == pytest.approx(100, abs=2)
    assert result.attempts == pytest.approx(attempts, rel=0.05)


@pytest.mark.parametrize("base", [0.1, 1.0, 10.0])
def test_jitter_does_not_rescue_an_open_crowd(base: float) -> None:
    result = means("full_jitter", backoff_base=base)
    assert result.goodput == 0
    assert 266 <= result.attempts <= 285


def test_backoff_without_jitter_does_not_rescue_an_open_crowd_either() -> None:
    assert means("collapse", policy="backoff", backoff_base=1.0).goodput == 0


@pytest.mark.parametrize("preset", ["no_retries", "recovers", "lifo", "breaker", "aimd", "shedding", "codel"])
def test_the_service_recovers_with(preset: str) -> None:
    result = means(preset)
    assert result.goodput == pytest.approx(70, abs=2)
    assert result.attempts == pytest.approx(70, rel=0.05)


def test_a_retry_budget_recovers_after_the_spike() -> None:
    for result in runs("recovers"):
        assert result.mean("goodput_per_s", 62, 70) < 70
        assert result.availability == pytest.approx(1, abs=0.01)


def test_before_the_spike_every_policy_answers_everything() -> None:
    for preset in ("collapse", "full_jitter", "recovers", "breaker", "aimd", "lifo", "shedding"):
        for result in runs(preset):
            answered, asked = (result.mean(name, 10, 59) for name in ("goodput_per_s", "requests_per_s"))
            assert answered == pytest.approx(asked, abs=1)


# Deadline shedding


@pytest.mark.parametrize("margin", [0.1, 0.2])
def test_shedding_with_a_margin_of_a_service_time_or_more_recovers(margin: float) -> None:
    result = means("shedding", shed_margin=margin)
    assert result.goodput == pytest.approx(70, abs=2)
    assert result.attempts == pytest.approx(70, rel=0.05)


def test_naive_shedding_starts_work_that_ends_too_late() -> None:
    result = means("shedding_naive")
    assert 5 <= result.goodput <= 7
    assert result.attempts == pytest.approx(270, rel=0.05)
    assert result.wasted > 90


def test_naive_shedding_works_with_one_retry() -> None:
    result = means("shedding_naive", max_retries=1)
    assert result.goodput == pytest.approx(70, abs=2)
    assert result.attempts == pytest.approx(70, rel=0.05)


@pytest.mark.parametrize("refusal", ["told", "silent"])
def test_shedding_with_half_a_service_time_of_margin_is_bistable(refusal: str) -> None:
    ends = goodputs("shedding", range(1, 11), shed_margin=0.05, refusal=refusal)
    assert min(ends) < 55 and max(ends) > 65
    assert all(42 <= end <= 72 for end in ends)


# Queue bounds


@pytest.mark.parametrize("refusal", ["told", "silent"])
@pytest.mark.parametrize("bound", [50, 80])
def test_a_queue_shorter_than_the_callers_patience_recovers(bound: int, refusal: str) -> None:
    result = means("collapse", queue_bound=bound, refusal=refusal)
    assert result.goodput == pytest.approx(70, abs=2)


@pytest.mark.parametrize("bound", [100, 110])
def test_a_queue_as_long_as_the_patience_recovers_if_refusals_are_told(bound: int) -> None:
    assert means("collapse", queue_bound=bound, refusal="told").goodput == pytest.approx(70, abs=2)


def test_a_queue_of_exactly_the_patience_is_bistable_if_refusals_are_silent() -> None:
    ends = goodputs("collapse", range(1, 11), queue_bound=100, refusal="silent")
    assert min(ends) < 50 and max(ends) > 66
    assert all(18 <= end <= 74 for end in ends)


def test_a_queue_a_little_longer_than_the_patience_collapses_if_refusals_are_silent() -> None:
    assert 6 <= means("collapse", range(1, 6), queue_bound=110, refusal="silent").goodput <= 9


@pytest.mark.parametrize("refusal", ["told", "silent"])
@pytest.mark.parametrize("bound", [150, 1000])
def test_a_queue_longer_than_the_patience_stays_collapsed(bound: int, refusal: str) -> None:
    result = means("collapse", queue_bound=bound, refusal=refusal)
    assert result.goodput < 0.05
    assert 273 <= result.attempts <= 285


# What a refusal costs


@pytest.mark.parametrize("preset", ["bounded_queue", "shedding"])
def test_refusing_works_while_a_refusal_is_cheap_and_no_longer(preset: str) -> None:
    dearest = theory.dearest_refusal(servers=10, load=70.0, retries=3)
    assert dearest == pytest.approx(1 / 28)
    assert means(preset, refusal_cost=0.6 * dearest).goodput == pytest.approx(70, abs=2)
    assert means(preset, refusal_cost=1.1 * dearest).goodput == 0


def test_a_retry_budget_makes_dear_refusals_few() -> None:
    assert means("bounded_queue", policy="budget", refusal_cost=0.05).goodput == pytest.approx(70, abs=2)


# Controlled delay


def test_controlled_delay_that_waits_as_long_as_the_callers_do_drops_too_slowly() -> None:
    assert means("codel", codel_target=0.1, codel_interval=1.0).goodput == 0


# Interventions

NIGHT = range(1, 4)


@pytest.mark.parametrize("preset", ["load_cut", "retries_off", "queue_dropped"])
def test_one_measure_alone_does_not_end_the_outage(preset: str) -> None:
    for result in runs(preset, NIGHT):
        assert result.mean("goodput_per_s", 120, 180) == 0
        assert result.mean("goodput_per_s", 190, 900) == 0


def test_a_dropped_queue_is_full_again_within_seconds_because_those_who_waited_come_back_at_once() -> None:
    for result in runs("queue_dropped", NIGHT):
        assert result.series["queue_length"][179] > 20_000
        assert 100 < result.series["queue_length"][180] < 500
        assert result.mean("goodput_per_s", 183, 190) == 0


@pytest.mark.parametrize("refusal", ["told", "silent"])
def test_the_queue_dropped_and_retries_off_together_end_it_at_once(refusal: str) -> None:
    for result in runs("way_out", NIGHT, refusal=refusal):
        assert scans.seconds_to_recover(result, 180) in range(3)
        assert result.goodput_per_s == pytest.approx(70, abs=3)
        assert sum(result.series["failures"][182:]) < 30  # of some 50,000


def test_a_dropped_queue_and_a_single_retry_end_it_too() -> None:
    for result in runs("queue_dropped", NIGHT, set_retries_at=180.0, set_retries_to=1):
        assert scans.seconds_to_recover(result, 180) in range(5)
        assert result.goodput_per_s == pytest.approx(70, abs=3)


@pytest.mark.parametrize(
    ("preset", "load", "retries"), [("retries_off", 70.0, 0), ("load_cut", 20.0, 3), ("load_cut", 0.0, 3)]
)
def test_the_backlog_drains_at_what_the_attempts_leave_of_the_capacity(preset: str, load: float, retries: int) -> None:
    changes = {"cut_load_to": load} if preset == "load_cut" else {}
    for result in runs(preset, NIGHT, duration=1500.0, **changes):
        lengths = result.series["queue_length"]
        expected = theory.drain_seconds(lengths[180], load, result.settings.capacity, retries)
        empty = next(second for second, length in enumerate(lengths) if second > 180 and length < 100) - 180
        assert empty == pytest.approx(expected, rel=0.08)
        if load:
            assert scans.seconds_to_recover(result, 180) == pytest.approx(expected, rel=0.08)


def test_a_load_that_leaves_nothing_of_the_capacity_never_drains() -> None:
    assert theory.drain_seconds(100, load=25.0, capacity=100.0, retries=3) == float("inf")
    result = simulate("load_cut", cut_load_to=30.0, duration=600.0)
    assert result.series["queue_length"][599] > result.series["queue_length"][200]


def test_who_is_turned_away_is_counted_as_failed_and_sends_nothing() -> None:
    for result in runs("load_cut", NIGHT):
        assert result.mean("turned_away", 200, 900) == pytest.approx(50, abs=2)
        assert result.mean("attempts_per_s", 200, 900) == pytest.approx(80, rel=0.05)
        assert result.mean("requests_per_s", 200, 900) == pytest.approx(70, abs=2)


# Closed clients


def test_a_closed_crowd_with_immediate_retries_is_stuck_after_an_outage() -> None:
    assert means("closed_outage").goodput == 0


def test_jitter_does_rescue_a_closed_crowd() -> None:
    result = means("closed_outage_jitter")
    assert result.goodput == pytest.approx(84, abs=2)
    assert theory.mean_backoffs(PRESETS["closed_outage_jitter"].settings()) == pytest.approx(1 + 2 + 4)


def test_an_outage_serves_nothing_and_loses_what_was_in_service() -> None:
    lost = [result.totals["lost"] for result in runs("closed_outage")]
    assert max(lost) <= 10 and sum(lost) / len(lost) > 5
    for result in runs("closed_outage"):
        assert result.mean("goodput_per_s", 60, 70) == 0
        assert result.mean("wasted_per_s", 60, 70) == 0


# Where it is vulnerable


def test_a_weak_collapse_of_a_short_queue_ends_by_chance() -> None:
    # Near both borders: 128 attempts/s for 100, and a queue of 1.5 patiences. A lull in the arrivals is four times a
    # lull in the attempts; one that empties a third of the queue is enough. Nine tenths of a long queue never empty.
    short = goodputs("collapse", range(10), load=32.0, queue_bound=150)
    assert sum(end > 16 for end in short) >= 5
    assert goodputs("collapse", load=32.0, queue_bound=1000) == [0] * len(SEEDS)


@pytest.mark.parametrize("load", [20.0, 24.0])
def test_a_long_queue_recovers_below_the_vulnerable_region(load: float) -> None:
    # At 24/s the queue of 1000 shrinks by 4/s: that takes some 250 s, and in one run of five more than 290.
    ends = goodputs("long_queue", load=load, duration=600.0)
    assert all(end == pytest.approx(load, abs=2) for end in ends)


@pytest.mark.parametrize("load", [26.0, 32.0])
def test_a_long_queue_does_not_recover_above_the_border(load: float) -> None:
    assert goodputs("long_queue", load=load, duration=600.0) == [0] * len(SEEDS)


def test_at_the_border_chance_decides() -> None:
    recovered = sum(end > 12 for end in goodputs("long_queue", range(1, 11), load=25.0, duration=600.0))
    assert 1 <= recovered <= 6


def test_an_unbounded_queue_below_the_border_does_not_recover_within_minutes() -> None:
    assert goodputs("collapse", load=24.0) == [0] * len(SEEDS)
    assert simulate("collapse", load=22.0, duration=1200.0).goodput_per_s == pytest.approx(22, abs=2)


# The cache


def last_minute(result: Result, end: int) -> float:
    return result.mean("goodput_per_s", end - 60, end) / result.mean("requests_per_s", end - 60, end)


CACHE_SEEDS = range(1, 2)  # of 300,000 requests, between which there is little difference


def test_a_full_cache_answers_nearly_everything() -> None:
    for result in runs("cache_flush", CACHE_SEEDS):
        assert last_minute(result, 100) == pytest.approx(1, abs=0.005)
        assert result.mean("attempts_per_s", 10, 100) < 25


def test_after_a_flush_a_cache_filled_only_in_time_never_fills_again() -> None:
    assert all(result.availability == pytest.approx(0, abs=0.001) for result in runs("cache_flush", CACHE_SEEDS))


def test_after_a_flush_a_bounded_queue_at_the_database_lets_the_cache_fill() -> None:
    assert all(
        result.availability == pytest.approx(1, abs=0.005) for result in runs("cache_flush_bounded", CACHE_SEEDS)
    )


@pytest.mark.parametrize(("end", "expected"), [(300, 0.14), (420, 0.51), (720, 0.66)])
def test_a_cache_that_late_answers_fill_climbs_back(end: int, expected: float) -> None:
    shares = [last_minute(result, end) for result in runs("cache_flush_late", CACHE_SEEDS, duration=720.0)]
    assert sum(shares) / len(shares) == pytest.approx(expected, abs=0.03)


def test_without_retries_a_cache_that_late_answers_fill_is_soon_full() -> None:
    for result in runs("cache_flush_late", CACHE_SEEDS, max_retries=0):
        assert result.availability == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize("retries", [0, 3])
def test_with_single_flight_hardly_anybody_fails_after_a_flush(retries: int) -> None:
    for result in runs("cache_flush_single_flight", CACHE_SEEDS, max_retries=retries):
        assert result.totals["answered"] > (0.999 if retries else 0.98) * result.totals["requests"]
        assert result.mean("goodput_per_s", 110, 300) == pytest.approx(1000, abs=10)
        assert max(result.series["queue_length"]) < 1000  # at most one attempt a key


def test_without_retries_the_flush_is_as_final() -> None:
    assert all(result.availability == 0 for result in runs("cache_flush", CACHE_SEEDS, max_retries=0))


# Counting


def test_the_widely_copied_way_of_counting_sees_success_where_there_is_none() -> None:
    for result in runs("collapse"):
        assert result.summary["whole_toy_success_rate"] == pytest.approx(0.38, abs=0.01)
        assert result.summary["whole_availability"] == pytest.approx(0.17, abs=0.01)
        assert result.summary["toy_success_rate"] == pytest.approx(0.36, abs=0.02)
        assert result.availability == 0
