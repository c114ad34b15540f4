"""Bytes that nobody should send: the server outlives them, and what it says to them is told in a few words."""

import socket

import pytest

from companion.calls.wire import PROTOCOLS, CustomerStore, connect, serve
from companion.calls.wire.experiments.hostile import (
    GARBAGE,
    ZEROS,
    answer_with,
    request_of_four_gb,
    request_with,
)
from companion.calls.wire.recording.record import ADA

every_wire = pytest.mark.parametrize("protocol", PROTOCOLS)


@every_wire
def test_after_anything_hostile_the_next_client_is_served(protocol: str) -> None:
    behind_a_header = [request_with(protocol, filling) for filling in (GARBAGE, ZEROS)]
    bare = [GARBAGE, ZEROS, b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", bytes(1000)]
    with serve(protocol, CustomerStore([ADA])) as address:
        for data in [*bare, *behind_a_header, request_of_four_gb(protocol)]:
            with socket.create_connection(address, timeout=2) as connection:
                connection.sendall(data)
            with connect(protocol, address) as client:
                assert client.get(1) == ADA


@every_wire
def test_what_stands_behind_a_header_is_all_that_differs(protocol: str) -> None:
    for made in (request_with, answer_with):
        one, other = made(protocol, GARBAGE), made(protocol, ZEROS)
        assert one.count(GARBAGE) == other.count(ZEROS) == 1
        assert one.replace(GARBAGE, b"") == other.replace(ZEROS, b"")
