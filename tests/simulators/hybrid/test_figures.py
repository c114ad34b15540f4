"""The figures of the chapter find what their titles say in the data, and draw the closed form beside what was seen."""

from __future__ import annotations

import csv

import pytest

from companion.simulators.hybrid import PRESETS, simulate
from companion.simulators.hybrid.account import Outcome
from companion.simulators.hybrid.figures import (
    figure_asking,
    figure_distance,
    figure_escrow,
    figure_promises,
    figure_waits,
    figure_withdrawals,
)
from companion.simulators.hybrid.scans import Decided
from companion.simulators.hybrid.trace import overhear


def test_the_waits_of_a_mixture_are_drawn_apart_and_its_mean_is_told_to_be_nobodys() -> None:
    results = {mode: simulate("redblue", mode=mode, duration=20.0, jitter=0.0) for mode in ("strong", "redblue")}
    figure = figure_waits(results)
    mean = results["redblue"].summary["mean_latency"]
    assert figure.title == f"Under redblue the mean wait is {mean:.0f} ms, and nobody waited about as long"
    shares: dict[str, float] = {}
    for row in csv.DictReader(figure.csv.splitlines()):
        if row["series"] == "redblue" and row["quantity"] == "rooms (%)":
            shares[row["wait (ms)"]] = max(shares.get(row["wait (ms)"], 0.0), float(row["value"]))
    assert shares["80"] == pytest.approx(100 / 3, abs=8) and shares["160"] == pytest.approx(200 / 3, abs=8)


def test_a_diagram_shows_who_is_waited_for_as_long_as_the_user_waits() -> None:
    film = overhear(PRESETS["redblue"].settings(jitter=0.0, duration=5.0))
    far, near = (next(one for one in film.operations if one.kind == "room" and one.site == site) for site in (1, 0))
    figure = figure_asking(film, far)
    assert figure.title == "A room from New York, decided in Berlin, takes 161 ms: two round trips"
    assert figure.alt.count("record this") == figure.alt.count("sends Berlin recorded") == 2
    assert figure_asking(film, near).title == "A room from Berlin, decided in Berlin, takes 81 ms: one round trip"


def test_the_distance_is_drawn_with_its_closed_form_beside_it() -> None:
    runs = {mode: [simulate("redblue", mode=mode, duration=2.0)] for mode in ("strong", "redblue", "eventual")}
    figure = figure_distance([40.0], runs, {"strong": [134.3]})
    assert "strong, closed form: 134" in figure.alt
    assert " with strong, " in figure.title and figure.title.endswith(" and 1 with eventual")


def test_broken_promises_are_told_beside_what_was_expected() -> None:
    figure = figure_promises([20.0, 80.0], {"eventual": [1.0, 4.25]}, {"eventual": [1.1, 4.5]})
    assert figure.title == "At 80 ms bookings taken back in a run: 4 (eventual)"
    assert "eventual, closed form: 1.1 at 20, 4.5 at 80" in figure.alt


def test_escrow_is_told_of_where_money_is_scarcest() -> None:
    figure = figure_escrow({
        (policy, 9, share): Decided(wait, 10.0, vain)
        for policy, wait, vain in (("red", 92.0, 11.0), ("escrow", 72.0, 22.0)) for share in (30.0, 70.0)
    })  # fmt: skip
    assert figure.title == (
        "With 30 % deposits and 9 sites escrow waits 72 ms to red's 92, and refuses 22 % in vain to red's 11"
    )


def test_the_cheapest_policy_is_named_among_those_that_overdraw_nothing() -> None:
    accounts = {
        "blue": [Outcome(overdrawn=2, latencies=[0.0]), Outcome(latencies=[0.0])],
        "red": [Outcome(latencies=[0.05])],
        "escrow": [Outcome(latencies=[0.01])],
    }
    title = figure_withdrawals(accounts).title
    assert title == "blue overdraws 1 of 2 accounts; the cheapest that overdraws none is escrow, at 10 ms"
