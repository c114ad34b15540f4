"""The simulation: what becomes of a request follows from values and times, and agrees with the closed forms."""

from __future__ import annotations

import json
import random
from math import sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.parameters import ParameterError
from companion.simulators.interaction import PRESETS, Settings, simulate
from companion.simulators.interaction.checks.coherence import check, ends_of
from companion.simulators.interaction.page import ROWS, chart
from companion.simulators.interaction.records import CONVERSIONS, convert
from companion.simulators.interaction.result import OUTCOMES
from companion.simulators.interaction.settings import DATA_PLANE, SCENARIOS
from companion.simulators.interaction.theory import (
    done_once_share,
    executions_per_request,
    lost_share,
    premature_share,
    refused_share,
    unacknowledged_share,
)

LONG: dict[str, Any] = {"duration": 600.0, "request_rate": 50.0}


def near(share: float, count: int) -> Any:
    """Four standard deviations of a share of so many."""
    return pytest.approx(share, abs=4 * sqrt(share * (1 - share) / count) + 1e-12)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_request_ends_in_one_of_three_ways(preset: str) -> None:
    run = simulate(preset)
    assert run.totals["requests"] == sum(run.totals[name] for name in OUTCOMES) > 1000
    assert {len(column) for column in run.series.values()} == {60}
    assert all(sum(run.series[name]) == run.totals[name] for name in OUTCOMES)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_one_seed_gives_one_result_and_another_seed_another(preset: str) -> None:
    first, again, other = (simulate(preset, seed=seed) for seed in (3, 3, 4))
    texts = [json.dumps([run.series, run.summary, run.totals], allow_nan=False) for run in (first, again, other)]
    assert texts[0] == texts[1] != texts[2]


def test_the_five_scenarios_of_the_article_are_there() -> None:
    assert SCENARIOS == ("metadata", "schema", "configuration", "api", "types")
    assert {preset.settings().failure_scenario for preset in PRESETS.values()} == set(SCENARIOS)
    with pytest.raises(ParameterError, match="it takes metadata"):
        simulate(failure_scenario="weather")


@pytest.mark.parametrize("scenario", DATA_PLANE)
@pytest.mark.parametrize("on_error", ["strict", "replace"])
def test_only_odd_values_fail_and_a_shared_schema_saves_them(scenario: str, on_error: str) -> None:
    base: dict[str, Any] = {"failure_scenario": scenario, "on_error": on_error}
    assert simulate(**base, odd_share=0.0).summary["delivered_share"] == 1
    assert simulate(**base, odd_share=1.0).summary["delivered_share"] != 1
    assert simulate(**base, odd_share=1.0, shared_schema=True).summary["delivered_share"] == 1


def test_what_becomes_of_a_date_depends_on_the_year_and_on_nothing_else() -> None:
    """A long of milliseconds is a date of some year up to 9999 if the birth was near 1970, and no date otherwise."""
    conversion, chosen, rng = CONVERSIONS["metadata"], PRESETS["metadata_mismatch"].settings(), random.Random(1)
    for item in (conversion.draw(rng, True) for _ in range(5000)):
        outcome = convert(chosen, conversion, item)
        days = (item.held.timestamp()) / 86_400
        if days == 0:
            assert outcome == "delivered"
        else:
            assert outcome == ("changed" if -719_162 <= days * 1000 < 2_932_897 else "refused")


def test_text_goes_wrong_loudly_one_way_and_silently_the_other() -> None:
    assert simulate("schema_conflict").totals["changed"] == 0 < simulate("schema_conflict").totals["refused"]
    assert simulate("schema_mojibake").totals["refused"] == 0 < simulate("schema_mojibake").totals["changed"]
    replaced = simulate("schema_conflict", on_error="replace").totals
    assert (replaced["refused"], replaced["changed"]) == (0, simulate("schema_conflict").totals["refused"])
    share = simulate("schema_conflict", **LONG)
    assert share.totals["refused_by_a"] / share.totals["requests"] == near(0.3 * 0.2, share.totals["requests"])


def test_binary_tax_moves_cents_only_where_the_exact_price_ends_in_half_a_cent() -> None:
    conversion, chosen = CONVERSIONS["types"], PRESETS["type_confusion"].settings()
    rng, changed = random.Random(2), 0
    for item in (conversion.draw(rng, True) for _ in range(5000)):
        if convert(chosen, conversion, item) == "changed":
            changed += 1
            cents = round(item.held * 100_000)  # the exact price with tax has five decimals at most
            assert cents % 1000 == 500
    assert changed > 20


@pytest.mark.parametrize("wait", [10.0, 20.0, 30.0, 45.0])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_premature_timeouts_are_as_many_as_the_closed_form_says(wait: float, retries: int) -> None:
    chosen = PRESETS["premature_timeout"].settings(upstream_timeout=wait, upstream_retries=retries, **LONG)
    run = simulate(chosen)
    count = run.totals["requests"]
    assert run.summary["refused_share"] == near(refused_share(chosen), count)
    assert run.summary["delivered_share"] == near(1 - premature_share(chosen), count)
    expected = executions_per_request(chosen)
    assert run.summary["executions_per_request"] == pytest.approx(expected, rel=0.03)


def test_the_article_s_thirty_seconds_against_sixty_lose_two_attempts_in_five() -> None:
    chosen = PRESETS["premature_timeout"].settings(upstream_retries=0, **LONG)
    assert premature_share(chosen) == pytest.approx(0.397, abs=0.001)
    assert simulate(chosen).summary["refused_share"] == near(premature_share(chosen), 30_000)


def test_retries_turn_refusals_into_duplicates_and_a_key_into_answers() -> None:
    none, some = simulate("premature_timeout", upstream_retries=0), simulate("premature_timeout")
    assert some.totals["refused"] < none.totals["refused"] / 5
    assert none.totals["duplicates"] == 0 < 500 < some.totals["duplicates"]
    assert none.totals["ghosts"] == none.totals["refused"]  # B did what A was told had failed
    keyed = simulate("premature_timeout", delivery="exactly_once")
    assert keyed.totals["duplicates"] == 0
    assert keyed.summary["executions_per_request"] == pytest.approx(1.0, abs=0.01)


@settings(max_examples=60)  # each simulates
@given(
    st.fixed_dictionaries(
        {
            "upstream_timeout": st.floats(1, 300),
            "upstream_retries": st.integers(0, 4),
            "downstream_timeout": st.floats(1, 100),
            "downstream_retries": st.integers(0, 4),
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


@pytest.mark.parametrize("accounts", [1, 5, 50])
@pytest.mark.parametrize("apply_time", [5.0, 20.0, 100.0])
def test_lost_updates_are_as_many_as_the_closed_form_says(accounts: int, apply_time: float) -> None:
    chosen = PRESETS["lost_update"].settings(accounts=accounts, apply_time=apply_time, **LONG)
    run = simulate(chosen)
    assert run.totals["lost_updates"] / run.totals["requests"] == near(lost_share(chosen), run.totals["requests"])


def test_a_lock_for_each_account_loses_no_update_and_makes_callers_wait() -> None:
    busy: dict[str, Any] = {"accounts": 1, "apply_time": 40.0, **LONG, "request_rate": 20.0}
    locked, free = simulate("synchronised", **busy), simulate("lost_update", **busy)
    assert locked.totals["lost_updates"] == 0 < free.totals["lost_updates"]
    waits = locked.summary["mean_latency"], free.summary["mean_latency"]
    assert waits[0] is not None and waits[1] is not None
    # M/D/1: a wait of load / (2 (1 - load)) times the service time, at a load of 20/s x 40 ms
    assert waits[0] - waits[1] == pytest.approx(0.8 / (2 * 0.2) * 0.040, rel=0.15)


def test_losses_repeat_messages_and_a_key_makes_them_harmless() -> None:
    quiet: dict[str, Any] = {**LONG, "latency_spread": 0.0, "apply_time": 0.0}
    twice, once = simulate("at_least_once", **quiet), simulate("exactly_once", **quiet)
    chosen = PRESETS["at_least_once"].settings(**quiet)
    assert twice.totals["duplicates"] > 1000 > once.totals["duplicates"] == 0
    assert twice.summary["delivered_share"] == near(done_once_share(chosen), twice.totals["requests"])
    assert twice.summary["refused_share"] == near(unacknowledged_share(chosen), twice.totals["requests"])
    assert once.summary["changed_share"] == 0


def test_a_chart_says_what_the_totals_say_and_every_row_is_in_the_summary() -> None:
    run = simulate("type_confusion")
    assert f"{run.totals['changed']} were changed silently" in chart(run).title
    assert {key for key, _, _ in ROWS} <= run.summary.keys()
    assert chart(simulate("coherent")).title.endswith("delivered as meant")


def test_progress_is_told_every_second_once() -> None:
    for preset in ("type_confusion", "coherent", "at_least_once"):
        told: list[int] = []
        simulate(preset, told.append, duration=7.0)
        assert told == [1, 2, 3, 4, 5, 6, 7]


def test_a_closed_form_refuses_what_it_does_not_cover() -> None:
    with pytest.raises(ValueError, match="longer than downstream_timeout"):
        premature_share(Settings(upstream_timeout=90.0))
    assert premature_share(Settings(latency_spread=0.0)) == 0.0
    assert executions_per_request(Settings(latency_spread=0.0, latency=50.0)) == 4.0
