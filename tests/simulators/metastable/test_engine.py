"""The SimPy model and the heap engine tell the same story, a repeatable one, and nothing gets lost in it."""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from companion.simulators.metastable import ENGINES, PRESETS, Result, Settings, simulate
from companion.simulators.metastable.settings import POLICIES

SCENARIOS: dict[str, dict[str, Any]] = {
    **{name: {} for name in PRESETS if not name.startswith("cache")},
    "load_cut": {"cut_load_at": 25.0},
    "retries_off": {"set_retries_at": 25.0},
    "queue_dropped": {"drop_queue_at": 25.0},
    "way_out": {"set_retries_at": 25.0, "drop_queue_at": 25.0},
    "cache_flush": {"load": 300.0, "spike_start": 10.0},
    "cache_flush_late": {"load": 300.0, "spike_start": 10.0},
    "cache_flush_bounded": {"load": 300.0, "spike_start": 10.0},
    "cache_flush_single_flight": {"load": 300.0, "spike_start": 10.0},
}


@pytest.mark.parametrize("preset", SCENARIOS)
def test_both_engines_give_the_same_run_for_the_same_seed(preset: str) -> None:
    # Stronger than statistical equality: both draw the same numbers for the same purposes.
    changes = {"spike_start": 10.0, "duration": 40.0, "ramp_step_seconds": 2.0, **SCENARIOS[preset]}
    heap, simpy = (simulate(preset, engine=engine, seed=5, **changes) for engine in ENGINES)
    assert heap.totals == simpy.totals
    assert heap.series == simpy.series


# Each has another mixture of success, waste and refusal.
COMPARED: dict[str, tuple[str, dict[str, Any]]] = {
    "collapsed": ("collapse", {}),
    "naive shedding": ("shedding_naive", {}),
    "silent bound": ("collapse", {"queue_bound": 110, "refusal": "silent"}),
    "busy, backoff": ("collapse", {"pattern": "constant", "load": 85.0, "policy": "backoff", "timeout": 0.4}),
    "fixed service, slope": ("no_retries", {"service": "fixed", "concurrency_slope": 0.003, "spike_load": 120.0}),
    "closed, jitter": ("closed_outage_jitter", {}),
    "refusals that cost": ("bounded_queue", {"refusal_cost": 0.02, "spike_load": 200.0}),
    "one retry from now on": ("queue_dropped", {"drop_queue_at": 30.0, "set_retries_at": 30.0, "set_retries_to": 1}),
}
RUNS = 6


@pytest.mark.parametrize("name", COMPARED)
def test_both_engines_give_the_same_run_in_every_mixture(name: str) -> None:
    preset, changes = COMPARED[name]
    heap, simpy = (
        simulate(preset, engine=engine, seed=6, **{"spike_start": 10.0, "duration": 40.0, **changes})
        for engine in ENGINES
    )
    assert heap.totals == simpy.totals
    assert heap.series == simpy.series
    assert heap.summary == simpy.summary


@pytest.mark.soak
@pytest.mark.parametrize("name", COMPARED)
def test_the_engines_are_statistically_equal(name: str) -> None:
    """With other seeds, the difference of the means stays within four standard errors of it."""
    preset, changes = COMPARED[name]
    changes = {"spike_start": 10.0, "duration": 100.0, **changes}
    samples: dict[str, list[Result]] = {
        engine: [simulate(preset, engine=engine, seed=1000 * number + run, **changes) for run in range(RUNS)]
        for number, engine in enumerate(ENGINES)
    }
    for key in ("goodput_per_s", "attempts_per_s", "wasted_per_s", "refused_per_s", "whole_mean_latency"):
        ours, theirs = ([float(result.summary[key] or 0) for result in samples[engine]] for engine in ENGINES)
        error = ((statistics.variance(ours) + statistics.variance(theirs)) / RUNS) ** 0.5
        assert abs(statistics.mean(ours) - statistics.mean(theirs)) <= 4 * error + 1e-9, key


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_seed_gives_the_same_result_whatever_the_hash_seed(engine: str) -> None:
    program = (
        "from companion.simulators.metastable import simulate;"
        f"print(simulate('cache_flush_late', engine={engine!r}, load=200.0, spike_start=5.0, duration=20.0).to_json());"
        f"print(simulate('breaker', engine={engine!r}, policy='aimd', spike_start=5.0, duration=20.0).to_json())"
    )
    digests = set()
    for hash_seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        output = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True
        ).stdout
        digests.add(hashlib.sha256(output).hexdigest())
    assert len(digests) == 1


def test_another_seed_gives_another_result() -> None:
    first, second = (simulate("recovers", seed=seed, duration=20.0).to_json() for seed in (1, 2))
    assert first != second


def test_two_policies_under_one_seed_meet_the_same_arrivals() -> None:
    first, second = (simulate(preset, seed=4, duration=100.0) for preset in ("collapse", "recovers"))
    assert first.series["requests_per_s"] == second.series["requests_per_s"]


any_settings = st.builds(
    lambda load, spike, **values: Settings(
        load=load, spike_load=load * spike, spike_start=4.0, spike_seconds=4.0, duration=14.5, **values
    ),
    load=st.floats(1, 150),
    spike=st.floats(0, 4),
    policy=st.sampled_from(POLICIES),
    backoff_enabled=st.sampled_from([None, True, False]),
    server_capacity=st.integers(1, 20),
    base_latency=st.floats(0.01, 0.5),
    concurrency_slope=st.sampled_from([0.0, 0.002]),
    service=st.sampled_from(["fixed", "exponential"]),
    timeout=st.floats(0.2, 3),
    max_retries=st.integers(0, 4),
    queue_bound=st.none() | st.integers(0, 200),
    refusal=st.sampled_from(["told", "silent"]),
    pattern=st.sampled_from(["constant", "spike", "ramp", "cache_flush", "outage"]),
    ramp_top=st.just(600.0),
    ramp_step=st.just(100.0),
    ramp_step_seconds=st.just(1.0),
    cache_ttl=st.floats(0.5, 20),
    cache_fill=st.sampled_from(["on_time", "late"]),
    single_flight=st.booleans(),
    refusal_cost=st.just(0.0) | st.floats(0.001, 0.1),
    codel_target=st.floats(0.005, 0.5),
    codel_interval=st.floats(0.05, 2),
    set_retries_at=st.none() | st.floats(0, 14),
    set_retries_to=st.integers(0, 4),
    cut_load_at=st.none() | st.floats(0, 14),
    cut_load_to=st.floats(0, 60),
    drop_queue_at=st.none() | st.floats(0, 14),
    seed=st.integers(0, 1000),
)


@hypothesis_settings(max_examples=40)  # each simulates
@given(any_settings, st.sampled_from(ENGINES))
def test_nothing_is_lost_or_invented(settings: Settings, engine: str) -> None:
    result = simulate(settings, engine=engine)
    count = result.totals
    served = count["answered"] - count["hits"] - count["shared"]
    ends = ("late", "refused", "shed", "dropped", "lost", "unfinished_attempts")
    assert count["attempts"] == served + sum(count[end] for end in ends)
    assert count["requests"] == count["answered"] + count["failures"] + count["unfinished_requests"]
    assert all(number >= 0 for number in count.values())
    most = max(settings.max_retries, settings.set_retries_to if settings.set_retries_at is not None else 0)
    assert count["attempts"] <= (most + 1) * count["requests"]
    assert count["attempts"] - count["retries"] <= count["requests"]
    assert count["blocked"] + count["turned_away"] <= count["failures"]
    lengths, ages = result.series["queue_length"], result.series["queue_age"]
    assert all((age > 0) == (length > 0) for age, length in zip(ages, lengths, strict=True))
    if settings.queue_bound is not None:
        assert max(result.series["queue_length"]) <= settings.queue_bound
    if settings.policy == "budget":
        assert count["retries"] <= settings.budget_ratio * count["requests"] + settings.budget_cap
    asked = answered = 0
    for begun, goodput in zip(result.series["requests_per_s"], result.series["goodput_per_s"], strict=True):
        asked, answered = asked + begun, answered + goodput
        assert answered <= asked


@hypothesis_settings(max_examples=15)  # each simulates
@given(any_settings)
def test_both_engines_count_alike_for_any_settings(settings: Settings) -> None:
    # After an outage services of a fixed time all end at one moment, and what comes first then is nobody's to say.
    assume((settings.pattern, settings.service) != ("outage", "fixed"))
    heap, simpy = (simulate(settings, engine=engine) for engine in ENGINES)
    assert heap.totals == simpy.totals


def test_closed_clients_never_ask_for_more_than_they_are() -> None:
    for engine in ENGINES:
        result = simulate("closed_outage", engine=engine, duration=80.0, client_count=25)
        assert 0 <= result.totals["unfinished_requests"] <= 25


def test_a_last_part_of_a_second_is_counted_in_the_totals_only() -> None:
    for engine in ENGINES:
        result = simulate("recovers", engine=engine, duration=10.5)
        assert len(result.series["t"]) == 10
        assert sum(result.series["attempts_per_s"]) < result.totals["attempts"]


def test_no_latency_of_an_answered_request_exceeds_its_tries() -> None:
    result = simulate("recovers", seed=3, duration=120.0)
    longest = max(value for value in result.series["p99"] if value is not None)
    assert 0 < longest <= 4 * result.settings.timeout
    p50, p99 = result.summary["p50"], result.summary["p99"]
    assert p50 is not None and p99 is not None and p50 < p99


def test_a_second_without_answers_has_no_latency() -> None:
    result = simulate("collapse", seed=3, duration=150.0)
    assert result.series["p99"][-1] is None
    assert result.summary["p99"] is None and result.summary["mean_latency"] is None
