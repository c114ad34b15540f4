"""The history that the reader builds: what comes of it, and what the checker may say of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from companion.history import check
from companion.history.session import stale_reads
from companion.simulators.consistency.hands_on.build import (
    ASKED,
    AT_FIRST,
    LATEST,
    SOONEST,
    history,
    judged,
    one_order,
    outcome,
    trace,
)
from companion.simulators.consistency.promises import one_copy, real_time

LONE_READ = ((12.0, 130.0, 130.0), (38.0, 46.0, 50.0), (97.0, 88.0, 92.0))


def arrivals() -> st.SearchStrategy[list[list[float]]]:
    return st.tuples(*(st.lists(st.floats(begun + SOONEST, LATEST), min_size=3, max_size=3) for _, begun in ASKED)).map(
        list
    )


def ask(arrives: Sequence[Sequence[float]], write_back: bool = False) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(judged(json.dumps({"arrives": arrives, "write_back": write_back})))
    return answer


def test_the_reader_begins_with_a_history_that_one_copy_could_have_given() -> None:
    assert ask(AT_FIRST)["linearizable"] is True
    assert trace().data["said"] == ask(AT_FIRST)["said"]


def test_two_late_messages_make_it_impossible_and_writing_back_possible_again() -> None:
    wrong, mended = ask(LONE_READ), ask(LONE_READ, write_back=True)
    assert "first reader reads 1, the second nothing yet" in wrong["said"]
    assert (wrong["linearizable"], mended["linearizable"]) == (False, True)


def test_no_single_move_makes_it_impossible() -> None:
    for row, (_, begun) in enumerate(ASKED):
        for node in range(3):
            for moment in range(int(begun + SOONEST), int(LATEST) + 1):
                arrives = [list(one) for one in AT_FIRST]
                arrives[row][node] = moment
                assert check(history(outcome(arrives)[0])).linearizable, (row, node, moment)


@given(arrivals())
def test_overlap_spares_stale_reads_and_not_the_reader_who_comes_later(arrives: list[list[float]]) -> None:
    operations = history(outcome(arrives)[0])
    assert stale_reads(operations) == []
    assert ask(arrives)["linearizable"] is check(operations).linearizable


@given(arrivals())
def test_no_arrivals_break_reads_that_write_back(arrives: list[list[float]]) -> None:
    assert ask(arrives, write_back=True)["linearizable"] is True


@given(arrivals(), st.booleans())
def test_the_order_that_is_named_is_one_that_explains_the_history(arrives: list[list[float]], back: bool) -> None:
    operations = history(outcome(arrives, write_back=back)[0])
    if check(operations).linearizable:
        order = one_order(operations)
        assert one_copy(order)
        assert not any(real_time(later, one) for place, one in enumerate(order) for later in order[place + 1 :])


@given(arrivals(), st.booleans())
def test_nothing_arrives_before_it_was_sent_and_every_operation_ends_with_its_second_answer(
    arrives: list[list[float]], back: bool
) -> None:
    drawn = ask(arrives, back)["drawn"]
    assert all(arrived > sent for _, _, sent, arrived, _, _ in drawn["messages"])
    for operation in drawn["operations"]:
        ended, need, replies = operation[2], operation[5], sorted(operation[6])
        assert ended in replies and sum(reply <= ended for reply in replies) >= need


def test_a_request_out_of_its_range_is_moved_into_it() -> None:
    told = ask(((-50.0, 9e9, 20.0), *AT_FIRST[1:]))
    assert told["arrives"][0] == [SOONEST, LATEST, 20.0]
