"""Six programs for one question: they agree on every network, and their traffic is a closed form."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.languages import paradigms
from companion.calls.languages.paradigms import (
    AIRPORTS,
    Flight,
    actors,
    dataflow,
    functional,
    imperative,
    leaving,
    logic,
    objects,
    some_flights,
)

NETWORKS = st.lists(st.tuples(st.sampled_from(AIRPORTS), st.sampled_from(AIRPORTS)), max_size=20, unique=True)


def by_powers(flights: list[Flight], start: str) -> set[str]:
    """Walk journeys of one flight more, as often as there are airports: another way to the same answer."""
    here, found = {start}, set()
    for _ in AIRPORTS:
        here = {b for a, b in flights if a in here}
        found |= here
    return found


@given(NETWORKS, st.sampled_from(AIRPORTS))
@settings(max_examples=60)
def test_all_six_find_what_journeys_of_every_length_lead_to(flights: list[Flight], start: str) -> None:
    want = by_powers(flights, start)
    assert functional(flights, start) == want
    assert {b for a, b in logic(flights) if a == start} == want
    assert objects(flights, start) == want
    assert imperative(flights, start) == want
    assert dataflow(flights, start) == want
    assert actors(flights, start) == want


@given(NETWORKS, st.sampled_from(AIRPORTS))
@settings(max_examples=60)
def test_actors_send_a_visit_along_each_flight_that_leaves_what_is_reached_and_answer_all(
    flights: list[Flight], start: str
) -> None:
    sent: list[str] = []
    actors(flights, start, sent.append)
    assert sent.count("visit") == 1 + leaving(flights, start) == sent.count("done")


@given(NETWORKS, st.sampled_from(AIRPORTS), st.sampled_from([0, -1]))
def test_cells_wake_as_often_in_any_order_and_the_start_wakes_its_readers_again_in_a_circle(
    flights: list[Flight], start: str, pick: int
) -> None:
    woken: list[str] = []
    found = dataflow(flights, start, woken.append, pick)
    again = sum(a == start for a, _ in flights) if start in found else 0
    assert len(woken) == leaving(flights, start) + again
    assert found == by_powers(flights, start)


@given(NETWORKS, st.sampled_from(AIRPORTS))
def test_logic_answers_from_where_as_well(flights: list[Flight], end: str) -> None:
    assert {a for a, b in logic(flights) if b == end} == by_powers([(b, a) for a, b in flights], end)


def test_a_start_that_nobody_flies_from_leads_nowhere() -> None:
    for find in (functional, objects, imperative, dataflow, actors):
        assert not find([("SFO", "LAX")], "JFK")
        assert not find([], "JFK")


def test_objects_need_the_stack_for_a_long_line_and_a_list_does_not() -> None:
    line = [(f"A{n}", f"A{n + 1}") for n in range(1500)]
    with pytest.raises(RecursionError):
        objects(line, "A0")
    assert len(imperative(line, "A0")) == 1500


def test_drawn_networks_have_circles_loops_and_dead_ends_among_them() -> None:
    draw = random.Random(1)
    networks = [some_flights(draw) for _ in range(200)]
    assert sum("SFO" in functional(net, "SFO") for net in networks) > 40
    assert any(a == b for net in networks for a, b in net)
    assert sum(not functional(net, "SFO") for net in networks) > 5
    assert all(len(set(net)) == len(net) <= 16 for net in networks)


def test_what_is_ignored_leaves_no_trace() -> None:
    paradigms.ignore("anything")
