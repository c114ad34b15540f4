"""ONC RPC as RFC 5531 has it, in bytes."""

import re
import socket
from pathlib import Path

import pytest

from companion.calls.wire import Customer, CustomerStore, RemoteError, oncrpc, serve
from companion.calls.wire.oncrpc import OncRpcClient, call_message
from companion.calls.wire.record_marking import encode_record, read_record
from companion.calls.wire.tcp import receiver
from companion.calls.wire.xdr import pack_float, pack_int, pack_string, pack_uint

ADA = Customer(id=1, name="Ada", balance=1.5)
ADA_BYTES = bytes.fromhex("00000001 00000003 41646100 3fc00000")


def words(*values):
    return b"".join(map(pack_uint, values))


def answer(message, store=None):
    return oncrpc.answer(store or CustomerStore([ADA]), message)


ACCEPTED = words(1, 1, 0, 0, 0)  # xid 1, reply, accepted, an empty verifier


def test_the_call_of_the_article_is_these_bytes():
    message = call_message(1, 1, oncrpc.ADD_CUSTOMER, oncrpc.pack_customer(ADA))
    assert message == words(1, 0, 2, 0x20000001, 1, 1, 0, 0, 0, 0) + ADA_BYTES


def test_add_customer_returns_1_and_for_an_id_that_exists_0():
    store = CustomerStore()
    call = call_message(1, 1, oncrpc.ADD_CUSTOMER, ADA_BYTES)
    assert answer(call, store) == ACCEPTED + words(0, 1)
    assert answer(call, store) == ACCEPTED + words(0, 0)


def test_get_customer_of_an_unknown_id_is_a_customer_with_the_number_0():
    assert answer(call_message(1, 1, oncrpc.GET_CUSTOMER, pack_int(1))) == ACCEPTED + words(0) + ADA_BYTES
    assert answer(call_message(1, 1, oncrpc.GET_CUSTOMER, pack_int(9))) == ACCEPTED + words(0) + bytes(12)


@pytest.mark.parametrize("version", [1, 2])
def test_procedure_0_does_nothing_in_every_version(version):
    assert answer(call_message(1, version, 0)) == ACCEPTED + words(0)


def test_list_customers_belongs_to_version_2_alone():
    assert answer(call_message(1, 2, 3)) == ACCEPTED + words(0, 1) + ADA_BYTES
    assert answer(call_message(1, 1, 3)) == ACCEPTED + words(oncrpc.PROC_UNAVAIL)


@pytest.mark.parametrize("version", [0, 3, 2**32 - 1])
def test_a_version_that_is_not_served_is_told_which_are(version):
    assert answer(call_message(1, version, 0)) == ACCEPTED + words(oncrpc.PROG_MISMATCH, 1, 2)


def test_another_program_is_not_available():
    assert answer(call_message(1, 1, 0, program=0x20000002)) == ACCEPTED + words(oncrpc.PROG_UNAVAIL)


@pytest.mark.parametrize("procedure", [4, 2**32 - 1])
def test_an_unknown_procedure_is_not_available(procedure):
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
def test_arguments_that_do_not_decode_are_garbage(procedure, arguments):
    store = CustomerStore()
    assert answer(call_message(1, 2, procedure, arguments), store) == ACCEPTED + words(oncrpc.GARBAGE_ARGS)
    assert store.list() == []


def test_another_version_of_rpc_is_denied():
    assert answer(words(1, 0, 3)) == words(1, 1, 1, oncrpc.RPC_MISMATCH, 2, 2)


@pytest.mark.parametrize("size", [0, 20, 400])
def test_a_unix_credential_is_accepted_and_ignored(size):
    head = words(1, 0, 2, 0x20000001, 1, 0, oncrpc.AUTH_SYS, size) + bytes(size) + words(0, 0)
    assert answer(head) == ACCEPTED + words(0)


def test_a_credential_of_more_than_400_bytes_is_denied():
    head = words(1, 0, 2, 0x20000001, 1, 0, oncrpc.AUTH_SYS, 404) + bytes(404) + words(0, 0)
    assert answer(head) == words(1, 1, 1, oncrpc.AUTH_ERROR, oncrpc.AUTH_BADCRED)


def test_a_credential_of_an_unknown_kind_is_denied():
    head = words(1, 0, 2, 0x20000001, 1, 0, 6, 0, 0, 0)
    assert answer(head) == words(1, 1, 1, oncrpc.AUTH_ERROR, oncrpc.AUTH_REJECTEDCRED)


def test_a_balance_that_single_precision_cannot_hold_is_a_fault_of_the_server_not_of_the_caller():
    store = CustomerStore([Customer(id=1, name="Rich", balance=1e39)])
    assert answer(call_message(1, 1, 2, pack_int(1)), store) == ACCEPTED + words(oncrpc.SYSTEM_ERR)


def test_calls_may_come_in_fragments_and_several_at_once():
    calls = b"".join(encode_record(call_message(xid, 1, 2, pack_int(1)), fragment_size=7) for xid in (1, 2, 3))
    with serve("oncrpc", CustomerStore([ADA])) as address, socket.create_connection(address, timeout=2) as connection:
        connection.sendall(calls)
        read = receiver(connection, 2)
        assert [read_record(read)[:4] for _ in range(3)] == [words(1), words(2), words(3)]


def test_what_is_no_call_ends_the_connection():
    reply = words(1, 1, 0, 0, 0, 0)
    with serve("oncrpc") as address, socket.create_connection(address, timeout=2) as connection:
        connection.sendall(encode_record(reply))
        assert connection.recv(100) == b""


def test_a_client_of_version_1_works_and_cannot_list():
    with serve("oncrpc") as address:
        client = OncRpcClient(address, version=1)
        client.null()
        assert client.add(ADA)
        assert client.get(1) == ADA
        with pytest.raises(RemoteError) as caught:
            client.list()
        assert caught.value.code == "PROC_UNAVAIL"
        client.close()


def test_a_client_of_version_3_is_told_which_versions_there_are():
    with serve("oncrpc") as address:
        client = OncRpcClient(address, version=3)
        with pytest.raises(RemoteError, match="PROG_MISMATCH: versions 1 to 2 are served"):
            client.null()
        client.close()


def test_the_description_and_the_code_agree():
    text = (Path(oncrpc.__file__).parent / "types.x").read_text()
    assert int(re.search(r"} = (0x[0-9a-f]+);", text)[1], 16) == oncrpc.PROGRAM
    versions = {
        int(number): tuple(int(procedure) for procedure in re.findall(r"\) = (\d+);", body))
        for body, number in re.findall(r"version \w+ \{(.*?)\} = (\d+);", text, re.S)
    }
    assert {version: (0, *procedures) for version, procedures in versions.items()} == oncrpc.PROCEDURES
    assert re.search(r"string name<(\d+)>", text)[1] == str(oncrpc.MAX_NAME_BYTES)
    assert re.search(r"customer customer_list<(\d+)>", text)[1] == str(oncrpc.MAX_CUSTOMERS)
