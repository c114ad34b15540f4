"""What the figures say is computed from what they draw."""

from __future__ import annotations

from companion.simulators.consistency import simulate
from companion.simulators.consistency.figures import (
    figure_lone_read,
    figure_models,
    figure_pacelc,
    figure_partition,
    figure_price,
    figure_visibility,
)
from companion.simulators.consistency.scans import Pair, Placement, Price, during_partition


def test_the_title_of_pacelc_counts_the_configurations(placed: dict[str, Placement]) -> None:
    assert figure_pacelc(placed).title == "Of 8 configurations 4 measure as PC/EC"
    assert "nearest read (timeline): if partitioned C, else L, keeps its promise yes" in figure_pacelc(placed).alt
    two = {name: placed[name] for name in ("majority", "majority, sloppy")}
    assert figure_pacelc(two).title == "Of 2 configurations 1 measure as PC/EC"


def test_the_title_of_the_price_is_that_of_a_majority_at_each_kind_of_network() -> None:
    prices = {
        (k, alike): Price(measured=3.0 * k + alike, expected=1.0, serial=10.0 * k, reads=1)
        for k in (1, 2, 3)
        for alike in (0.0, 9.0)
    }
    assert figure_price(prices, 10.0).title == (
        "A majority takes 6 ms where all is chance, and 15 ms where most is distance"
    )


def test_a_partition_gives_no_level_both_answers_and_the_truth() -> None:
    whole = simulate("majority", duration=15.0)
    assert (
        "each level answers less than everything, or answers with the past"
        in figure_partition(during_partition()).title
    )
    assert "neither refuses nor lies" in figure_partition({"whole": Pair(whole, whole)}).title


def test_the_lone_read_is_named_with_what_another_had_read_before() -> None:
    history = simulate("lone_read").history
    assert "had read" in figure_lone_read(history).title


def test_the_title_of_visibility_is_the_share_at_its_first_time() -> None:
    figure = figure_visibility(["disk"], [0.0, 10.0])
    assert figure.title == "At once after a write, a read sees it: disk 44 %"


def test_the_map_of_the_models_says_what_each_arrow_gives_up() -> None:
    assert "linearizable implies sequential, which gives up the order of real time" in figure_models().alt


def test_what_a_run_did_not_show_and_nobody_promised_is_not_called_linearizable(placed: dict[str, Placement]) -> None:
    assert "majority (no stale read): if partitioned C, else C, keeps its promise yes, linearizable not promised" in (
        figure_pacelc(placed).alt
    )
