"""The figures of the chapter find what their titles say in the data, and draw the closed form beside what was seen."""

from __future__ import annotations

from companion.simulators.hybrid import simulate
from companion.simulators.hybrid.account import Outcome
from companion.simulators.hybrid.figures import (
    figure_distance,
    figure_escrow,
    figure_promises,
    figure_waits,
    figure_withdrawals,
)


def test_the_waits_are_told_of_the_mode_that_waits_most() -> None:
    results = {mode: simulate("redblue", mode=mode, duration=5.0, jitter=0.0) for mode in ("eventual", "strong")}
    assert figure_waits(results).title.startswith("Under strong a colour waits 161 ms")


def test_the_distance_is_drawn_with_its_closed_form_beside_it() -> None:
    runs = {mode: [simulate("redblue", mode=mode, duration=2.0)] for mode in ("strong", "redblue", "eventual")}
    figure = figure_distance([40.0], runs, {"strong": [134.3]})
    assert "strong, closed form: 134" in figure.alt
    assert " with strong, " in figure.title and figure.title.endswith(" and 1 with eventual")


def test_broken_promises_are_told_beside_what_was_expected() -> None:
    figure = figure_promises([20.0, 80.0], {"eventual": [1.0, 4.25]}, {"eventual": [1.1, 4.5]})
    assert figure.title == "At 80 ms eventual takes back 4.2 (4.5 expected)"


def test_the_map_of_escrow_tells_of_the_poorest_and_of_the_richest() -> None:
    figure = figure_escrow({(30.0, 2): 22.0, (30.0, 9): 11.0, (70.0, 2): 100.0, (70.0, 9): 99.3})
    assert figure.title == (
        "Where 70 % deposit at least 99.3 % of the withdrawals need no other site, where 30 % do as few as 11 %"
    )


def test_the_cheapest_policy_is_named_among_those_that_overdraw_nothing() -> None:
    outcomes = {
        "blue": Outcome(overdrawn=2, latencies=[0.0]),
        "red": Outcome(latencies=[0.05]),
        "escrow": Outcome(latencies=[0.01]),
    }
    title = figure_withdrawals(outcomes).title
    assert title == "blue overdraws; the cheapest that does not is escrow, at 10 ms"
