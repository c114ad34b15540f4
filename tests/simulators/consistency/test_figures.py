"""What the figures say is computed from what they draw."""

from __future__ import annotations

from companion.simulators.consistency import simulate
from companion.simulators.consistency.figures import (
    figure_lone_read,
    figure_pacelc,
    figure_partition,
    figure_price,
    figure_visibility,
)
from companion.simulators.consistency.scans import Placement, Price, during_partition


def test_the_title_of_pacelc_counts_the_configurations(placed: dict[str, Placement]) -> None:
    assert figure_pacelc(placed).title == "Of 7 configurations 3 measure as PC/EC"
    assert "nearest read (timeline): if partitioned C, else L, keeps its promise yes" in figure_pacelc(placed).alt
    two = {name: placed[name] for name in ("majority", "majority, sloppy")}
    assert figure_pacelc(two).title == "Of 2 configurations 1 measure as PC/EC"


def test_the_title_of_the_price_is_that_of_a_majority_at_the_largest_distance() -> None:
    prices = {(k, 10.0): Price(measured=3.0 * k, expected=3.0 * k / 1.1, serial=10.0 * k, reads=1) for k in (1, 2, 3)}
    assert figure_price(prices).title == (
        "A majority costs 0.60 answers, not 2: all within 10.0% of the order statistic"
    )


def test_a_partition_gives_no_level_both_answers_and_the_truth() -> None:
    assert (
        "each level answers less than everything, or answers with the past"
        in figure_partition(during_partition()).title
    )
    assert "neither refuses nor lies" in figure_partition({"whole": simulate("strong", duration=15.0)}).title


def test_the_lone_read_is_named_with_what_another_had_read_before() -> None:
    history = simulate("lone_read").history
    assert "had read" in figure_lone_read(history).title


def test_the_title_of_visibility_is_the_share_at_its_first_time() -> None:
    figure = figure_visibility(["disk"], [0.0, 10.0])
    assert figure.title == "At once after a write, a read sees it: disk 44 %"
