"""The figures of the chapter find what their titles say in what they draw."""

from __future__ import annotations

from functools import cache

import pytest

from companion.simulators.metastable import Result, simulate
from companion.simulators.metastable.figures import (
    figure_compare,
    figure_goodput,
    figure_hysteresis,
    figure_map,
    figure_policies,
    figure_region,
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


def test_the_policies_that_come_back_are_counted() -> None:
    results = {name: run(name) for name in ("collapse", "recovers", "no_retries")}
    assert figure_policies(results).title.startswith("2 of 3 come back; ")


def test_the_first_load_that_does_not_come_back_stands_beside_the_formulas() -> None:
    figure = figure_region(
        [20.0, 30.0, 40.0], {"collapse": [20.0, 10.0, 0.0], "recovers": [20.0, 30.0, 40.0]}, (25, 100)
    )
    assert figure.title == "With collapse, loads from 30 requests/s on do not come back; the formula says 25"


def test_where_it_falls_and_where_it_is_whole_again_are_two_loads() -> None:
    up = [Step(load, "up", goodput, load, goodput) for load, goodput in ((50.0, 50.0), (100.0, 80.0), (110.0, 5.0))]
    down = [Step(load, "down", 0.0, load, at_end) for load, at_end in ((100.0, 0.0), (50.0, 40.0), (10.0, 10.0))]
    assert figure_hysteresis([*up, *down]).title == "It falls at 110 requests/s and is whole again only at 10"


def test_the_combinations_that_come_back_are_counted() -> None:
    figure = figure_map([0, 3], [20.0, 80.0], [[1.0, 0.9], [0.6, 0.5]])
    assert figure.title.startswith("3 of 4 combinations come back")


def test_the_tipping_point_is_told_with_the_capacity_that_is_left_there() -> None:
    rows = [
        {"concurrency_slope": slope, "goodput_per_s": goodput, "attempts_per_s": 70.0, "capacity_per_s": capacity}
        for slope, goodput, capacity in ((0.0, 70.0, 100.0), (0.004, 20.0, 73.5), (0.01, 0.0, 52.0))
    ]
    assert (
        figure_tipping(rows).title
        == "It tips without any spike at 4 ms a neighbour, where the capacity is 74 requests/s"
    )
