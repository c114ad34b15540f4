"""The coherence check: it flags the settings of two services that fail together, and only those."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.parameters import ParameterError
from companion.simulators.interaction import PRESETS, simulate
from companion.simulators.interaction.checks.coherence import Service, check, ends_of, service_from
from companion.simulators.interaction.settings import DATA_PLANE
from companion.simulators.interaction.theory import worst_case

GATEWAY = Service("gateway", timeout=30, retries=3)
ORDERS = Service("orders", timeout=60, retries=5, idempotent=True)


@pytest.mark.parametrize(
    ("chain", "rule", "where", "cure"),
    [
        ([GATEWAY, ORDERS], "timeout", ("gateway.timeout", "orders.timeout"), "set gateway.timeout to 360 or more"),
        ([Service("a", 10), Service("b", 4, 1, (3.0,))], "timeout", ("a.timeout", "b.timeout"), "b.timeout to 3.5"),
        ([Service("a", 10, 2), Service("b", 1)], "idempotency", ("a.retries", "b.idempotent"), "by its key"),
        ([Service("a", 99, 3), Service("b", 9, 3, idempotent=True)], "retries", ("a.retries", "b.retries"), "but b"),
        ([Service("a", 9), Service("b", 9, latency=20)], "latency", ("b.timeout", "b.latency"), "well above 20"),
        ([Service("a", 9), Service("b", 9, latency=20), Service("c", 9)], "latency", ("a.timeout", "b.latency"),
         "a.timeout well above 20"),
        ([Service("a", 9), Service("b", 9, latency=5, p99=20.0004)], "latency", ("b.timeout", "b.p99"), "above 20.001"),
        ([Service("a", 9), Service("b", 9, latency=10, p99=20)], "latency", ("b.timeout", "b.latency"), "above 10"),
        ([Service("a", 9, keep_alive=60), Service("b", 1, idle_timeout=60)], "keep-alive",
         ("a.keep_alive", "b.idle_timeout"), "below 60"),
        ([Service("a", 9, sends=2**20), Service("b", 1, accepts=10**6)], "message size", ("a.sends", "b.accepts"),
         "b.accepts to 1048576"),
        ([Service("a", 9, batch=500), Service("b", 1, batch_limit=100)], "batch", ("a.batch", "b.batch_limit"),
         "a.batch to 100"),
    ],
)  # fmt: skip
def test_a_contradiction_names_both_settings_and_the_cure(
    chain: list[Service], rule: str, where: tuple[str, str], cure: str
) -> None:
    found = {problem.rule: problem for problem in check(chain)}
    assert found[rule].where == where
    assert cure in found[rule].cure


def test_what_goes_together_is_passed() -> None:
    chain = [
        Service("gateway", 400, keep_alive=50, sends=1000, batch=10),
        Service("orders", 60, 5, idle_timeout=60, accepts=1000, batch_limit=10),
        Service("database", 60, idempotent=True),
    ]
    assert check(chain) == []


@given(
    st.floats(0.01, 100), st.floats(0.01, 100), st.integers(0, 5), st.lists(st.floats(0, 30), min_size=5, max_size=5)
)
def test_the_cure_of_a_timeout_cures_it(mine: float, yours: float, retries: int, pauses: list[float]) -> None:
    caller, callee = Service("gateway", mine), Service("orders", yours, retries, tuple(pauses[:retries]))
    cures = [problem.cure for problem in check([caller, callee]) if problem.rule == "timeout"]
    assert bool(cures) == (mine < callee.worst)
    for name, value in re.findall(r"(gateway|orders)\.timeout to ([0-9.]+)", "".join(cures)):
        cured = [replace(one, timeout=float(value)) if one.name == name else one for one in (caller, callee)]
        assert "timeout" not in {problem.rule for problem in check(cured)}, cures


def test_the_longest_that_a_service_can_take_counts_every_try_and_every_pause() -> None:
    assert Service("orders", 60, 5).worst == worst_case(60, 5) == 360
    assert Service("orders", 2, 2, (0.5, 1.5)).worst == worst_case(2, 2, backoffs=2.0) == 8


def test_a_timeout_shorter_than_the_work_is_no_cure_and_is_not_advised() -> None:
    """B.timeout 5 makes 6 tries fit into A's 30 s; behind it is a backend that needs 25 s, and nearly all fails."""
    gateway, orders = Service("A", 30), Service("B", 60, 5, latency=25)
    (early,) = (problem for problem in check([gateway, orders]) if problem.rule == "timeout")
    assert "B.timeout" not in early.cure
    assert "B.timeout to 5 or less" in next(iter(check([gateway, replace(orders, latency=None)]))).cure
    assert "B.timeout" not in next(iter(check([gateway, replace(orders, latency=4, p99=6)]))).cure
    hasty = check([gateway, replace(orders, timeout=5)])
    assert [problem.rule for problem in hasty] == ["latency"]
    run = simulate("premature_timeout", downstream_timeout=5.0, upstream_retries=0)
    assert run.summary["refused_share"] is not None and run.summary["refused_share"] > 0.9


def test_a_callee_that_stops_at_its_caller_s_deadline_never_outlasts_it() -> None:
    orders = Service("B", 60, 5, idempotent=True, latency=25)
    assert [problem.rule for problem in check([Service("A", 30), orders])] == ["timeout"]
    assert check([Service("A", 30), replace(orders, deadline=True)]) == []
    assert check([]) == []


def test_a_chain_is_read_from_a_file() -> None:
    text = '[[service]]\nname = "a"\ntimeout = 1\nretries = 1\nbackoffs = [0.5]\n[[service]]\nname = "b"\ntimeout = 2\n'
    chain = [service_from(values) for values in tomllib.loads(text)["service"]]
    assert chain[0] == Service("a", 1, 1, (0.5,))
    assert [problem.rule for problem in check(chain)] == ["timeout", "idempotency"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "a", "timeout": 1, "timeuot": 2}, "timeuot is no setting"),
        ({"name": "a"}, "needs timeout"),
        ({"name": "a", "timeout": 0}, "timeout must be above 0"),
        ({"name": "a", "timeout": 1, "retries": 2, "backoffs": [1]}, "1 backoffs"),
    ],
)
def test_a_service_that_makes_no_sense_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        service_from(values)


@settings(max_examples=60)  # each simulates
@given(
    st.fixed_dictionaries(
        {
            "upstream_timeout": st.floats(1, 300),
            "upstream_retries": st.integers(0, 4),
            "downstream_timeout": st.floats(1, 100),
            "downstream_retries": st.integers(0, 4),
            "keeps_latency": st.booleans(),
            "deadlines": st.booleans(),
            "delivery": st.sampled_from(["at_least_once", "exactly_once"]),
            "latency": st.floats(1, 60),
            "seed": st.integers(0, 2**32 - 1),
        }
    )
)
def test_what_the_coherence_check_passes_never_gives_up_early_nor_does_a_thing_twice(values: dict[str, Any]) -> None:
    chosen = PRESETS["premature_timeout"].settings(duration=10.0, **values)
    found = {problem.rule for problem in check(ends_of(chosen))}
    run = simulate(chosen)
    if "timeout" not in found:
        assert run.totals["ghosts"] == 0
    if "timeout" not in found or "idempotency" not in found:
        assert run.totals["duplicates"] == 0
    if not found & {"timeout", "idempotency"}:
        assert run.totals["changed"] == 0


FLAGGED: dict[str, set[str]] = {
    "premature_timeout": {"timeout", "idempotency", "retries"}, "coherent": set(),
    "slow_requests": {"timeout", "idempotency", "retries"}, "deadline": {"idempotency", "retries"},
    "at_least_once": {"idempotency"}, "exactly_once": set(), "synchronised": set(),
}  # fmt: skip
"""What the coherence check says of every preset in which two services call each other, but for one."""


@pytest.mark.parametrize("preset", FLAGGED)
def test_what_the_coherence_check_flags_fails_and_what_it_passes_does_not(preset: str) -> None:
    assert {problem.rule for problem in check(ends_of(PRESETS[preset].settings()))} == FLAGGED[preset]
    assert (simulate(preset).summary["delivered_share"] != 1) is bool(FLAGGED[preset])


def test_a_race_within_one_service_is_no_setting_that_the_coherence_check_could_compare_with_another_s() -> None:
    calling = {name for name in PRESETS if PRESETS[name].settings().failure_scenario not in DATA_PLANE}
    assert calling - set(FLAGGED) == {"lost_update"}
    for thread_safe in (False, True):
        chosen = PRESETS["lost_update"].settings(thread_safe=thread_safe, delivery="exactly_once")
        assert check(ends_of(chosen)) == []
        assert (simulate(chosen).totals["lost_updates"] > 0) is not thread_safe
