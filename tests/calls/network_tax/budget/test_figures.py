"""The figures of hops."""

from __future__ import annotations

from companion.calls.network_tax.budget.chain import simulate
from companion.calls.network_tax.budget.figures import figure_sums, figure_waterfall
from companion.calls.network_tax.budget.hops import Hop

ALWAYS = simulate([Hop("a", 5, 5), Hop("b", 7, 7, parallel="x"), Hop("c", 8, 8, parallel="x")], samples=1000)


def test_the_waterfall_says_where_a_deadline_is_used_up() -> None:
    late = figure_waterfall(ALWAYS, 10)
    assert late.title == "After step 2, b and 1 more, more than one request in a hundred is past its 10 ms"
    assert figure_waterfall(ALWAYS, 20).title == "On average 13 ms, and for one request in a hundred more than 13"
    assert "b and 1 more: p99 so far 13 begins at 5, ends at 13." in figure_waterfall(ALWAYS).alt


def test_sums_stand_beside_what_they_are_not() -> None:
    figure = figure_sums({"Two": ALWAYS})
    assert figure.title == "Two: a p99 of 13 ms, where the hops' p99s add up to 13"
    assert "hops' p99s, added (at once: the largest) 13" in figure.alt
