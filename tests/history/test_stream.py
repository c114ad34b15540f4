"""A history that is gone through once has the verdict that it has as a whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companion.history import MODELS, HistoryError, Operation, check
from companion.history.reading.histories import steps_of
from companion.history.stream import KEPT, MOST_SESSIONS, OF_KEY, judge
from tests.history.test_search import ALL, op, random_history


@pytest.mark.parametrize("model", ALL)
def test_the_verdict_of_each_key_is_that_of_the_whole(model: str) -> None:
    wrong = 0
    for seed in range(60):
        history = [
            replace(one, key=f"{key}", invoked=3 * one.invoked + key, returned=one.returned and 3 * one.returned + key)
            for key in range(3)
            for one in random_history(seed + 1000 * key, model, 8, honest=seed % 2 == 0)
        ]
        found, whole = judge(steps_of(history), MODELS[model]).verdict(), check(history, model)
        assert found.linearizable == whole.linearizable
        assert {one.key: one.operations for one in found.keys} == {one.key: one.operations for one in whole.keys}
        wrong += whole.linearizable is False
    assert wrong > 20


def one_after_the_other(number: int, key: str = "k") -> list[Operation]:
    return [op(0, "write", str(n), 2 * n, 2 * n + 1, key) for n in range(number)]


def test_where_nothing_overlaps_hardly_anything_is_kept() -> None:
    found = judge(steps_of(one_after_the_other(5_000)), MODELS["register"], memory=OF_KEY + 3 * KEPT)
    assert found.verdict().linearizable is True
    assert found.operations == 5_000
    assert not found.forgotten


def test_the_key_with_most_open_is_forgotten_and_the_others_are_judged() -> None:
    hanging = [op(9, "write", "lost", 0, None, "hung"), *one_after_the_other(100, "hung")[1:]]
    found = judge(steps_of([*hanging, *one_after_the_other(100, "fine")]), MODELS["register"], memory=50 * KEPT)
    assert found.forgotten == ["hung"]
    verdict = found.verdict()
    assert {one.key: (one.linearizable, one.operations) for one in verdict.keys} == {
        "hung": (None, 100),
        "fine": (True, 100),
    }
    assert verdict.linearizable is None


def test_more_keys_than_memory_are_refused() -> None:
    history = [op(0, "write", "1", 2 * n, 2 * n + 1, f"{n}") for n in range(50)]
    with pytest.raises(HistoryError, match="keys are more than"):
        judge(steps_of(history), MODELS["register"], memory=20 * OF_KEY)


def test_of_a_long_history_only_the_first_operations_are_kept_for_sessions() -> None:
    assert len(judge(steps_of(one_after_the_other(50)), MODELS["register"]).first) == 50 < MOST_SESSIONS
