"""The figure of retries."""

from __future__ import annotations

from companion.calls.network_tax.retries.figures import figure_storms
from companion.calls.network_tax.retries.layers import Storm


def test_the_title_names_the_worst_and_the_description_all() -> None:
    figure = figure_storms({"few": Storm((1, 2, 3), ()), "many": Storm((4, 5, 60), ())})
    assert figure.title == "One request becomes 60 database calls with many"
    assert "few: A 1, B 2, database 3." in figure.alt
