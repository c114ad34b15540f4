"""What the checks of the chapter's exercises stand on."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from companion.services.hybrid_search.exercises import (
    ARTICLE,
    OffThePath,
    chance_by_trying,
    fused_exactly,
    graphs,
    honest_report,
    remaining,
)
from companion.services.hybrid_search.rankings import fuse_ranks


def test_exact_fusion_is_the_fusion_without_rounding() -> None:
    exact = fused_exactly([["a", "b"], ["b", "c"]], [Fraction(2, 5), Fraction(3, 5)], 60)
    rounded = fuse_ranks([{"a": 0.0, "b": 0.0}, {"b": 0.0, "c": 0.0}], [0.4, 0.6], 60)
    assert {name: float(value) for name, value in exact.items()} == pytest.approx(rounded)


def test_signs_are_tried_in_all_ways() -> None:
    assert chance_by_trying([]) == 1
    assert chance_by_trying([5]) == 1
    assert chance_by_trying([3, 3, 3]) == Fraction(2, 8)
    assert chance_by_trying([3, 1]) == Fraction(2, 4)


def test_the_chance_that_enough_candidates_remain() -> None:
    assert remaining(3, 0.5, 3) == pytest.approx(1 / 8)
    assert remaining(3, 0.5, 1) == pytest.approx(7 / 8)
    assert remaining(2, 0.9, 3) == 0


def test_the_articles_report_has_a_percentile_above_its_slowest_and_as_many_in_flight_as_clients() -> None:
    assert [part for part, time in ARTICLE.percentiles if time > ARTICLE.slowest] == [75, 90, 95, 99]
    assert ARTICLE.requests / ARTICLE.total * ARTICLE.mean == pytest.approx(99.5, abs=0.05)


def test_an_honest_report_has_no_more_in_flight_than_clients() -> None:
    for number in range(20):
        told = honest_report(random.Random(number))
        times = [time for _, time in told.percentiles]
        assert times == sorted(times)
        assert told.fastest <= times[0] and times[-1] <= told.slowest
        assert told.requests / told.total * told.mean <= told.clients + 1e-9


def test_a_walk_may_ask_only_for_what_a_link_has_led_to() -> None:
    (graph,) = graphs(1, rows=120, share=0.2, questions=1)
    (far,) = [number for number in range(120) if number != graph.entry and number not in graph.links[graph.entry]][:1]
    with pytest.raises(OffThePath):
        graph.distance(far)
    with pytest.raises(OffThePath):
        graph.allowed(far)
    graph.distance(graph.entry)
    for number in graph.links[graph.entry]:
        graph.distance(number)
    assert graph.asked == {graph.entry, *graph.links[graph.entry]}


def test_links_go_both_ways_and_every_vector_can_be_reached() -> None:
    (graph,) = graphs(2, rows=150, share=0.3, questions=1)
    assert all(one in graph.links[other] for one, others in enumerate(graph.links) for other in others)
    reached, ahead = {graph.entry}, [graph.entry]
    while ahead:
        new = set(graph.links[ahead.pop()]) - reached
        reached |= new
        ahead += new
    assert len(reached) == 150
    assert graph.in_order(graph.exact(5))
    assert graph.own.issuperset(graph.exact(5))
