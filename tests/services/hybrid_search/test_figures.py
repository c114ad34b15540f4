"""Figures say in their titles what their data say."""

from __future__ import annotations

from companion.services.hybrid_search.evaluation import KINDS, Score
from companion.services.hybrid_search.figures import figure_kinds, figure_starved, figure_weights
from companion.services.hybrid_search.many_tenants import expected_recall


def score(ndcg: float, *by_kind: float) -> Score:
    return Score(0, 0, ndcg, dict(zip(KINDS, by_kind, strict=True)), (), 0)


def test_the_kinds_tell_of_the_best_and_of_the_first() -> None:
    told = figure_kinds({"words": score(0.3, 0.6, 0.4, 0.1), "vectors": score(0.6, 0.9, 0.8, 0.31)})
    assert told.title == "vectors is best on average, with 0.60, and has 0.31 for a paraphrase, where “words” has 0.10"


def test_the_weights_tell_of_the_top_and_of_those_that_are_advised() -> None:
    curve = [score(value, 0.5, 0.5, 0.5) for value in (0.59, 0.63, 0.57, 0.55)]
    assert figure_weights([0.0, 0.4, 0.6, 0.7], curve, advised=[0.6, 0.7]).title == (
        "The fused list is best where its text counts 0.4 (0.63), with 0.6 (0.57) below the vectors alone"
        ", with 0.7 (0.55) below the vectors alone"
    )
    assert figure_weights([0.0, 0.4, 0.6, 0.7], curve, advised=[0.4]).title.endswith("no lower than the vectors alone")


def test_what_a_filter_leaves_is_told_with_its_distance_from_the_formula() -> None:
    told = figure_starved({"a tenth": 0.1}, {"a tenth": {40: expected_recall(40, 0.1) - 0.031, 100: 0.88}})
    assert told.title.endswith("(within 0.03)")
    assert "a tenth, expected" in told.alt
