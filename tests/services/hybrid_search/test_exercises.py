"""What the checks of the chapter's exercises stand on."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.services.hybrid_search.exercises import (
    ARTICLE,
    SPOILT_ARTICLE,
    OffThePath,
    beats,
    chance_by_counting,
    chance_by_trying,
    fused_exactly,
    graphs,
    honest_report,
    remaining,
    spoilt_reports,
)
from companion.services.hybrid_search.rankings import fuse_ranks


def test_exact_fusion_is_the_fusion_without_rounding() -> None:
    exact = fused_exactly([["a", "b"], ["b", "c"]], [Fraction(2, 5), Fraction(3, 5)], 60)
    rounded = fuse_ranks([{"a": 0.0, "b": 0.0}, {"b": 0.0, "c": 0.0}], [0.4, 0.6], 60)
    assert {name: float(value) for name, value in exact.items()} == pytest.approx(rounded)


@pytest.mark.parametrize("k", [0, 7, 60])
def test_in_both_lists_of_equal_weight_a_page_beats_a_winner_down_to_rank_k_plus_1(k: int) -> None:
    half = Fraction(1, 2)
    assert beats(k, half, 1) and beats(k, half, k + 1) and not beats(k, half, k + 2)


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


def test_a_spoilt_report_differs_from_the_true_one_in_what_its_fault_is_about() -> None:
    for number in range(20):
        (true, none, _), *spoilt = spoilt_reports(random.Random(number))
        assert none == set()
        assert [fault for _, (fault,), _ in spoilt] == ["percentile", "clients", "mean"]
        above, few, slow = (report for report, _, _ in spoilt)
        assert above.percentiles[-1][1] > above.slowest == true.slowest
        assert few.requests / few.total * few.mean > few.clients
        assert slow.mean > slow.slowest
        assert slow.requests / slow.total * slow.mean <= slow.clients


def test_the_article_with_other_faults_has_not_its_own() -> None:
    (article, _, _), *others = SPOILT_ARTICLE
    assert article == ARTICLE
    for report, faults, _ in others:
        above = any(time > 1.01 * report.slowest for _, time in report.percentiles)
        below = any(1.01 * time < report.fastest for _, time in report.percentiles)
        assert (above or below) == ("percentile" in faults)


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
    assert graph.own.issuperset(graph.exact(5))


def test_an_answer_of_a_walk_is_told_what_is_wrong_with_it() -> None:
    (graph,) = graphs(2, rows=150, share=0.3, questions=1)
    right = graph.exact(5)
    assert graph.fault(right, 5) == ""
    assert graph.fault(tuple(right), 5).endswith("is no list")
    assert graph.fault([*right[:4], min(set(range(150)) - graph.own)], 5) == "another tenant's vector was given"
    assert graph.fault([*right[:4], right[0]], 5).endswith("one is given twice")
    assert graph.fault(right, 4).startswith("5 are given, where 4 are wanted")
    assert graph.fault(right, 6).startswith("5 are given, where 6 are wanted")
    assert graph.fault(right[::-1], 5).endswith("not the nearest first")
    assert graph.found(right[:4] + graph.exact(9)[8:], 5) == 0.8


def test_a_tenant_with_fewer_vectors_than_are_wanted_has_all_of_them_asked_for() -> None:
    (graph,) = graphs(2, rows=150, share=0.02, questions=1)
    own = graph.exact(150)
    assert 0 < len(own) < 10
    assert graph.fault(own, 10) == ""
    assert graph.found(own[:-1], 10) == 1 - 1 / len(own)


@given(st.lists(st.integers(-300, 300), max_size=10))
def test_counting_the_ways_of_signs_gives_what_trying_all_of_them_gives(differences: list[int]) -> None:
    assert chance_by_counting(differences) == chance_by_trying(differences)
