"""Figures say in their titles what their data say."""

from __future__ import annotations

from companion.reasoning.rag.figures import (
    figure_budget,
    figure_hits,
    figure_lies,
    figure_pipeline,
    figure_price,
    figure_ways,
)
from companion.reasoning.rag.trials.answers import Tally
from companion.reasoning.rag.trials.caching import hit_rate, zipf
from companion.reasoning.rag.trials.experiments import Score


def score(mean: float) -> Score:
    return Score(mean, mean - 0.1, mean + 0.1, ())


def test_the_ways_tell_of_the_first_and_the_last() -> None:
    told = figure_ways({"bare": {1: score(0.1), 2: score(0.3)}, "both": {1: score(0.8), 2: score(0.9)}})
    assert "0.20 of the evidence is found bare, 0.85 with both" in told.title
    assert "seed 2" in told.alt


def test_the_budget_tells_of_the_best_and_the_worst_at_one_budget() -> None:
    curves = {"chunks of 512": {500: 0.3, 1500: 0.68}, "chunks of 2048": {500: 0.0, 1500: 0.28}}
    told = figure_budget(curves, 1500).title
    assert told == "Of 1,500 characters, chunks of 512 give 0.68 of the evidence, chunks of 2048 0.28"


def test_lies_are_counted_by_whether_they_are_nearer_than_the_paraphrase() -> None:
    given = {"a lie": [0.99, 0.97], "nearer on average": [0.99, 0.7], "another firm": [0.4, 0.5]}
    told = figure_lies(given | {"a paraphrase": [0.8, 0.75]}, "a paraphrase")
    assert told.title.startswith("1 of 3 changes leave a sentence nearer")


def test_the_price_is_that_of_the_best_of_those_without_a_fault() -> None:
    tallies = {
        "reading": Tally(right=20, wrong=10, refused=70, caught=30, fooled=6),
        "careful": Tally(right=10, wrong=0, refused=90, caught=36, fooled=0),
        "facts": Tally(right=40, wrong=0, refused=60, caught=36, fooled=0),
    }
    assert figure_price(tallies).title.startswith("No wrong answer by facts, and 60 of 100")
    assert figure_price({"reading": tallies["reading"]}).title == "Each of these answers something wrongly"


def test_hits_are_told_with_their_distance_from_the_formula() -> None:
    kept = [10.0, 100.0]
    shares = {wordings: [hit_rate(zipf(50, wordings), count) for count in kept] for wordings in (1, 5)}
    simulated = shares | {1: [shares[1][0] + 0.02, shares[1][1]]}
    told = figure_hits(kept, simulated, 50)
    assert "5 wordings" in told.title and told.title.endswith("within 0.02")


def test_the_pipeline_ends_with_an_answer_or_a_refusal() -> None:
    assert "refusal" in figure_pipeline().alt
