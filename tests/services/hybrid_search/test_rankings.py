"""BM25 and two fusions: by hand, by their laws, and by what they cannot do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.services.hybrid_search.rankings import (
    BM25,
    Ranking,
    fuse_ranks,
    fuse_scores,
    nearest,
    ranked,
    words_of,
)

rankings = st.dictionaries(st.sampled_from("abcdefghij"), st.floats(-5, 5), max_size=10).map(ranked)


def listed(names: str) -> Ranking:
    return {name: -float(place) for place, name in enumerate(names)}


def test_the_best_come_first_and_equals_by_name() -> None:
    assert list(ranked({"b": 1, "c": 2, "a": 1})) == ["c", "a", "b"]
    assert list(ranked({"b": 1, "c": 2, "a": 1}, most=2)) == ["c", "a"]


def test_dots_and_underscores_part_words() -> None:
    assert words_of("pd.DataFrame.to_csv(x=1)") == ["pd", "dataframe", "to", "csv", "x", "1"]


# BM25


def test_bm25_is_the_sum_that_its_docstring_says() -> None:
    index = BM25({"one": "a b", "two": "a a a c", "three": "d"})
    mean, idf = 7 / 3, math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    once = 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / mean))
    thrice = 3 * 2.2 / (3 + 1.2 * (0.25 + 0.75 * 4 / mean))
    assert index.search("A?") == pytest.approx({"two": idf * thrice, "one": idf * once})


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    index = BM25({"x": "rare filler", "y": "common filler", "z": "common filler"})
    assert next(iter(index.search("common rare"))) == "x"


def test_a_word_that_no_document_has_changes_nothing() -> None:
    index = BM25({"x": "a", "y": "a b"})
    assert index.search("a zebra") == index.search("a")
    assert index.search("zebra") == {}


@given(st.integers(1, 50))
def test_repeating_a_word_helps_less_each_time_and_never_more_than_k1_plus_1(times: int) -> None:
    index = BM25({"x": "w " * times, "y": "w " * (times + 1), "z": "other"}, b=0)
    found = index.search("w")
    idf = math.log(1 + 1.5 / 2.5)
    assert found["x"] < found["y"] < idf * 2.2


# Nearest


def test_nearest_is_by_cosine() -> None:
    matrix = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    found = nearest(["x", "y", "z"], matrix, np.array([0, 1], dtype=np.float32), most=2)
    assert found == pytest.approx({"y": 1, "z": 0.8})


# Fusion by rank


@pytest.mark.parametrize("k", [0, 1, 10, 60])
@pytest.mark.parametrize("place", [*range(1, 15), 61, 62, 63])
def test_in_both_lists_at_rank_r_beats_the_first_of_one_list_exactly_when_r_is_below_k_plus_2(
    k: int, place: int
) -> None:
    ours = {**{f"f{number}": 0.0 for number in range(1, place)}, "in both": 0.0}
    theirs = {**{f"g{number}": 0.0 for number in range(1, place)}, "in both": 0.0}
    third = {"first of one": 0.0}
    fused = fuse_ranks([ours, theirs, third], [1, 1, 1], k)
    assert (fused["in both"] > fused["first of one"]) == (place < k + 2)


@given(st.lists(rankings, min_size=1, max_size=3), st.floats(0, 100))
def test_only_ranks_count(found: list[Ranking], k: float) -> None:
    by_place = [listed("".join(one)) for one in found]
    assert fuse_ranks(found, [1] * len(found), k) == fuse_ranks(by_place, [1] * len(found), k)


# Fusion by score


@given(st.lists(rankings, min_size=1, max_size=3), st.floats(0.1, 10), st.floats(-10, 10))
def test_another_unit_or_zero_of_a_score_changes_nothing(found: list[Ranking], unit: float, zero: float) -> None:
    weights = [1 / len(found)] * len(found)
    moved = [{name: unit * score + zero for name, score in one.items()} for one in found]
    close = all(len(set(one.values())) < 2 or max(one.values()) - min(one.values()) > 1e-3 for one in found)
    if close:
        assert fuse_scores(moved, weights) == pytest.approx(fuse_scores(found, weights), abs=1e-6)


@given(rankings)
def test_one_list_keeps_its_order_and_runs_from_0_to_1(found: Ranking) -> None:
    fused = fuse_scores([found], [1.0])
    assert set(fused) == set(found)
    if len(set(found.values())) > 1:
        assert (max(fused.values()), min(fused.values())) == (1, 0)


def test_a_list_of_one_or_of_equals_has_only_firsts() -> None:
    assert fuse_scores([{"a": 0.2}, {"b": 3, "c": 3}], [0.5, 0.5]) == {"a": 0.5, "b": 0.5, "c": 0.5}


def test_an_empty_list_leaves_the_other_as_it_is() -> None:
    assert list(fuse_scores([{}, listed("xyz")], [0.5, 0.5])) == ["x", "y", "z"]
    assert list(fuse_ranks([{}, listed("xyz")], [0.5, 0.5])) == ["x", "y", "z"]
