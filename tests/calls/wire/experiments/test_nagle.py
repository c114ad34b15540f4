"""A request in pieces arrives whole, whatever Nagle's algorithm makes of them; how long it takes is no matter here."""

from companion.calls.wire.experiments import nagle
from companion.calls.wire.experiments.nagle import CALLS, REQUEST, WAYS, call_seconds


def test_the_pieces_of_each_way_are_the_same_request() -> None:
    assert {b"".join(pieces) for pieces, _ in WAYS.values()} == {REQUEST}


def test_every_call_but_the_first_is_timed() -> None:
    assert len(call_seconds([REQUEST[:4], REQUEST[4:]], no_delay=True)) == CALLS - 1


def test_the_share_of_calls_that_were_held_is_told_beside_their_median() -> None:
    taken = nagle.nagle()
    assert set(taken) == {*WAYS, *(f"{way} held" for way in WAYS)}
    assert all(0 <= taken[f"{way} held"] <= 1 for way in WAYS)
