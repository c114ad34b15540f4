"""The exercise's judge: the right pair passes in every order, and each likely wrong one is told why not."""

from math import factorial
from typing import Any

import pytest

from companion.calls.messaging.quotes.exercises import explain, two_instances

Cache = dict[str, Any]


def put(cache: Cache, symbol: str, quote: Any) -> None:
    if quote[0] > cache[symbol][0]:
        cache[symbol] = quote


def overwrite(cache: Cache, symbol: str, quote: Any) -> None:
    cache[symbol] = quote


def by_time(cache: Cache, symbol: str, quote: Any) -> None:
    if quote[1] > cache[symbol][1]:
        cache[symbol] = quote


def shows(last: Any, quote: Any) -> bool:
    return last is None or bool(quote[0] > last[0])


def test_every_order_is_played_once() -> None:
    found = list(two_instances(put, shows))
    assert len(found) == factorial(9) / (factorial(4) * factorial(2) * factorial(3)) == 1260
    assert len({tuple(outcome.steps) for outcome in found}) == 1260
    assert explain(iter(found)) is None


@pytest.mark.parametrize(
    ("put", "shows", "told"),
    [
        (overwrite, shows, "is missing"),
        (by_time, shows, "is missing"),
        (put, lambda last, quote: True, "step back|twice"),
        (put, lambda last, quote: last is None or quote[0] >= last[0], "twice"),
        (put, lambda last, quote: last is None or quote[1] > last[1], "is missing"),
        (put, lambda last, quote: last is None or quote[0] == last[0] + 1, "is missing"),
        (put, lambda last, quote: False, "nothing"),
    ],
)
def test_likely_wrong_answers_are_told_an_order_in_which_they_fail(put: Any, shows: Any, told: str) -> None:
    fault = explain(two_instances(put, shows))
    assert fault is not None
    assert any(word in fault for word in told.split("|")), fault
