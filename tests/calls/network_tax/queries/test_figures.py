"""The figures say what was counted."""

from __future__ import annotations

from companion.calls.network_tax.queries.figures import figure_loading, figure_pools
from companion.calls.network_tax.queries.watched import Bill


def test_the_figure_of_loading_names_the_fewest_queries_and_what_they_bring() -> None:
    bills = {"lazy": Bill(9, 301, 307, 64_000), "selectin": Bill(9, 4, 6, 30_000), "joined": Bill(9, 1, 3, 150_000)}
    figure = figure_loading(bills)
    assert figure.title == "joined sends 1 query and 5.0 times the bytes of selectin"
    assert "lazy: queries 301, kB to the client 64." in figure.alt


def test_the_figure_of_pools_tells_both_ends() -> None:
    figure = figure_pools([1, 300], [301, 2], [4, 2])
    assert figure.title == ("Naive resolvers take 301 round trips over 1 connection and 2 over 300; loaders 4 and 2")
