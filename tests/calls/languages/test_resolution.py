"""Prolog's order: right answers first, and an end only where flights end and the goals stand well."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.languages.paradigms import Flight, functional, logic
from companion.calls.languages.resolution import LEFT, RIGHT, answers, unify

LINE = [("SFO", "LAX"), ("SFO", "SEA"), ("LAX", "DEN"), ("SEA", "DEN"), ("DEN", "ORD"), ("ORD", "JFK")]
CIRCLE = [("SFO", "LAX"), ("LAX", "JFK"), ("JFK", "LAX")]


def journeys(*names: str) -> tuple[str, ...]:
    return ("reach", *names)


def test_left_recursion_ends_in_an_error_with_a_circle_and_without() -> None:
    for flights in (LINE, [("SFO", "LAX")], []):
        with pytest.raises(RecursionError):
            list(answers(journeys("SFO", "?to"), LEFT, flights))


def test_its_first_five_answers_are_right_all_the_same() -> None:
    first = list(islice(answers(journeys("SFO", "?to"), LEFT, CIRCLE), 5))
    assert [to for _, _, to in first] == ["LAX", "JFK", "LAX", "JFK", "LAX"]
    first = list(islice(answers(journeys("SFO", "?to"), LEFT, LINE), 5))
    assert [to for _, _, to in first] == ["LAX", "SEA", "DEN", "DEN", "ORD"]


def test_left_recursion_gives_every_journey_before_it_runs_away_and_none_if_it_is_tried_first() -> None:
    found: list[str] = []
    with pytest.raises(RecursionError):
        for _, _, to in answers(journeys("SFO", "?to"), LEFT, LINE):
            found.append(to)
    assert found == ["LAX", "SEA", "DEN", "DEN", "ORD", "ORD", "JFK", "JFK"]
    with pytest.raises(RecursionError):
        next(answers(journeys("SFO", "?to"), LEFT[::-1], LINE))


def test_right_recursion_ends_where_flights_end_and_not_in_a_circle() -> None:
    found = {to for _, _, to in answers(journeys("SFO", "?to"), RIGHT, LINE)}
    assert found == functional(LINE, "SFO")
    with pytest.raises(RecursionError):
        list(answers(journeys("SFO", "?to"), RIGHT, CIRCLE))


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1]), max_size=9))
@settings(max_examples=40)
def test_without_circles_the_same_rules_answer_as_the_rounds_do_in_every_direction(pairs: set[tuple[int, int]]) -> None:
    flights: list[Flight] = [(f"A{a}", f"A{b}") for a, b in sorted(pairs)]
    want = logic(flights)
    assert {(a, b) for _, a, b in answers(journeys("?a", "?b"), RIGHT, flights)} == want
    assert {a for _, a, _ in answers(journeys("?a", "A4"), RIGHT, flights)} == {a for a, b in want if b == "A4"}
    assert bool(list(answers(journeys("A0", "A5"), RIGHT, flights))) == (("A0", "A5") in want)


def test_words_are_the_same_only_as_themselves_and_a_variable_as_anything_but_once() -> None:
    assert unify(("f", "a"), ("f", "a"), {}) == {}
    assert unify(("f", "a"), ("f", "b"), {}) is None
    assert unify(("f", "a"), ("f", "a", "b"), {}) is None
    assert unify(("f", "?x", "?x"), ("f", "a", "b"), {}) is None
    assert unify(("f", "?x", "b"), ("f", "a", "?y"), {}) == {"?x": "a", "?y": "b"}
    assert unify(("f", "?x"), ("f", "a"), {"?x": "b"}) is None
