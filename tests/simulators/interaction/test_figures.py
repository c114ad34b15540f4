"""The figures: their titles are computed from what they draw, and so is what they say to who does not see them."""

from __future__ import annotations

from companion.simulators.interaction import PRESETS, simulate
from companion.simulators.interaction.checks.prevention import findings, weighed
from companion.simulators.interaction.figures import (
    figure_formats,
    figure_invalid,
    figure_lost_updates,
    figure_matrix,
    figure_patience,
    figure_prevention,
    figure_scenarios,
    figure_slow_call,
    figure_weighed,
)
from companion.simulators.interaction.page import chart
from companion.simulators.interaction.systems.invalid import offer_all
from companion.simulators.interaction.systems.matrix import run_matrix
from companion.simulators.interaction.theory import lost_share


def test_the_matrix_says_how_many_conversions_change_a_value() -> None:
    cells = run_matrix(["sqlite", "struct"])
    changed = sum(cell.outcome == "changed" for cell in cells if cell.format == "sqlite")
    drawn = figure_matrix(cells, "sqlite")
    assert f"{changed} of 44 conversions" in drawn.title
    assert "NaN: SQLite > SQLite changed, SQLite > pandas changed." in drawn.alt
    assert "STRUCT" in figure_formats(cells).title


def test_the_figure_of_invalid_values_counts_what_it_shows() -> None:
    assert figure_invalid(offer_all()).title == "Of 9 invalid values the systems treat 1 alike"


def test_the_figures_of_the_simulation_say_what_it_found() -> None:
    results = {name: simulate(name, duration=20.0) for name in ("schema_mojibake", "schema_conflict", "coherent")}
    assert figure_scenarios(results).title == "1 of 3 scenarios fail without one error, 1 do not fail"
    assert chart(results["coherent"]).title.endswith("delivered as meant")
    runs = {name: [simulate(name, upstream_timeout=wait, duration=20.0) for wait in (10.0, 60.0)]
            for name in ("premature_timeout", "slow_requests")}  # fmt: skip
    share = runs["slow_requests"][0].summary["refused_share"]
    assert share is not None
    assert f"{100 * share:.0f} % where slow_requests" in figure_patience([10.0, 60.0], runs, 10.0).title
    loads = [PRESETS["lost_update"].settings(request_rate=rate) for rate in (10.0, 100.0)]
    drawn = figure_lost_updates([10.0, 100.0], [simulate(one) for one in loads], [lost_share(one) for one in loads])
    assert "At 100 requests/s" in drawn.title


def test_the_figure_of_prevention_counts_what_escapes() -> None:
    found = {("a", "one"): True, ("a", "two"): True, ("b", "one"): True, ("b", "two"): False, ("c", "one"): False,
             ("c", "two"): None}  # fmt: skip
    assert figure_prevention(found, ["a", "b", "c"]).title == (
        "No check finds more than 2 of 3 failures; 1 of them escapes all, 1 escape all but one"
    )
    assert "c: one missed, two nothing to look at" in figure_prevention(found, ["a", "b", "c"]).alt
    assert "none of them escapes all, 1" in figure_prevention(found, ["a", "b"]).title


def test_the_figure_of_a_slow_call_counts_what_b_does_as_the_simulation_does() -> None:
    run = simulate("slow_requests", latency=45.0, latency_spread=0.0, duration=20.0)
    assert run.totals["executions"] == 4 * run.totals["refused"] == 4 * run.totals["requests"]
    drawn = figure_slow_call(45.0, 30.0, 4)
    assert drawn.title == "A is told after 120 s that its call has failed; B has done it 4 times"
    assert figure_slow_call(20.0, 30.0, 1).title == "A is answered after 20 s"


def test_the_figure_of_the_weights_names_the_best_by_weight() -> None:
    failing, found = ["type_strict", "lost_update", "premature_timeout"], findings()
    weights = weighed(found, failing)
    assert sum(weights["coherence check"].values()) == 100 * 39 / 120
    drawn = figure_weighed(found, failing, weights)
    assert "write-read test finds 51 %, the coherence check 32 % instead of 33 %" in drawn.title
