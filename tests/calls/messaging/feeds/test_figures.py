"""The figures say in words what they show."""

from companion.calls.messaging.feeds.figures import figure_cuts, figure_gap, figure_missed
from companion.calls.messaging.feeds.runs import Outcome


def test_the_titles_are_computed() -> None:
    assert "misses 79%" in figure_missed({1.0: 0.5, 4.0: 0.79}, {1.1: 0.5}).alt
    gap = figure_gap([0.01, 0.02, 0.2], Outcome(3, [1, 3]))
    assert "Of 3 events 1 come" in gap.alt and "event 2: nobody waits" in gap.alt
    whole = {"a": Outcome(10, list(range(10))), "b": Outcome(10, [1])}
    cut = {"a": Outcome(10, list(range(10))), "b": Outcome(10, [])}
    drawn = figure_cuts(whole, cut, 5)
    assert "Cut off 5 times, only a lose" in drawn.alt
