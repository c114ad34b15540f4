"""What can be set, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.parameters import ParameterError, describe, parse
from companion.simulators.metastable import PRESETS, Settings, simulate


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
        other: dict[str, Any] = {described.name: word}
        with pytest.raises(ParameterError, match=described.name):
            Settings(**other)


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
        ({"clients": "closed", "pattern": "outage", "cut_load_at": 9.0}, "cut_load_at"),
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


def test_interventions_come_in_the_order_of_their_times_and_at_one_time_callers_first() -> None:
    assert Settings().interventions == ()
    together = Settings(drop_queue_at=9.0, set_retries_at=9.0, set_retries_to=1)
    assert together.interventions == ((9.0, "retries", 1.0), (9.0, "queue", 0.0))
    apart = Settings(set_retries_at=30.0, drop_queue_at=9.0, cut_load_at=20.0, cut_load_to=5.0)
    assert apart.interventions == ((9.0, "queue", 0.0), (20.0, "load", 5.0), (30.0, "retries", 0.0))
