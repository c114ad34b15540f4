"""Thrift over TCP: what goes over the wire, and who refuses what."""

import socket
from collections.abc import Iterator

import pytest
from thriftpy2.protocol import binary
from thriftpy2.thrift import TApplicationException

from companion.calls.wire import Customer, CustomerStore, MalformedReply, RemoteError, WireError, connect, serve
from companion.calls.wire.customers import CannotEncode, Client
from companion.calls.wire.framed.thrift_wire import CODECS, Memory, interface
from companion.calls.wire.tcp import listening, receiver

ADA = Customer(id=1, name="Ada Lovelace", balance=1234.5)
GET = b"\x80\x01\x00\x01\x00\x00\x00\x03get\x00\x00\x00\x00\x08\x00\x01\x00\x00\x00\x01\x00"


@pytest.fixture
def raw() -> Iterator[socket.socket]:
    with serve("thrift", CustomerStore([ADA])) as address, socket.create_connection(address, timeout=20) as connection:
        yield connection


@pytest.mark.parametrize("codec", CODECS)
def test_each_way_of_writing_carries_every_call(codec: str) -> None:
    with serve("thrift", codec=codec) as address, connect("thrift", address, timeout=20, codec=codec) as client:
        assert (client.add(ADA), client.add(ADA), client.get(1), client.get(2)) == (True, False, ADA, None)
        assert client.list() == [ADA]
        with pytest.raises(RemoteError, match="Refused: id: "):
            client.add(ADA.model_copy(update={"id": 0}))


def test_two_ways_of_writing_do_not_understand_each_other() -> None:
    with serve("thrift", codec="compact") as address, connect("thrift", address, timeout=20) as client:
        with pytest.raises(WireError):
            client.get(1)
        with connect("thrift", address, timeout=20, codec="compact") as right:
            assert right.get(1) is None


def answer_to(raw: socket.socket, request: bytes) -> TApplicationException:
    raw.sendall(request)
    reply = Memory(raw.recv(65_536))
    protocol: object = binary.TBinaryProtocol(reply)  # type: ignore[no-untyped-call]
    fault = TApplicationException()
    protocol.read_message_begin()  # type: ignore[attr-defined]
    fault.read(protocol)  # type: ignore[arg-type]
    return fault


def test_a_method_that_there_is_not_is_refused_and_the_connection_goes_on(raw: socket.socket) -> None:
    assert answer_to(raw, GET.replace(b"get", b"got")).type == TApplicationException.UNKNOWN_METHOD
    raw.sendall(GET)
    assert b"Ada Lovelace" in raw.recv(65_536)


def test_a_field_that_did_not_come_is_none_and_our_server_refuses_it(raw: socket.socket) -> None:
    without_id = GET.replace(b"get", b"add")[:15] + b"\x0c\x00\x01\x0b\x00\x02\x00\x00\x00\x01x\x00\x00"
    raw.sendall(without_id)
    reply = raw.recv(65_536)
    assert reply[3] == 2 and b"id: Input should be a valid integer" in reply  # a reply, with the exception in it


def test_a_name_that_is_no_text_is_a_protocol_error(raw: socket.socket) -> None:
    bad = GET.replace(b"get", b"add")[:15] + b"\x0c\x00\x01\x0b\x00\x02\x00\x00\x00\x01\xff\x00\x00"
    assert answer_to(raw, bad).type == TApplicationException.PROTOCOL_ERROR


def test_what_is_no_message_is_said_so_and_the_connection_ends(raw: socket.socket) -> None:
    fault = answer_to(raw, b"GET / HTTP/1.1\r\n\r\n")
    assert (fault.type, fault.message) == (
        TApplicationException.PROTOCOL_ERROR,
        "no message of Thrift's binary protocol, version 1",
    )
    assert raw.recv(1) == b""


def reply(name: bytes, kind: int, fields: bytes) -> bytes:
    return b"\x80\x01\x00" + bytes([kind]) + len(name).to_bytes(4, "big") + name + bytes(4) + fields


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage, and more of it than a head",
        reply(b"got", 2, b"\x0c\x00\x00\x08\x00\x01\x00\x00\x00\x01\x00\x00"),
        reply(b"get", 1, b"\x00"),
        reply(b"get", 2, b"\x0c\x00\x00\x08\x00\x01\x00\x00\x00\x01\x00\x00"),
        reply(b"get", 2, b"\x0f\x00\x63\x00\x7f\xff\xff\xff"),
        reply(b"\xff\xfe", 2, b"\x00"),
    ],
)
def test_an_answer_that_is_none_is_malformed(answer: bytes) -> None:
    def say(connection: socket.socket) -> None:
        receiver(connection, 20)(len(GET))
        connection.sendall(answer)
        connection.recv(1)

    with (
        listening(say, "127.0.0.1", 0) as address,
        connect("thrift", address, timeout=20) as client,
        pytest.raises(MalformedReply),
    ):
        client.get(1)


def test_no_result_and_a_fault_of_the_server_are_remote_errors() -> None:
    answers = [reply(b"get", 2, b"\x00"), reply(b"get", 3, b"\x08\x00\x02\x00\x00\x00\x06\x00")]

    def say(connection: socket.socket) -> None:
        receiver(connection, 20)(len(GET))
        connection.sendall(answers.pop(0))
        connection.recv(1)

    for code in ("MISSING_RESULT", "INTERNAL_ERROR"):
        with listening(say, "127.0.0.1", 0) as address, connect("thrift", address, timeout=20) as client:
            with pytest.raises(RemoteError) as caught:
                client.get(1)
            assert caught.value.code == code


@pytest.mark.parametrize("codec", ["binary", "compact"])
def test_an_id_beyond_32_bits_is_not_sent(codec: str) -> None:
    def call(client: Client) -> None:
        client.add(ADA.model_copy(update={"id": 2**31}))

    with serve("thrift", codec=codec) as address, connect("thrift", address, timeout=20, codec=codec) as client:
        for send in (call, lambda client: client.get(2**31)):
            with pytest.raises(CannotEncode):
                send(client)


def test_the_interface_is_read_once() -> None:
    assert interface() is interface()
    assert interface().Customers.thrift_services == ["add", "get", "list_all"]
