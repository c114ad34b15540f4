"""ONC RPC as RFC 5531 has it, in bytes."""

import contextlib
import re
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire import Customer, CustomerStore, RemoteError, oncrpc, serve
from companion.calls.wire.customers import MAX_CUSTOMERS, MAX_NAME_BYTES, MalformedReply
from companion.calls.wire.oncrpc import OncRpcClient, call_message
from companion.calls.wire.record_marking import encode_record, read_record
from companion.calls.wire.tcp import receiver
from companion.calls.wire.xdr import Reader, XdrError, pack_array, pack_float, pack_int, pack_string, pack_uint

ADA = Customer(id=1, name="Ada", balance=1.5)
ADA_BYTES = bytes.fromhex("00000001 00000003 41646100 3fc00000")


def words(*values: int) -> bytes:
    return b"".join(map(pack_uint, values))


def answer(message: bytes, store: CustomerStore | None = None) -> bytes:
    return oncrpc.answer(store or CustomerStore([ADA]), message)


ACCEPTED = words(1, 1, 0, 0, 0)  # xid 1, reply, accepted, an empty verifier


def test_the_call_of_the_article_is_these_bytes() -> None:
    message = call_message(1, 1, oncrpc.ADD_CUSTOMER, oncrpc.pack_customer(ADA))
    assert message == words(1, 0, 2, 0x20000001, 1, 1, 0, 0, 0, 0) + ADA_BYTES


def test_add_customer_returns_1_and_for_an_id_that_exists_0() -> None:
    store = CustomerStore()
    call = call_message(1, 1, oncrpc.ADD_CUSTOMER, ADA_BYTES)
    assert answer(call, store) == ACCEPTED + words(0, 1)
    assert answer(call, store) == ACCEPTED + words(0, 0)


def test_get_customer_of_an_unknown_id_is_a_customer_with_the_number_0() -> None:
    assert answer(call_message(1, 1, oncrpc.GET_CUSTOMER, pack_int(1))) == ACCEPTED + words(0) + ADA_BYTES
    assert answer(call_message(1, 1, oncrpc.GET_CUSTOMER, pack_int(9))) == ACCEPTED + words(0) + bytes(12)


@pytest.mark.parametrize("version", [1, 2])
def test_procedure_0_does_nothing_in_every_version(version: int) -> None:
    assert answer(call_message(1, version, 0)) == ACCEPTED + words(0)


def test_list_customers_belongs_to_version_2_alone() -> None:
    assert answer(call_message(1, 2, 3)) == ACCEPTED + words(0, 1) + ADA_BYTES
    assert answer(call_message(1, 1, 3)) == ACCEPTED + words(oncrpc.PROC_UNAVAIL)


@pytest.mark.parametrize("version", [0, 3, 2**32 - 1])
def test_a_version_that_is_not_served_is_told_which_are(version: int) -> None:
    assert answer(call_message(1, version, 0)) == ACCEPTED + words(oncrpc.PROG_MISMATCH, 1, 2)


def test_another_program_is_not_available() -> None:
    assert answer(call_message(1, 1, 0, program=0x20000002)) == ACCEPTED + words(oncrpc.PROG_UNAVAIL)


@pytest.mark.parametrize("procedure", [4, 2**32 - 1])
def test_an_unknown_procedure_is_not_available(procedure: int) -> None:
    assert answer(call_message(1, 2, procedure)) == ACCEPTED + words(oncrpc.PROC_UNAVAIL)


@pytest.mark.parametrize(
    ("procedure", "arguments"),
    [
        (1, b""),
        (1, ADA_BYTES[:-1]),
        (1, ADA_BYTES + bytes(4)),
        (1, pack_int(1) + words(31) + bytes(32) + bytes(4)),
        (1, pack_int(1) + words(0xFFFFFFFF)),
        (1, pack_int(1) + words(3) + b"Ada\x01" + bytes(4)),
        (1, pack_int(1) + words(1) + b"\xff\0\0\0" + bytes(4)),
        (1, pack_int(0) + pack_string("", 30) + pack_float(0.0)),
        (1, pack_int(-5) + pack_string("", 30) + pack_float(0.0)),
        (1, pack_int(1) + pack_string("", 30) + bytes.fromhex("7fc00000")),
        (2, b""),
        (2, bytes(8)),
        (3, bytes(4)),
        (0, bytes(4)),
    ],
)
def test_arguments_that_do_not_decode_are_garbage(procedure: int, arguments: bytes) -> None:
    store = CustomerStore()
    assert answer(call_message(1, 2, procedure, arguments), store) == ACCEPTED + words(oncrpc.GARBAGE_ARGS)
    assert store.list() == []


def test_another_version_of_rpc_is_denied() -> None:
    assert answer(words(1, 0, 3)) == words(1, 1, 1, oncrpc.RPC_MISMATCH, 2, 2)


@pytest.mark.parametrize("size", [0, 20, 400])
def test_a_unix_credential_is_accepted_and_ignored(size: int) -> None:
    head = words(1, 0, 2, 0x20000001, 1, 0, oncrpc.AUTH_SYS, size) + bytes(size) + words(0, 0)
    assert answer(head) == ACCEPTED + words(0)


def test_a_credential_of_more_than_400_bytes_is_denied() -> None:
    head = words(1, 0, 2, 0x20000001, 1, 0, oncrpc.AUTH_SYS, 404) + bytes(404) + words(0, 0)
    assert answer(head) == words(1, 1, 1, oncrpc.AUTH_ERROR, oncrpc.AUTH_BADCRED)


def test_a_credential_of_an_unknown_kind_is_denied() -> None:
    head = words(1, 0, 2, 0x20000001, 1, 0, 6, 0, 0, 0)
    assert answer(head) == words(1, 1, 1, oncrpc.AUTH_ERROR, oncrpc.AUTH_REJECTEDCRED)


def test_a_balance_that_single_precision_cannot_hold_is_a_fault_of_the_server_not_of_the_caller() -> None:
    store = CustomerStore([Customer(id=1, name="Rich", balance=1e39)])
    assert answer(call_message(1, 1, 2, pack_int(1)), store) == ACCEPTED + words(oncrpc.SYSTEM_ERR)


def test_calls_may_come_in_fragments_and_several_at_once() -> None:
    calls = b"".join(encode_record(call_message(xid, 1, 2, pack_int(1)), fragment_size=7) for xid in (1, 2, 3))
    with serve("oncrpc", CustomerStore([ADA])) as address, socket.create_connection(address, timeout=2) as connection:
        connection.sendall(calls)
        read = receiver(connection, 2)
        assert [read_record(read)[:4] for _ in range(3)] == [words(1), words(2), words(3)]


def test_what_is_no_call_ends_the_connection() -> None:
    reply = words(1, 1, 0, 0, 0, 0)
    with serve("oncrpc") as address, socket.create_connection(address, timeout=2) as connection:
        connection.sendall(encode_record(reply))
        assert connection.recv(100) == b""


def test_a_client_of_version_1_works_and_cannot_list() -> None:
    with serve("oncrpc") as address:
        client = OncRpcClient(address, version=1)
        client.null()
        assert client.add(ADA)
        assert client.get(1) == ADA
        with pytest.raises(RemoteError) as caught:
            client.list()
        assert caught.value.code == "PROC_UNAVAIL"
        client.close()


def test_a_client_of_version_3_is_told_which_versions_there_are() -> None:
    with serve("oncrpc") as address:
        client = OncRpcClient(address, version=3)
        with pytest.raises(RemoteError, match="PROG_MISMATCH: versions 1 to 2 are served"):
            client.null()
        client.close()


def test_the_description_and_the_code_agree() -> None:
    text = (Path(oncrpc.__file__).parent / "types.x").read_text()
    (program,) = re.findall(r"} = (0x[0-9a-f]+);", text)
    assert int(program, 16) == oncrpc.PROGRAM
    versions = {
        int(number): tuple(int(procedure) for procedure in re.findall(r"\) = (\d+);", body))
        for body, number in re.findall(r"version \w+ \{(.*?)\} = (\d+);", text, re.S)
    }
    assert {version: (0, *procedures) for version, procedures in versions.items()} == oncrpc.PROCEDURES
    assert re.findall(r"string name<(\d+)>", text) == [str(MAX_NAME_BYTES)]
    assert re.findall(r"customer customer_list<(\d+)>", text) == [str(MAX_CUSTOMERS)]


NAMES = st.text(st.characters(codec="utf-8"), max_size=30).filter(lambda name: len(name.encode()) <= 30)


FLOAT_CUSTOMERS = st.builds(
    Customer,
    id=st.integers(1, 2**31 - 1),
    name=NAMES,
    balance=st.floats(width=32, allow_nan=False, allow_infinity=False),
)


@given(st.lists(FLOAT_CUSTOMERS, max_size=5))
def test_customers_survive_xdr_when_their_balance_fits_single_precision(customers: list[Customer]) -> None:
    reader = Reader(pack_array(customers, oncrpc.pack_customer, MAX_CUSTOMERS))
    assert reader.take_array(lambda: oncrpc.take_real_customer(reader), MAX_CUSTOMERS) == customers
    reader.expect_end()


@given(st.binary(max_size=100))
def test_any_bytes_of_a_record_are_answered_or_an_xdr_error(message: bytes) -> None:
    try:
        reply = oncrpc.answer(CustomerStore(), message)
    except XdrError:
        return
    assert reply[:4] == message[:4]


@given(st.integers(0, 5), st.integers(0, 5), st.binary(max_size=60))
def test_any_arguments_of_a_call_are_answered(version: int, procedure: int, arguments: bytes) -> None:
    reply = oncrpc.answer(CustomerStore(), oncrpc.call_message(7, version, procedure, arguments))
    assert reply[:4] == pack_uint(7)


@given(st.binary(max_size=100))
def test_any_reply_is_a_result_or_a_wire_error(reply: bytes) -> None:
    with contextlib.suppress(MalformedReply, RemoteError):
        oncrpc.result_of(reply, int.from_bytes(reply[:4], "big"))


def test_a_call_cut_short_at_any_byte_changes_nothing_and_raises_only_an_xdr_error() -> None:
    customer = Customer(id=7, name="Grace", balance=2.5)
    message = oncrpc.call_message(1, 1, oncrpc.ADD_CUSTOMER, oncrpc.pack_customer(customer))
    store = CustomerStore()
    for size in range(len(message)):
        try:
            reply = oncrpc.answer(store, message[:size])
            assert reply[-4:] != pack_uint(1) or reply[8:12] == pack_uint(oncrpc.DENIED)
        except XdrError:
            pass
    assert store.list() == []


def test_a_customer_with_a_name_of_31_bytes_is_garbage_to_the_rpc_server() -> None:
    arguments = pack_uint(1) + pack_string("x" * 31, 31) + bytes(4)
    reply = oncrpc.answer(CustomerStore(), oncrpc.call_message(1, 1, oncrpc.ADD_CUSTOMER, arguments))
    assert reply[-4:] == pack_uint(oncrpc.GARBAGE_ARGS)
