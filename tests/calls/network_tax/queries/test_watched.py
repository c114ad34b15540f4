"""What a piece of work asks of a database is counted, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from companion.calls.network_tax.queries.watched import Watched, turns
from companion.proxy import Piece, round_trips


def ask(session: Session) -> list[int]:
    return [number for (number,) in session.execute(text("select n from generate_series(1, 3) n"))]


def test_a_query_takes_three_round_trips_begin_and_rollback_included(watched: Watched) -> None:
    bill = watched.count(ask)
    assert (bill.result, bill.queries, bill.round_trips) == ([1, 2, 3], 1, 3)


def test_the_same_work_has_the_same_bill_every_time(watched: Watched) -> None:
    assert watched.count(ask) == watched.count(ask)


def test_a_query_seen_six_times_is_prepared_at_the_price_of_two_round_trips(watched: Watched) -> None:
    five = watched.count(lambda session: [ask(session) for _ in range(5)])
    six = watched.count(lambda session: [ask(session) for _ in range(6)])
    assert five.round_trips == 5 + len(["BEGIN", "ROLLBACK"])
    assert six.round_trips == 6 + len(["BEGIN", "ROLLBACK", "its preparation", "DEALLOCATE"])


def test_an_answer_is_counted_in_bytes_with_its_frame(watched: Watched) -> None:
    short = watched.count(lambda session: session.scalar(text("select repeat('x', 1000)")))
    long = watched.count(lambda session: session.scalar(text("select repeat('x', 3000)")))
    assert long.bytes_down - short.bytes_down == 2000


def test_work_that_fails_is_not_listened_to_any_longer(watched: Watched) -> None:
    with pytest.raises(ProgrammingError):
        watched.count(lambda session: session.execute(text("select * from nothing")))
    assert watched.count(ask).queries == 1


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=6), st.integers(0, 2))
def test_turns_are_the_round_trips_of_a_conversation_however_it_is_cut(cuts: list[tuple[int, int]], open_: int) -> None:
    pieces: list[Piece] = []
    for asked, answered in [*cuts, *([(open_, 0)] if open_ else [])]:
        for direction, count in (("to server", asked), ("to client", answered)):
            for _ in range(count):
                at = float(len(pieces))
                pieces.append(Piece(0, direction, b"x", at, at + 0.5))  # type: ignore[arg-type]
    assert turns(pieces) == len(cuts) == round_trips(pieces)
