"""The figures of the chapter find what their titles say in what they draw."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from companion.simulators.metastable import Result, simulate
from companion.simulators.metastable.figures import (
    figure_collapse,
    figure_compare,
    figure_goodput,
    figure_hysteresis,
    figure_map,
    figure_night,
    figure_phases,
    figure_prices,
    figure_tipping,
)
from companion.simulators.metastable.scans import Step


@cache
def run(preset: str) -> Result:
    return simulate(preset, spike_start=20.0, duration=110.0)


def test_the_goodput_that_a_spike_leaves_is_told_with_the_attempts_that_are_made_for_it() -> None:
    down, back = figure_goodput(run("collapse")).title, figure_goodput(run("recovers")).title
    assert down == f"80 s after the spike {run('collapse').attempts_per_s:.0f} attempts/s still leave a goodput of 0"
    assert back.startswith(f"After the spike the goodput is {run('recovers').goodput_per_s:.0f} requests/s")


def test_a_minute_that_the_spike_is_part_of_is_not_what_the_spike_left() -> None:
    assert figure_goodput(simulate("collapse", spike_start=20.0, duration=60.0)).title.startswith("At the end the")


@pytest.mark.parametrize(
    ("presets", "title"),
    [
        (["collapse"], "collapse stays down"),
        (["recovers", "no_retries"], "recovers and no_retries come back"),
        (["collapse", "recovers"], "recovers comes back; collapse stays down"),
    ],
)
def test_who_comes_back_and_who_stays_down_is_named(presets: list[str], title: str) -> None:
    assert figure_compare({name: run(name) for name in presets}).title == title


def test_the_callers_who_failed_are_told_from_the_best_run_to_the_worst() -> None:
    figure = figure_prices({"budget": [2400, 1900], "newest first": [255, 293, 249], "breaker": [879]})
    assert figure.title == "Newest first fails 249 to 293 callers, the budget 1,900 to 2,400"
    assert "breaker" in figure.csv


def test_the_collapse_is_told_from_the_age_of_the_queue() -> None:
    result = run("collapse")
    figure = figure_collapse(result, 10, 60)
    over = next(second for second in range(20, 60) if result.series["queue_age"][second] > 1)
    gone = next(second for second in range(20, 60) if result.series["goodput_per_s"][second] == 0)
    assert 0 < over - 20 < 8 and 0 <= gone - over < 4
    assert figure.title.startswith(f"{over - 20} s into the spike") and f"; {gone - over} s later" in figure.title
    assert "Marked at 1: patience." in figure.alt


def test_what_ends_the_outage_is_told_from_what_does_not() -> None:
    changes: dict[str, Any] = {"spike_start": 20.0, "duration": 170.0}
    night = {
        "dropped": simulate("queue_dropped", drop_queue_at=50.0, **changes),
        "both": simulate("way_out", drop_queue_at=50.0, set_retries_at=50.0, **changes),
    }
    told = figure_night(night, 50).title
    assert told == "What ends it is both: after dropped alone nobody is answered 2 minutes later"
    del night["both"]
    assert figure_night(night, 50).title == "After dropped alone nobody is answered 2 minutes later"


def test_the_phases_of_a_real_server_are_told_from_the_measured_shares() -> None:
    figure = figure_phases({"calm": 1.0, "down": 0.02, "up": 0.97, "other": 7.0}, {"calm": "a", "down": "b", "up": "c"})
    assert figure.title == "A real server answers 2 % of its callers once it has collapsed, and 97 % with c"
    assert "700" not in figure.csv


def test_where_it_falls_and_where_it_recovers_are_two_loads() -> None:
    up = [Step(load, "up", goodput, load, goodput) for load, goodput in ((50.0, 50.0), (100.0, 80.0), (110.0, 5.0))]
    down = [Step(load, "down", 0.0, load, at_end) for load, at_end in ((100.0, 0.0), (50.0, 40.0), (10.0, 10.0))]
    assert figure_hysteresis([*up, *down]).title == "It falls at 110 requests/s and does not recover before 10"


def test_the_combinations_that_come_back_are_counted() -> None:
    figure = figure_map([0, 3], [20.0, 80.0], [[1.0, 0.9], [0.6, 0.5]])
    assert figure.title.startswith("3 of 4 combinations come back")


def test_the_share_that_has_collapsed_is_counted_at_each_time() -> None:
    figure = figure_tipping({0.002: [None, None, None, 40.0], 0.004: [10.0, 5.0, 20.0, 30.0]}, duration=60.0)
    assert (
        figure.title
        == "Without any trigger 1 of 4 runs collapse at 2 ms, 4 of 4 runs collapse at 4 ms, within 1 minutes"
    )
    assert "4 ms: 0 at 0, 100 at 60" in figure.alt
    assert "20,runs collapsed (%),4 ms,75" in figure.csv


def test_a_branch_is_not_drawn_over_a_cliff() -> None:
    up = [Step(load, "up", load if load < 100 else 0.0, load, load) for load in (80.0, 90.0, 100.0, 110.0)]
    figure = figure_hysteresis([*up, Step(10.0, "down", 0.0, 10.0, 10.0)])
    rows = [row for row in figure.csv.splitlines() if "load going up" in row]
    assert [row.rpartition(",")[2] for row in rows] == ["80", "90", "", "0", "0"]
