from __future__ import annotations

from a2a.types.a2a_pb2 import TaskState
from hypothesis import given
from hypothesis import strategies as st

from companion.services.a2a.tasks.states import FINAL, MOVES, WAITING, State, predecessors

states = st.sampled_from(list(State))


def test_the_states_are_those_of_the_protocol() -> None:
    assert {state.wire for state in State} == set(TaskState.keys()) - {"TASK_STATE_UNSPECIFIED"}


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(State)


def test_nothing_follows_what_is_final() -> None:
    assert all(not MOVES[state] for state in FINAL)


def test_nothing_leads_back_to_submitted() -> None:
    assert predecessors(State.SUBMITTED) == []


def test_a_task_is_completed_from_working_alone() -> None:
    assert predecessors(State.COMPLETED) == [State.WORKING]


def test_whatever_waits_goes_on_or_ends() -> None:
    for state in WAITING:
        assert State.WORKING in MOVES[state]
        assert State.COMPLETED not in MOVES[state]


def test_from_everything_that_is_not_final_a_task_can_be_canceled() -> None:
    assert set(predecessors(State.CANCELED)) == set(State) - FINAL


@given(states, states)
def test_predecessors_are_the_moves_read_backwards(before: State, after: State) -> None:
    assert (before in predecessors(after)) == (after in MOVES[before])


@given(states)
def test_every_state_is_reached_from_submitted_and_leads_to_an_end(state: State) -> None:
    reached = {State.SUBMITTED}
    while more := {after for before in reached for after in MOVES[before]} - reached:
        reached |= more
    assert state in reached
    ends = {state}
    while more := {after for before in ends for after in MOVES[before]} - ends:
        ends |= more
    assert ends & FINAL
