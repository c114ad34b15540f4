"""What a server leaves in its gaps."""

import pytest

from companion.calls.wire.objects import corba, giop, leaks
from tests.calls.wire.objects.conftest import needs_an_orb
from tests.calls.wire.objects.test_giop import CUSTOMER, request


def get(id: int, order: str = "<") -> bytes:
    return request(b"get", id.to_bytes(4, "little" if order == "<" else "big"), order)


def test_another_clients_secret_is_in_the_gap_of_a_short_answer() -> None:
    needs_an_orb()
    answers = leaks.ask(*20 * [get(1), get(2)], live=True)[1::2]
    assert {giop.read(answer, CUSTOMER).values for answer in answers} == {(2, "", 2.0)}
    assert leaks.LONG_NAME[1:8].encode() in {leaks.gaps_of(answer) for answer in answers}


def test_the_recorded_leak_is_what_the_page_asks_for() -> None:
    long, short = leaks.ask(get(1), get(2), live=False)
    assert giop.read(long, CUSTOMER).values == (1, leaks.LONG_NAME, 1.0)
    assert leaks.gaps_of(short).decode() == leaks.LONG_NAME[1:8]


def test_a_question_in_the_other_byte_order_is_answered_in_the_servers_own() -> None:
    needs_an_orb()
    (answer,) = leaks.ask(get(1, ">"), live=True)
    assert giop.read(answer, CUSTOMER).values[0] == 1
    assert giop.read(answer, CUSTOMER).order == "little"


def test_what_was_not_recorded_is_refused() -> None:
    with pytest.raises(corba.NotRecorded):
        leaks.ask(get(3), live=False)
