"""What both XML wires promise: the contract of `tests/calls/wire/test_contract.py`, where XML can keep it."""

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.customers import (
    Address,
    CannotEncode,
    Client,
    ConnectionLost,
    Customer,
    CustomerStore,
    InvalidCustomer,
    MalformedReply,
    NotConnected,
    RemoteError,
    Timeout,
    WireError,
    customer_of,
)
from companion.calls.wire.tcp import bind, listening
from companion.calls.wire.xml import pox, soap

ADA = Customer(id=1, name="Ada Lovelace", balance=1234.5)
both = pytest.mark.parametrize("wire", [soap, pox])


@contextlib.contextmanager
def talking(wire: ModuleType, store: CustomerStore | None = None, timeout: float = 20) -> Iterator[Client]:
    with (
        wire.serve(CustomerStore() if store is None else store) as address,
        contextlib.closing(wire.connect(address, timeout)) as client,
    ):
        yield client


@both
def test_customers_are_added_once_found_and_listed_in_order(wire: ModuleType) -> None:
    bob = Customer(id=2, name="Bob", balance=-0.0)
    with talking(wire) as client:
        assert client.list() == []
        assert [client.add(customer) for customer in (bob, ADA, ADA)] == [True, True, False]
        assert repr(client.list()) == repr([ADA, bob])
        assert [client.get(id) for id in (1, 3, 0, -1, 2**31 - 1)] == [ADA, None, None, None, None]


@both
def test_a_name_of_control_characters_cannot_be_written_and_the_rest_arrives(wire: ModuleType) -> None:
    letters = st.characters(codec="utf-8")
    taken = iter(range(1, 1000))

    with talking(wire) as client:

        @settings(max_examples=50, deadline=None)
        @given(st.text(letters, max_size=30), st.floats(allow_nan=False, allow_infinity=False))
        def check(name: str, balance: float) -> None:
            try:
                customer = customer_of({"id": next(taken), "name": name, "balance": balance})
            except InvalidCustomer:
                return
            try:
                client.add(customer)
            except CannotEncode:
                assert any(ord(letter) < 32 or ord(letter) in (0xFFFE, 0xFFFF) for letter in name)
            else:
                assert repr(client.get(customer.id)) == repr(customer)

        check()


@both
@pytest.mark.parametrize("name", ["", " ", "Jörg Müller", "🐘" * 7, "]]>", "<&'\">", "new\nline\ttab\r", "‮"])
def test_a_name_arrives_as_it_was_sent(wire: ModuleType, name: str) -> None:
    customer = Customer(id=1, name=name, balance=0.0)
    with talking(wire) as client:
        client.add(customer)
        assert client.get(1) == customer


@both
@pytest.mark.parametrize(
    "fields",
    [
        {"id": 0, "name": "Ada", "balance": 0.0},
        {"id": 2**31, "name": "Ada", "balance": 0.0},
        {"id": 1, "name": "é" * 16, "balance": 0.0},
        {"id": 1, "name": "Ada", "balance": float("nan")},
        {"id": 1, "name": "Ada", "balance": float("inf")},
        {"id": 1, "name": "\ud800", "balance": 0.0},
        {"id": 1, "name": "a\0b", "balance": 0.0},
    ],
)
def test_what_is_no_customer_is_refused_and_the_server_goes_on(wire: ModuleType, fields: dict[str, Any]) -> None:
    with talking(wire) as client:
        with pytest.raises((RemoteError, CannotEncode)):
            client.add(Customer.model_construct(**fields))
        assert client.add(ADA) is True
        assert client.list() == [ADA]


@both
def test_threads_may_share_a_client(wire: ModuleType) -> None:
    store = CustomerStore([Customer(id=id, name=str(id), balance=0.0) for id in range(1, 31)])
    with talking(wire, store) as client, concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(client.get, range(1, 31))) == store.list()


@both
def test_a_client_connects_again_after_its_server_came_back(wire: ModuleType) -> None:
    store = CustomerStore([ADA])
    with contextlib.ExitStack() as servers:
        address = servers.enter_context(wire.serve(store))
        client = servers.enter_context(contextlib.closing(wire.connect(address, 20)))
        first = contextlib.ExitStack()
        assert client.get(1) == ADA
        servers.pop_all().close()
        with pytest.raises(ConnectionLost):
            client.get(1)
        first.enter_context(wire.serve(store, port=address.port))
        assert client.get(1) == ADA
        client.close()
        first.close()


@both
def test_nobody_there_is_told_from_somebody_who_hung_up(wire: ModuleType) -> None:
    with bind("127.0.0.1", 0) as taken:
        nobody = Address("127.0.0.1", taken.getsockname()[1])
    with contextlib.closing(wire.connect(nobody, 5)) as client, pytest.raises(NotConnected):
        client.get(1)

    def hang_up(connection: socket.socket) -> None:
        connection.recv(1000)

    with listening(hang_up, "127.0.0.1", 0) as address, contextlib.closing(wire.connect(address, 5)) as client:
        with pytest.raises(ConnectionLost) as caught:
            client.get(1)
        assert not isinstance(caught.value, NotConnected)


@both
@pytest.mark.parametrize("piece", [b"", b"x"])
def test_a_server_that_is_silent_or_drips_does_not_outlast_the_timeout(wire: ModuleType, piece: bytes) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(1000)
        if piece:
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not over.wait(0.05):
            connection.sendall(piece)

    with listening(drip, "127.0.0.1", 0) as address, contextlib.closing(wire.connect(address, 0.3)) as client:
        with pytest.raises(Timeout):
            client.get(1)
        over.set()


@both
@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"nonsense\r\n\r\n", MalformedReply),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n<a", ConnectionLost),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n<a>", MalformedReply),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<a/>", MalformedReply),
        (b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n", WireError),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\noops", WireError),
    ],
)
def test_bytes_that_are_no_answer_have_a_name(wire: ModuleType, sent: bytes, error: type[WireError]) -> None:
    def say(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(sent)

    with (
        listening(say, "127.0.0.1", 0) as address,
        contextlib.closing(wire.connect(address, 20)) as client,
        pytest.raises(error),
    ):
        client.list()


@both
def test_a_fault_of_the_store_reaches_the_caller_and_does_not_say_more_than_it_should(
    wire: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(id: int) -> NoReturn:
        raise KeyError("a bug")

    store = CustomerStore([ADA])
    monkeypatch.setattr(store, "get", broken)
    with talking(wire, store) as client:
        with pytest.raises(RemoteError) as caught:
            client.get(1)
        assert "a bug" not in str(caught.value)
        assert client.list() == [ADA]


@both
def test_no_thread_is_left_behind(wire: ModuleType) -> None:
    before = set(threading.enumerate())
    with talking(wire, CustomerStore([ADA])) as client:
        client.get(1)
    assert set(threading.enumerate()) == before


@both
def test_it_all_works_where_an_event_loop_runs_as_in_a_notebook(wire: ModuleType) -> None:
    async def cell() -> list[Customer]:
        with talking(wire, CustomerStore([ADA])) as client:
            return client.list()

    assert asyncio.run(cell()) == [ADA]


@both
def test_the_environments_proxy_is_not_asked(wire: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with talking(wire, CustomerStore([ADA])) as client:
        assert client.get(1) == ADA
