"""The exercise on keys finds two steps that share one, and nothing where none do."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from companion.calls.concurrency.durable.exercises import ALIKE, collision, random_names


@pytest.mark.parametrize(
    "key",
    [
        lambda order, step, attempt, amount: f"{order}{step}",
        lambda order, step, attempt, amount: f"{step}{order}",
        lambda order, step, attempt, amount: order,
        lambda order, step, attempt, amount: str(step),
    ],
    ids=["order then step", "step then order", "order", "step"],
)
def test_keys_that_run_together_are_found(key: Callable[[str, int, int, int], str]) -> None:
    assert " and step " in collision(key, ALIKE)


@pytest.mark.parametrize("orders", [ALIKE, random_names(random.Random(5))], ids=["alike", "random"])
def test_keys_that_keep_both_apart_are_not(orders: list[str]) -> None:
    assert collision(lambda order, step, attempt, amount: f"{step}/{order}", orders) == ""
    assert collision(lambda order, step, attempt, amount: repr((order, step)), orders) == ""


def test_the_collision_is_named() -> None:
    said = collision(lambda order, step, attempt, amount: f"{order}{step}", ["a", "a1"])
    assert said == "step 11 of order 'a' and step 1 of order 'a1'"
