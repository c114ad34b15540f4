"""What every wire promises, on those that joined later."""

import gc
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from companion.calls.wire import (
    Address,
    CannotEncode,
    ConnectionLost,
    Customer,
    CustomerStore,
    MalformedReply,
    RemoteError,
    Timeout,
    connect,
    serve,
)
from companion.calls.wire.customers import Client
from companion.calls.wire.tcp import listening
from companion.proxy import Faults, proxy
from tests.calls.wire import test_contract as contract

LATER = ("soap", "pox", "thrift", "websocket", "mcp")
every_wire = pytest.mark.parametrize("protocol", LATER)


@pytest.fixture
def wire(protocol: str) -> Iterator[Client]:
    with serve(protocol) as address, connect(protocol, address) as client:
        yield client


@every_wire
@pytest.mark.parametrize(
    "promise",
    [
        contract.test_a_customer_that_was_added_can_be_got,
        contract.test_an_id_that_is_taken_is_not_added_again,
        contract.test_all_customers_are_listed_in_the_order_of_their_ids,
        contract.test_a_name_of_31_bytes_is_refused,
    ],
)
def test_a_promise_that_needs_a_client(wire: Client, promise: Callable[[Client], None]) -> None:
    promise(wire)


@every_wire
@pytest.mark.parametrize(
    "promise",
    [
        contract.test_many_clients_at_once_get_their_own_answers,
        contract.test_threads_may_share_a_client,
        contract.test_a_client_connects_again_after_its_server_came_back,
        contract.test_a_server_that_is_not_there_is_a_lost_connection,
        contract.test_a_server_that_says_nothing_is_a_timeout_and_not_before_its_time,
        contract.test_it_all_works_where_an_event_loop_runs_as_in_a_notebook,
        contract.test_a_port_in_use_is_an_os_error,
    ],
)
def test_a_promise_that_begins_with_nothing(protocol: str, promise: Callable[[str], None]) -> None:
    promise(protocol)


@every_wire
def test_nothing_is_left_behind(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def settled() -> tuple[set[str], int]:
        gc.collect()  # the library of WebSocket leaves its selectors to it
        return at_last()

    at_last = contract.settled
    monkeypatch.setattr(contract, "settled", settled)
    contract.test_nothing_is_left_behind_when_server_and_client_are_gone(protocol)


@every_wire
def test_a_store_has_room_for_so_many_and_says_when_it_is_full(protocol: str) -> None:
    contract.test_a_store_has_room_for_so_many_customers_and_says_when_it_is_full(protocol)


@every_wire
def test_no_warning_comes_of_a_server_and_a_client(protocol: str, capfd: pytest.CaptureFixture[str]) -> None:
    contract.test_no_warning_comes_of_a_server_and_a_client(protocol, capfd)


@every_wire
def test_a_fault_of_the_store_reaches_the_caller(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    contract.test_a_fault_of_the_store_reaches_the_caller_as_a_wire_error(protocol, monkeypatch)


@every_wire
@pytest.mark.parametrize("kept", [1, 30])
def test_an_answer_that_is_cut_off_is_a_lost_connection_and_the_call_was_made(protocol: str, kept: int) -> None:
    store = CustomerStore()
    with (
        serve(protocol, store) as address,
        proxy(address) as between,
        connect(protocol, Address(*between.address), timeout=20) as client,
    ):
        client.list()
        between.faults = Faults(cut_after=kept)
        with pytest.raises((ConnectionLost, MalformedReply)):
            client.add(contract.ADA)
            client.list()  # where the answer to the first is shorter than what is kept
        assert store.list() == [contract.ADA]
        between.faults = Faults()
        assert contract.eventually(lambda: client.get(1)) == contract.ADA


def test_a_server_that_drips_does_not_outlast_the_timeout() -> None:
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"\x80\x01\x00\x02\x00\x00\x00\x64")
        while not gone.wait(0.05):
            connection.sendall(b"x")

    with listening(drip, "127.0.0.1", 0) as address, connect("thrift", address, timeout=0.4) as client:
        with pytest.raises(Timeout):
            client.get(1)
        gone.set()


@every_wire
def test_whoever_is_not_there_is_none(wire: Client) -> None:
    wire.add(contract.ADA)
    assert [wire.get(id) for id in (2, 0, -1, 2**31 - 1, -(2**31))] == [None] * 5
    for id in (2**31, 2**70):
        contract.test_an_id_beyond_32_bits_is_a_wire_error_or_nobody(wire, id)


# Of the control characters XML 1.0 has these two, and no other.
NAMES = ("", "Jörg Müller", "李雷", "🐘" * 7, "x" * 30, "é" * 15, 'quo"te\\', "<&]]>", "new\nline\ttab", "‮")
BALANCES = (0.0, -0.0, 0.5, -1.25, 2.0**100, 2.0**-100, 0.1, 1e308)


@every_wire
def test_names_and_balances_arrive_as_they_were_sent(wire: Client) -> None:
    sent = [Customer(id=id, name=name, balance=0.0) for id, name in enumerate(NAMES, start=1)]
    sent += [Customer(id=2**31 - id, name="Ada", balance=balance) for id, balance in enumerate(BALANCES, start=1)]
    for customer in sent:
        wire.add(customer)
        assert repr(wire.get(customer.id)) == repr(customer)


@every_wire
def test_what_is_no_customer_is_refused_and_the_server_goes_on(wire: Client) -> None:
    for wrong in ({"id": 0}, {"id": 2**31}, {"balance": float("nan")}, {"balance": float("inf")}, {"name": "\ud800"}):
        with pytest.raises((RemoteError, CannotEncode)):
            wire.add(contract.ADA.model_copy(update=wrong))
    assert wire.add(contract.ADA) is True
    assert wire.list() == [contract.ADA]
