"""The simulation: what becomes of a request follows from values and times, and one seed gives one result."""

from __future__ import annotations

import json
from math import sqrt
from typing import Any

import pytest

from companion.parameters import ParameterError
from companion.simulators.interaction import PRESETS, simulate
from companion.simulators.interaction.page import ROWS, chart
from companion.simulators.interaction.result import OUTCOMES
from companion.simulators.interaction.settings import DATA_PLANE, SCENARIOS
from companion.simulators.interaction.theory import (
    done_once_share,
    premature_share,
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


def test_text_goes_wrong_loudly_one_way_and_silently_the_other() -> None:
    assert simulate("schema_conflict").totals["changed"] == 0 < simulate("schema_conflict").totals["refused"]
    assert simulate("schema_mojibake").totals["refused"] == 0 < simulate("schema_mojibake").totals["changed"]
    replaced = simulate("schema_conflict", on_error="replace").totals
    assert (replaced["refused"], replaced["changed"]) == (0, simulate("schema_conflict").totals["refused"])
    share = simulate("schema_conflict", **LONG)
    assert share.totals["refused_by_a"] / share.totals["requests"] == near(0.3 * 0.2, share.totals["requests"])


def test_retries_turn_refusals_into_duplicates_and_a_key_into_answers() -> None:
    none, some = simulate("premature_timeout", upstream_retries=0), simulate("premature_timeout")
    assert some.totals["refused"] < none.totals["refused"] / 5
    assert none.totals["duplicates"] == 0 < 500 < some.totals["duplicates"]
    assert none.totals["ghosts"] == none.totals["refused"]  # B did what A was told had failed
    keyed = simulate("premature_timeout", delivery="exactly_once")
    assert keyed.totals["duplicates"] == 0
    assert keyed.summary["executions_per_request"] == pytest.approx(1.0, abs=0.01)


def test_a_deadline_that_travels_stops_the_work_and_answers_nobody_sooner() -> None:
    free, bound = (simulate(name, **LONG) for name in ("premature_timeout", "deadline"))
    assert bound.totals["refused"] == free.totals["refused"] > 0
    assert (bound.totals["duplicates"], bound.totals["ghosts"], bound.summary["late_share"]) == (0, 0, 0.0)
    assert free.totals["duplicates"] > 0 < free.totals["ghosts"]
    assert free.summary["late_share"] is not None and free.summary["late_share"] > 0.2


def test_a_key_lets_a_retry_wait_for_what_the_first_try_began() -> None:
    """Without a key four tries of 30 s wait 30 s; with one they wait 120 s, and B gives up on what takes 60 s."""
    plain, keyed = (simulate("slow_requests", delivery=way, **LONG) for way in ("at_least_once", "exactly_once"))
    count = keyed.totals["requests"]
    assert keyed.summary["refused_share"] == near(premature_share(PRESETS["slow_requests"].settings(
        upstream_timeout=60.0)), count)  # fmt: skip
    assert keyed.totals["duplicates"] == keyed.totals["ghosts"] == 0 < plain.totals["ghosts"]


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
