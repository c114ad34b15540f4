"""The figure says its finding, computed from the spreads."""

from __future__ import annotations

from companion.calls.network_tax.balancing.figures import figure_spreads
from companion.calls.network_tax.balancing.runs import Spread


def test_the_title_counts_the_designs_with_one_busy_server() -> None:
    figure = figure_spreads({"one": Spread((300, 0, 0), 1, 0), "all": Spread((101, 100, 99), 3, 0)})
    assert figure.title == "In 1 of 2 designs one server does all the work"
    assert "server b" in figure.csv
