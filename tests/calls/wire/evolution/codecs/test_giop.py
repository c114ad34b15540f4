"""References and frames of CORBA, from hostile peers too."""

from __future__ import annotations

import contextlib
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.customers import Malformed
from companion.calls.wire.evolution.codecs import giop


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_bytes_that_are_no_reference_are_refused(data: bytes) -> None:
    with contextlib.suppress(giop.GiopError):
        giop.address_of("IOR:" + data.hex())
    with pytest.raises(giop.GiopError):
        giop.address_of("IOR:" + "zz")


def test_a_body_begins_at_a_multiple_of_eight_and_the_length_is_of_what_follows() -> None:
    for name in ("put", "putting", "p"):
        message = giop.request(b"key", 5, name, b"BODYBODY")
        assert message[:4] == b"GIOP" and message.index(b"BODYBODY") % 8 == 0
        assert int.from_bytes(message[8:12], "big") == len(message) - 12


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (b"", []),
        (b"GIOP", []),
        (b"GIOP\x01\x02\x01\x01\x04\x00\x00\x00\x07\x00\x00\x00", [7]),
        (b"GIOP\x01\x02\x00\x01\x00\x00\x00\x04\x00\x00\x00\x07", [7]),
        (b"GIOP\x01\x02\x01\x05\x00\x00\x00\x00", []),
        (b"GIOP\x01\x02\x01\x01\x09\x00\x00\x00\x07", []),
    ],
)
def test_replies_are_read_in_both_byte_orders_until_the_connection_ends(sent: bytes, answers: list[int]) -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(sent)
        there.shutdown(socket.SHUT_WR)
        assert giop.answers(here, 3, 10.0) == answers


@pytest.mark.parametrize("sent", [b"HTTP/1.1 400", b"GIOP\x01\x02\x00\x01\xff\xff\xff\xff"])
def test_what_is_no_message_or_too_long_is_refused_before_it_is_read(sent: bytes) -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(sent)
        with pytest.raises(Malformed):
            giop.answers(here, 1, 10.0)
