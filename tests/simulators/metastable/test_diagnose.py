"""The diagnosis of a reader's own service."""

from __future__ import annotations

from typing import Any

import pytest

from companion.parameters import ParameterError
from companion.simulators.metastable.diagnose import diagnose, preset_like


def test_a_service_in_the_vulnerable_region_gets_its_cures_from_cheap_to_dear() -> None:
    found = diagnose(servers=10, mean_service=0.1, load=70.0, runs=2)
    assert found.region == (25, 100)
    assert (found.formula, found.simulation) == ("vulnerable", "vulnerable")
    assert found.availability == 0 and not found.near_border
    names = [cure.name for cure in found.cures]
    assert [name.split()[0] for name in names] == ["no", "a", "a", "drop", "31"]
    assert all(cure.works for cure in found.cures)
    assert found.cheapest is found.cures[0]
    assert found.cheapest.change == {"max_retries": 0}
    assert "no retries instead of 3" in found.summary()
    report = found.report(width=60).splitlines()
    assert max(map(len, report)) <= 60
    said = " ".join(" ".join(report).split())
    assert all(f"works: {cure.name}; the price: {cure.cost}" in said for cure in found.cures)


@pytest.mark.parametrize("values", [{"load": 20.0}, {"load": 70.0, "queue_bound": 50}, {"load": 70.0, "retries": 0}])
def test_a_service_outside_the_region_needs_no_cure(values: dict[str, Any]) -> None:
    found = diagnose(servers=10, mean_service=0.1, runs=2, **values)
    assert (found.formula, found.simulation) == ("safe", "safe")
    assert found.cures == () and found.cheapest is None
    assert "safe" in found.summary()


def test_fewer_retries_are_no_cure_when_every_retry_counts() -> None:
    found = diagnose(servers=10, mean_service=0.1, load=95.0, runs=1)
    assert not any("max_retries" in cure.change for cure in found.cures)
    assert found.near_border


def test_an_overloaded_service_needs_machines() -> None:
    found = diagnose(servers=10, mean_service=0.1, load=120.0, runs=1)
    assert (found.formula, found.simulation) == ("overloaded", "overloaded")
    assert found.cheapest is not None and list(found.cheapest.change) == ["server_capacity"]


def test_a_large_service_is_simulated_small_and_judged_the_same() -> None:
    large = diagnose(servers=400, mean_service=0.02, load=12_000.0, timeout=1.0, retries=2, runs=1)
    assert large.scale < 0.1
    assert (large.formula, large.simulation) == ("vulnerable", "vulnerable")
    assert large.cures[2].change == {"queue_bound": 10_000}
    assert all(cure.works for cure in large.cures)


def test_a_slow_service_with_a_long_timeout_is_judged_in_its_own_time() -> None:
    found = diagnose(servers=8, mean_service=2.0, load=3.0, timeout=30.0, retries=2, runs=1)
    assert (found.formula, found.simulation) == ("vulnerable", "vulnerable")
    assert all(cure.works for cure in found.cures)


@pytest.mark.parametrize(
    ("change", "preset"),
    [
        ({}, "collapse"),
        ({"shed_margin": 0.3}, "collapse"),  # which does nothing without its policy
        ({"policy": "immediate", "queue_bound": 51}, "bounded_queue"),
        ({"policy": "codel", "codel_target": 0.05, "backoff_enabled": False}, "codel"),
        ({"policy": "codel", "codel_target": 0.06}, None),
        ({"policy": "budget", "backoff_enabled": True}, None),
        ({"queue_bound": 14}, None),
    ],
)
def test_a_preset_is_known_by_what_it_does(change: dict[str, Any], preset: str | None) -> None:
    assert preset_like(change) == preset


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"servers": 0}, "servers"),
        ({"load": 0.0}, "load"),
        ({"mean_service": -1.0}, "mean_service"),
        ({"timeout": float("nan")}, "timeout"),
        ({"runs": 0}, "runs"),
        ({"retries": -1}, "retries"),
        ({"refusal": "shrug"}, "refusal"),
    ],
)
def test_an_impossible_service_is_refused(values: dict[str, Any], word: str) -> None:
    with pytest.raises(ParameterError, match=word):
        diagnose(**{"servers": 10, "mean_service": 0.1, "load": 70.0, **values})
