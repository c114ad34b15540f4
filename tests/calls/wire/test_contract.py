"""What every wire promises, whichever it is."""

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

from companion.calls.wire import (
    PROTOCOLS,
    Address,
    CannotEncode,
    ConnectionLost,
    Customer,
    CustomerStore,
    RemoteError,
    Timeout,
    WireError,
    connect,
    serve,
)
from companion.calls.wire.customers import MAX_CUSTOMERS, Client
from companion.calls.wire.tcp import bind, listening

ADA = Customer(id=1, name="Ada Lovelace", balance=1234.5)
GRACE = Customer(id=2, name="Grace Hopper", balance=-0.25)
T = TypeVar("T")
every_wire = pytest.mark.parametrize("protocol", PROTOCOLS)


@pytest.fixture
def wire(protocol: str) -> Iterator[Client]:
    with serve(protocol) as address, connect(protocol, address) as client:
        yield client


@every_wire
def test_a_customer_that_was_added_can_be_got(wire: Client) -> None:
    assert wire.add(ADA) is True
    assert wire.get(1) == ADA


@every_wire
def test_an_id_that_is_taken_is_not_added_again(wire: Client) -> None:
    wire.add(ADA)
    assert wire.add(Customer(id=1, name="Somebody else", balance=0.0)) is False
    assert wire.get(1) == ADA


@every_wire
@pytest.mark.parametrize("id", [2, 0, -1, 2**31 - 1, -(2**31)])
def test_a_customer_that_is_not_there_is_none(wire: Client, id: int) -> None:
    wire.add(ADA)
    assert wire.get(id) is None


@every_wire
def test_all_customers_are_listed_in_the_order_of_their_ids(wire: Client) -> None:
    assert wire.list() == []
    for customer in (GRACE, ADA):
        wire.add(customer)
    assert wire.list() == [ADA, GRACE]


@every_wire
@pytest.mark.parametrize(
    "name", ["", "Jörg Müller", "李雷", "🐘" * 7, "x" * 30, "é" * 15, 'quo"te\\', "new\nline\ttab", "null\0byte", "‮"]
)
def test_a_name_arrives_as_it_was_sent(wire: Client, name: str) -> None:
    customer = Customer(id=1, name=name, balance=0.0)
    wire.add(customer)
    assert wire.get(1) == customer
    assert wire.list() == [customer]


@every_wire
@pytest.mark.parametrize("id", [1, 127, 128, 2**31 - 1])
@pytest.mark.parametrize("balance", [0.0, -0.0, 0.5, -1.25, 2.0**100, 2.0**-100])
def test_ids_and_balances_that_every_wire_can_carry_arrive(wire: Client, id: int, balance: float) -> None:
    customer = Customer(id=id, name="Ada", balance=balance)
    wire.add(customer)
    assert repr(wire.get(id)) == repr(customer)


@every_wire
def test_a_name_of_31_bytes_is_refused(wire: Client) -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        Customer(id=1, name="x" * 31, balance=0.0)
    unchecked = Customer.model_construct(id=1, name="é" * 16, balance=0.0)
    with pytest.raises((RemoteError, CannotEncode)):
        wire.add(unchecked)
    assert wire.list() == []


@every_wire
@pytest.mark.parametrize(
    "fields",
    [
        {"id": 0, "name": "Ada", "balance": 0.0},
        {"id": -1, "name": "Ada", "balance": 0.0},
        {"id": 2**31, "name": "Ada", "balance": 0.0},
        {"id": 1, "name": "Ada", "balance": float("nan")},
        {"id": 1, "name": "Ada", "balance": float("inf")},
        {"id": 1, "name": "\ud800", "balance": 0.0},
    ],
)
def test_what_is_no_customer_is_refused_and_the_server_goes_on(wire: Client, fields: dict[str, Any]) -> None:
    with pytest.raises((RemoteError, CannotEncode)):
        wire.add(Customer.model_construct(**fields))
    assert wire.add(ADA) is True
    assert wire.list() == [ADA]


@every_wire
@pytest.mark.parametrize("id", [2**31, 2**70])
def test_an_id_beyond_32_bits_is_a_wire_error_or_nobody(wire: Client, id: int) -> None:
    with contextlib.suppress(CannotEncode, RemoteError):
        assert wire.get(id) is None


@every_wire
def test_many_clients_at_once_get_their_own_answers(protocol: str) -> None:
    def work(number: int) -> tuple[int, bool]:
        with connect(protocol, address, timeout=20) as client:
            added = [client.add(Customer(id=id, name=f"client {number}", balance=float(id))) for id in range(1, 21)]
            return sum(added), all((got := client.get(id)) is not None and got.balance == id for id in range(1, 21))

    with serve(protocol) as address, concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    assert sum(added for added, _ in results) == 20  # each id was added once, by whoever came first
    assert all(right for _, right in results)


@every_wire
def test_threads_may_share_a_client(protocol: str) -> None:
    store = CustomerStore([Customer(id=id, name=str(id), balance=0.0) for id in range(1, 101)])
    with (
        serve(protocol, store) as address,
        connect(protocol, address, timeout=20) as client,
        concurrent.futures.ThreadPoolExecutor(8) as pool,
    ):
        assert list(pool.map(client.get, range(1, 101))) == store.list()


@every_wire
def test_a_client_connects_again_after_its_server_came_back(protocol: str) -> None:
    store = CustomerStore([ADA])
    server = serve(protocol, store)
    address = server.__enter__()
    with connect(protocol, address) as client:
        assert client.get(1) == ADA
        server.__exit__(None, None, None)
        with pytest.raises(ConnectionLost):
            client.get(1)
        with serve(protocol, store, port=address.port):
            assert eventually(lambda: client.get(1)) == ADA


def eventually(call: Callable[[], T]) -> T:
    """Return what a call gives once it succeeds: gRPC waits a moment before it tries to connect again."""
    end = time.monotonic() + 5
    while True:
        try:
            return call()
        except WireError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@every_wire
def test_a_server_that_is_not_there_is_a_lost_connection(protocol: str) -> None:
    with bind("127.0.0.1", 0) as taken:
        nobody = Address("127.0.0.1", taken.getsockname()[1])
    with connect(protocol, nobody) as client, pytest.raises(ConnectionLost):
        client.get(1)


@every_wire
def test_a_server_that_says_nothing_is_a_timeout_and_not_before_its_time(protocol: str) -> None:
    def say_nothing(connection: socket.socket) -> None:
        while connection.recv(1000):
            pass

    with listening(say_nothing, "127.0.0.1", 0) as address, connect(protocol, address, timeout=0.3) as client:
        began = time.monotonic()
        with pytest.raises(Timeout):
            client.get(1)
        assert time.monotonic() - began >= 0.29  # and not before, however busy the machine is


@pytest.mark.parametrize("protocol", ["socket", "oncrpc"])
def test_a_server_that_drips_does_not_outlast_the_timeout(protocol: str) -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(1000)
        for byte in b"\x00\x00\x00\x64" if protocol == "socket" else b"\x80\x00\x00\x64":
            connection.sendall(bytes([byte]))
        for _ in range(100):
            time.sleep(0.1)
            connection.sendall(b"x")

    # Whoever waits so long for each piece, and not for the whole, gets a hundred bytes that are no answer.
    with (
        listening(drip, "127.0.0.1", 0) as address,
        connect(protocol, address, timeout=0.4) as client,
        pytest.raises(Timeout),
    ):
        client.get(1)


@every_wire
def test_a_store_has_room_for_so_many_customers_and_says_when_it_is_full(protocol: str) -> None:
    store = CustomerStore(Customer(id=id, name="x" * 30, balance=0.1) for id in range(1, MAX_CUSTOMERS + 1))
    with serve(protocol, store) as address, connect(protocol, address, timeout=20) as client:
        assert len(client.list()) == MAX_CUSTOMERS
        with pytest.raises(RemoteError):
            client.add(Customer(id=MAX_CUSTOMERS + 1, name="", balance=0.0))


@every_wire
def test_a_fault_of_the_store_reaches_the_caller_as_a_wire_error(
    protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(id: int) -> NoReturn:
        raise KeyError("a bug")

    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)  # the two bare wires report it on stderr
    store = CustomerStore([ADA])
    monkeypatch.setattr(store, "get", broken)
    with serve(protocol, store) as address, connect(protocol, address) as client:
        with pytest.raises(WireError) as caught:
            client.get(1)
        assert "a bug" not in str(caught.value)
        assert client.list() == [ADA]


@every_wire
def test_nothing_is_left_behind_when_server_and_client_are_gone(protocol: str) -> None:
    with serve(protocol) as address, connect(protocol, address) as client:
        client.add(ADA)  # the libraries keep a few things from their first use on
    threads, files = settled()
    for _ in range(3):
        with serve(protocol) as address, connect(protocol, address) as client, connect(protocol, address) as idle:
            client.add(ADA)
            idle.list()
            socket.create_connection(address).close()
    threads_now, files_now = settled()
    assert threads_now <= threads
    assert files_now <= files


def settled() -> tuple[set[str], int]:
    """Return the threads and the number of open files, once they have not changed for a while.

    gRPC closes its sockets in threads of its own, a moment after it says so.
    """
    seen, since = left(), time.monotonic()
    while time.monotonic() - since < 0.4:
        time.sleep(0.02)
        if left() != seen:
            seen, since = left(), time.monotonic()
    return seen


def left() -> tuple[set[str], int]:
    files = Path("/proc/self/fd")
    return {thread.name for thread in threading.enumerate()}, len(list(files.iterdir())) if files.is_dir() else 0


@every_wire
def test_no_warning_comes_of_a_server_and_a_client(protocol: str, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with serve(protocol) as address, connect(protocol, address) as client:
            client.add(ADA)
            client.get(5)
    assert capfd.readouterr() == ("", "")


@every_wire
def test_it_all_works_where_an_event_loop_runs_as_in_a_notebook(protocol: str) -> None:
    async def cell() -> list[Customer]:
        with serve(protocol) as address, connect(protocol, address) as client:
            client.add(ADA)
            return client.list()

    assert asyncio.run(cell()) == [ADA]


@every_wire
def test_a_port_in_use_is_an_os_error(protocol: str) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), serve(protocol, port=port):
            pass


def test_a_protocol_that_is_none_is_named_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="no protocol 'corba'; there are socket, oncrpc"), serve("corba"):
        pass
