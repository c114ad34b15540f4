"""What can be set, and what is refused; each policy by itself."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.parameters import ParameterError, describe, parse
from companion.simulators.metastable import PRESETS, Settings, simulate
from companion.simulators.metastable.load import arrivals, pieces, ramp_rates
from companion.simulators.metastable.policies import CircuitBreaker, ConcurrencyLimit, RetryBudget, retry_delay


@pytest.mark.parametrize("described", describe(Settings), ids=lambda described: described.name)
def test_every_parameter_has_help_and_takes_its_default(described: Any) -> None:
    assert described.help.endswith(".")
    described.check(described.default)
    text = "none" if described.default is None else str(described.default)
    assert described.parse(text) == described.default


@pytest.mark.parametrize("described", [p for p in describe(Settings) if p.minimum is not None], ids=lambda p: p.name)
def test_every_parameter_refuses_what_is_outside_its_range(described: Any) -> None:
    for outside in (described.minimum - 1, described.maximum + 1):
        with pytest.raises(ParameterError, match=rf"{described.name} = .* it takes .* to "):
            Settings(**{described.name: described.kind(outside)})


@given(st.sampled_from([p for p in describe(Settings) if p.choices]), st.text(max_size=12))
def test_every_choice_refuses_other_words(described: Any, word: str) -> None:
    if word not in described.choices:
        with pytest.raises(ParameterError, match=described.name):
            Settings(**{described.name: word})


@given(
    load=st.floats(0, 10000),
    timeout=st.floats(0.2, 600),
    max_retries=st.integers(0, 20),
    queue_bound=st.none() | st.integers(0, 1_000_000),
    backoff_enabled=st.sampled_from([None, True, False]),
)
def test_settings_survive_the_way_through_text(**values: Any) -> None:
    settings = Settings(**values)
    texts = {name: "none" if value is None else str(value) for name, value in values.items()}
    assert parse(Settings, texts) == settings


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_makes_settings_and_says_why(preset: str) -> None:
    assert isinstance(PRESETS[preset].settings(), Settings)
    assert PRESETS[preset].help.endswith(".")


def test_the_defaults_are_the_scenario_that_collapses() -> None:
    settings = Settings()
    assert settings == PRESETS["collapse"].settings()
    assert settings.capacity == pytest.approx(100)


@pytest.mark.parametrize(
    ("policy", "enabled", "delay"),
    [
        ("immediate", None, "immediate"),
        ("immediate", False, "immediate"),
        ("immediate", True, "full_jitter"),
        ("full_jitter", None, "full_jitter"),
        ("full_jitter", False, "immediate"),
        ("backoff", None, "backoff"),
        ("backoff", True, "backoff"),
        ("budget", None, "immediate"),
        ("budget", True, "full_jitter"),
    ],
)
def test_the_backoff_switch_overrides_the_policy(policy: str, enabled: bool | None, delay: str) -> None:
    assert Settings(policy=policy, backoff_enabled=enabled).delay == delay


def test_the_backoff_switch_is_full_jitter() -> None:
    switched, named = (
        simulate(duration=80.0, **change) for change in ({"backoff_enabled": True}, {"policy": "full_jitter"})
    )
    assert switched.series == named.series


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"policy": "shedding", "shed_margin": 1.0}, "shed_margin"),
        ({"clients": "closed"}, "pattern"),
        ({"clients": "closed", "pattern": "ramp"}, "pattern"),
        ({"pattern": "ramp", "ramp_top": 5.0}, "ramp_top"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(values: dict[str, Any], word: str) -> None:
    with pytest.raises(ParameterError, match=word):
        Settings(**values)


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match="lod is no parameter here: there are policy"):
        simulate(lod=3)
    with pytest.raises(ParameterError, match="nope is no preset here: there are collapse"):
        simulate("nope")
    with pytest.raises(ParameterError, match=r"engine = 'fast' is not accepted: it takes heap \| simpy"):
        simulate(engine="fast")


def test_a_service_without_load_is_no_error() -> None:
    result = simulate(pattern="constant", load=0.0, duration=5.0)
    assert result.goodput_per_s == 0
    assert result.availability is None


# The load


def test_a_spike_has_three_pieces() -> None:
    assert pieces(Settings()) == [(0.0, 60.0, 70.0), (60.0, 70.0, 140.0), (70.0, 360.0, 70.0)]
    assert pieces(Settings(duration=65.0)) == [(0.0, 60.0, 70.0), (60.0, 65.0, 140.0)]


def test_a_ramp_goes_up_and_down_the_same_steps() -> None:
    settings = PRESETS["hysteresis"].settings()
    rates = ramp_rates(settings)
    assert rates == rates[::-1] and max(rates) == 150 and len(rates) == 29
    assert settings.duration == len(rates) * settings.ramp_step_seconds


@given(st.sampled_from(["constant", "spike", "ramp", "outage"]), st.floats(1, 400))
def test_the_pieces_cover_the_run_without_gaps(pattern: str, duration: float) -> None:
    parts = pieces(Settings(pattern=pattern, duration=duration))
    assert parts[0][0] == 0 and parts[-1][1] == duration
    assert all(before[1] == after[0] for before, after in pairwise(parts))


def test_arrivals_come_at_the_rate_of_their_piece() -> None:
    times = list(arrivals(Settings(spike_load=280.0), random.Random(1)))
    assert times == sorted(times)
    assert sum(60 <= time < 70 for time in times) == pytest.approx(2800, rel=0.06)
    assert sum(time < 60 for time in times) == pytest.approx(4200, rel=0.06)


# The policies


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
