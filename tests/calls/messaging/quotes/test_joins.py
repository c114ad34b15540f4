"""Joins beside a broadcast, counted over every order of the steps."""

from math import comb

import pytest

from companion.calls.messaging.quotes.joins import (
    DESIGNS,
    Step,
    count,
    holes,
    orders,
    random_orders,
    shown,
    steps_back,
)


@pytest.mark.parametrize("quotes", range(1, 6))
def test_the_article_has_a_hole_where_a_join_looks_between_send_and_put(quotes: int) -> None:
    # add and get fall between the send and the put of the same quote, the write wherever it may: q (q + 1) orders
    counts = count(DESIGNS["send, put"], orders(DESIGNS["send, put"], quotes), quotes)
    assert counts.orders == comb(2 * quotes + 3, 3)
    assert counts.holes == quotes * (quotes + 1)
    assert counts.back > 0


@pytest.mark.parametrize("quotes", range(1, 6))
def test_put_first_has_no_hole_and_steps_back_only_between_get_and_write(quotes: int) -> None:
    design = DESIGNS["put, send"]
    counts = count(design, orders(design, quotes), quotes)
    assert counts.holes == 0
    for steps in orders(design, quotes):
        got, written = steps.index(Step("get")), steps.index(Step("write"))
        later = [step for step in steps[got:written] if step.name == "put"]
        sent = [step.quote for step in steps[got:written] if step.name == "send"]
        assert bool(steps_back(shown(design, steps))) == any(put.quote in sent for put in later)


@pytest.mark.parametrize("name", ["put, send; newer only", "one log"])
def test_of_all_orders_and_of_2000_random_joins_none_goes_wrong(name: str) -> None:
    design = DESIGNS[name]
    for quotes in range(1, 5):
        assert count(design, orders(design, quotes), quotes)[1:] == (0, 0)
    for seed in range(2):
        assert count(design, random_orders(design, 2000, seed), 10) == (2000, 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_at_random_moments_the_article_goes_wrong_and_put_first_steps_back(seed: int) -> None:
    article, first = DESIGNS["send, put"], DESIGNS["put, send"]
    worse = count(article, random_orders(article, 2000, seed), 10)
    better = count(first, random_orders(first, 2000, seed), 10)
    assert worse.holes > 20 and better.holes == 0
    assert worse.back > better.back > 20


def test_a_slower_store_makes_more_of_everything() -> None:
    article = DESIGNS["send, put"]
    found = [count(article, random_orders(article, 1000, 1, access), 10) for access in (1.0, 4.0, 8.0)]
    assert found[0].holes < found[1].holes < found[2].holes
    assert found[0].back < found[1].back < found[2].back


def test_a_hole_and_a_step_back_are_told_from_a_second_showing() -> None:
    assert holes([0, 2, 3], 3) == {1} and holes([2, 1, 3], 3) == set() and holes([1], 3) == {2, 3}
    assert steps_back([2, 1, 3]) == 1 and steps_back([1, 1, 2]) == 0
    assert shown(DESIGNS["send, put"], [Step("add"), Step("send", 1), Step("get"), Step("put", 1), Step("write")]) == [
        1,
        0,
    ]
