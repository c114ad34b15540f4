"""The figure of the layers draws the closed form, and the simulated points only where so many problems can see them."""

from __future__ import annotations

import csv

import pytest

from companion.figures import Figure
from companion.operations.postmortems.cheese_figures import LEAST, figure_layers
from companion.operations.postmortems.swiss_cheese import Result, simulate

PROBLEMS = 20_000


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return [simulate([0.1] * 8, shared, PROBLEMS, seed=11) for shared in (0.0, 0.05, 0.2)]


@pytest.fixture(scope="module")
def figure(results: list[Result]) -> Figure:
    return figure_layers(results)


def rows(figure: Figure, quantity: str, series: str) -> dict[int, float]:
    return {
        int(row["layers"]): float(row["incidents per million problems"])
        for row in csv.DictReader(figure.csv.splitlines())
        if (row["quantity"], row["series"]) == (quantity, series)
    }


def test_the_title_compares_all_layers_with_half_of_them_where_least_is_shared(figure: Figure) -> None:
    assert figure.title == (
        "With 5 % of the holes shared, 4 layers let 5,080 of a million problems through, and 8 layers 5,000, not 0.01"
    )


def test_the_lines_are_the_closed_form(figure: Figure) -> None:
    assert rows(figure, "closed form", "no hole shared") == pytest.approx(
        {layers: 1e6 * 0.1**layers for layers in range(1, 9)}
    )
    assert rows(figure, "closed form", "20 % of the holes shared")[8] == pytest.approx(20_000, rel=1e-3)


def test_the_points_are_what_was_simulated_and_lie_within_their_intervals(
    figure: Figure, results: list[Result]
) -> None:
    seen = rows(figure, "simulated", "5 % of the holes shared")
    assert seen == pytest.approx(
        {layers: 1e6 * passed / PROBLEMS for layers, passed in enumerate(results[1].passed, 1)}
    )
    low, high = (rows(figure, f"simulated, {end}", "5 % of the holes shared") for end in ("low", "high"))
    assert all(low[layers] < seen[layers] < high[layers] for layers in seen)


def test_no_point_is_drawn_where_so_few_problems_can_see_nothing(figure: Figure) -> None:
    expected = {layers: PROBLEMS * 0.1**layers for layers in range(1, 9)}
    assert list(rows(figure, "simulated", "no hole shared")) == [
        layers for layers, incidents in expected.items() if incidents >= LEAST
    ]


def test_lines_differ_by_dash_and_points_by_shape_and_the_axis_is_logarithmic(figure: Figure) -> None:
    (axes,) = figure.drawing.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == 8]
    assert len({str(line._dash_pattern) for line in lines}) == 3
    assert len({line.get_marker() for line in axes.lines if len(line.get_xdata()) == 1}) == 3
    assert axes.get_yscale() == "log"


def test_it_is_told_in_words(figure: Figure) -> None:
    assert figure.alt.startswith(f"Line chart: {figure.title}.")
    assert "Points: 20,000 simulated problems a line" in figure.alt
    assert "5 % of the holes shared: 100,000 at 1, 5,000 at 8" in figure.alt
