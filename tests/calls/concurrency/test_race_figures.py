"""The figures of the races: titles and words from the data."""

from __future__ import annotations

from companion.calls.concurrency import race_figures


def test_the_orders_say_the_share_of_the_longest() -> None:
    figure = race_figures.figure_orders({1: 0.0, 2: 2 / 3})
    assert figure.title == "With 2 steps from reading to writing, 66.7 % of all orders lose an update"


def test_the_starts_are_compared_with_two_digits() -> None:
    took = {"cold, much": 471.0, "cold, nothing": 30.0, "forked, much": 4.0, "forked, nothing": 1.0,
            "warm, much": 0.2, "warm, nothing": 0.1}  # fmt: skip
    figure = race_figures.figure_starts(took)
    assert figure.title == "With much, a cold start takes 2,400 times as long as a warm one"


def test_the_bill_of_a_chain_is_drawn_with_its_factor() -> None:
    figure = race_figures.figure_bill([1, 1, 1, 1])
    assert figure.title == "4 functions that wait for each other are billed 2.5 times their work"
    assert "waits, and is billed" in figure.alt
