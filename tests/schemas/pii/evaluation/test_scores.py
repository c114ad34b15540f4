"""Scores against closed forms, and what must hold for any prediction."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.schemas.pii.evaluation.scores import ORDER, Costs, compare, counts, recorded, wilson
from companion.schemas.pii.verdict import Level

HIGH, MEDIUM, LOW, PUBLIC = ORDER
levels = st.sampled_from(ORDER)
judged = st.lists(st.tuples(levels, st.none() | levels), min_size=1)
shares = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_a_matrix_by_hand() -> None:
    score = compare([HIGH, HIGH, HIGH, LOW, PUBLIC], [HIGH, MEDIUM, None, LOW, HIGH])
    assert score.matrix == ((1, 1, 0, 1), (0, 0, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0))
    assert score.n == 5
    assert score.accuracy == 2 / 5
    assert score.recall(HIGH) == 1 / 3
    assert score.precision(HIGH) == 1 / 2


def test_a_share_of_nothing_is_none_and_its_interval_is_everything() -> None:
    score = compare([LOW], [LOW])
    assert score.recall(HIGH) is None and score.precision(HIGH) is None
    assert score.recall_interval(HIGH) == (0, 1)
    nothing = compare([], [])
    assert nothing.accuracy is None and nothing.expected_cost() is None


def test_what_a_scanner_is_silent_about_counts_as_public() -> None:
    assert compare([PUBLIC, HIGH], [None, None]) == compare([PUBLIC, HIGH], [PUBLIC, PUBLIC])


def test_labels_and_predictions_of_different_number_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels cannot be compared with 1 predictions"):
        compare([HIGH, LOW], [HIGH])


@given(judged)
def test_rows_sum_to_the_labels_and_columns_to_the_predictions(pairs: list[tuple[Level, Level | None]]) -> None:
    truth, predicted = zip(*pairs, strict=True)
    score = compare(truth, predicted)
    assert score.n == len(pairs)
    said = [level or PUBLIC for level in predicted]
    for i, level in enumerate(ORDER):
        assert sum(score.matrix[i]) == truth.count(level)
        assert sum(row[i] for row in score.matrix) == said.count(level)


@given(st.lists(levels, min_size=1))
def test_a_perfect_prediction_is_all_ones_and_free(truth: list[Level]) -> None:
    score = compare(truth, truth)
    assert score.accuracy == 1
    assert all(score.recall(level) == score.precision(level) == 1 for level in set(truth))
    assert score.expected_cost() == 0


@given(judged)
def test_accuracy_is_the_mean_of_the_recalls_weighted_by_how_many_there_are(
    pairs: list[tuple[Level, Level | None]],
) -> None:
    truth, predicted = zip(*pairs, strict=True)
    score = compare(truth, predicted)
    weighted = sum((score.recall(level) or 0) * truth.count(level) for level in ORDER) / len(truth)
    assert score.accuracy == pytest.approx(weighted)


# Intervals


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(9, 10, 0.596, 0.982), (5, 10, 0.237, 0.763), (81, 263, 0.255, 0.366), (0, 10, 0.0, 0.278), (1, 1, 0.207, 1.0)],
)
def test_wilson_gives_the_known_intervals(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=0.0005)


@given(shares)
def test_an_interval_holds_its_share_and_lies_between_zero_and_one(share: tuple[int, int]) -> None:
    low, high = wilson(*share)
    assert 0 <= low <= share[0] / share[1] <= high <= 1


@given(shares)
def test_the_ends_of_an_interval_are_z_standard_deviations_from_what_was_seen(share: tuple[int, int]) -> None:
    """Wilson's definition, which the closed form solves."""
    successes, trials = share
    for end in wilson(successes, trials, z=2.0):
        deviation = math.sqrt(end * (1 - end) / trials)
        assert abs(successes / trials - end) == pytest.approx(2 * deviation, abs=1e-7)


@given(shares)
def test_more_of_the_same_narrows_the_interval(share: tuple[int, int]) -> None:
    successes, trials = share
    low, high = wilson(successes, trials)
    lower, higher = wilson(10 * successes, 10 * trials)
    assert higher - lower < high - low


def test_what_is_no_share_has_no_interval() -> None:
    with pytest.raises(ValueError, match="3 of 2 is no share"):
        wilson(3, 2)


# Costs


@pytest.mark.parametrize(
    ("truth", "predicted", "cost"),
    [(HIGH, PUBLIC, 90), (HIGH, LOW, 60), (HIGH, MEDIUM, 30), (MEDIUM, LOW, 5), (LOW, PUBLIC, 2), (PUBLIC, HIGH, 1),
     (LOW, MEDIUM, 1), (LOW, LOW, 0)],
)  # fmt: skip
def test_a_miss_costs_its_steps_and_an_alarm_is_an_alarm(truth: Level, predicted: Level, cost: float) -> None:
    prices = Costs(high=90, medium=10, low=2, alarm=1)
    assert compare([truth], [predicted]).expected_cost(prices) == pytest.approx(cost)


@given(judged, st.floats(1, 1000))
def test_only_missed_high_fields_get_dearer_with_their_price(
    pairs: list[tuple[Level, Level | None]], more: float
) -> None:
    score = compare(*map(list, zip(*pairs, strict=True)))
    cheap, dear = score.expected_cost(Costs(high=1)), score.expected_cost(Costs(high=1 + more))
    assert cheap is not None and dear is not None
    steps = sum(step * count for step, count in enumerate(score.matrix[0])) / 3
    assert (dear - cheap) * score.n == pytest.approx(more * steps, abs=1e-6)


# Records


@given(judged)
def test_a_record_of_numbers_gives_the_score_back(pairs: list[tuple[Level, Level | None]]) -> None:
    truth, predicted = map(list, zip(*pairs, strict=True))
    figures = counts("a/b, c", truth, predicted)
    assert all(isinstance(figure, float) for figure in figures.values())
    assert recorded(figures) == {"a/b, c": compare(truth, predicted)}
