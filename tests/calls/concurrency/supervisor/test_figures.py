"""The figure of the storm states who is given up, from the runs that it draws."""

from __future__ import annotations

from companion.calls.concurrency.supervisor.figures import figure_storm
from companion.calls.concurrency.supervisor.scripted import crash_loop


def test_the_title_names_both_sides_of_the_border_and_the_words_every_life() -> None:
    runs = [crash_loop(life, 20, 3, 1000, until=3000) for life in (200, 300, 400)]
    figure = figure_storm(runs, 3, 1000, unit=1000)
    assert figure.title == "3 restarts in 1 s: a child that lives 0.3 s is given up, one that lives 0.4 s never"
    assert figure.alt.count("4 end begins") == 2
    assert figure.csv.count("\n") == 1 + 4 + 4 + 8


def test_where_all_are_given_up_or_none_the_title_says_so() -> None:
    assert figure_storm([crash_loop(0, 1, 3, 99, until=50)], 3, 99).title.endswith("all of 1 children is given up")
    lasting = [crash_loop(90, 0, 3, 99, until=400), crash_loop(95, 0, 3, 99, until=400)]
    assert figure_storm(lasting, 3, 99).title.endswith("none of 2 children are given up")
