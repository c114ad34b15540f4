"""Bytes that nobody should send: the server outlives them, and what it says to them is told in a few words."""

import socket

import pytest

from companion.calls.wire import (
    PROTOCOLS,
    Customer,
    CustomerStore,
    connect,
    serve,
)
from companion.calls.wire.experiments.hostile import GARBAGE, bad_requests

ADA = Customer(id=1, name="Ada Lovelace", balance=1234.5)
every_wire = pytest.mark.parametrize("protocol", PROTOCOLS)


@every_wire
def test_after_anything_hostile_the_next_client_is_served(protocol: str) -> None:
    with serve(protocol, CustomerStore([ADA])) as address:
        for data in [GARBAGE, b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", bytes(1000), *bad_requests(protocol).values()]:
            with socket.create_connection(address, timeout=2) as connection:
                connection.sendall(data)
            with connect(protocol, address) as client:
                assert client.get(1) == ADA
