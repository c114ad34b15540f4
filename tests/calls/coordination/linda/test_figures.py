"""The figures say what was played."""

from companion.calls.coordination.linda.designs import outcomes
from companion.calls.coordination.linda.figures import figure_late_worker, figure_sums


def test_the_table_names_the_design_that_is_right() -> None:
    figure = figure_sums(outcomes(), 499_500)
    assert figure.title == "Only done(lease, results) gives 499,500 wherever a worker fails"
    assert "killed holding too small" in figure.alt


def test_the_late_workers_sum_is_the_one_that_was_played() -> None:
    figure = figure_late_worker()
    assert "504,450 instead of 499,500" in figure.title and "it is over" in figure.alt
