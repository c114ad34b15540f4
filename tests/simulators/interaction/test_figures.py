"""The figures: their titles are computed from what they draw, and so is what they say to who does not see them."""

from __future__ import annotations

from companion.simulators.interaction import PRESETS, simulate
from companion.simulators.interaction.figures import (
    figure_formats,
    figure_invalid,
    figure_lost_updates,
    figure_matrix,
    figure_patience,
    figure_prevention,
    figure_scenarios,
)
from companion.simulators.interaction.page import chart
from companion.simulators.interaction.systems.invalid import offer_all
from companion.simulators.interaction.systems.matrix import run_matrix
from companion.simulators.interaction.theory import executions_per_request, lost_share


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
    waits = [PRESETS["premature_timeout"].settings(upstream_timeout=wait) for wait in (10.0, 60.0)]
    runs, expected = [simulate(chosen) for chosen in waits], [executions_per_request(chosen) for chosen in waits]
    assert "B can take 360 s" in figure_patience([10.0, 60.0], runs, expected, 360.0).title
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
