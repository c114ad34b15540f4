"""WebSocket: messages that answer each other by an id, and peers that do not keep to it."""

import json
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as open_websocket
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as serve_websocket

from companion.calls.wire import Address, ConnectionLost, Customer, CustomerStore, MalformedReply, connect, serve
from companion.calls.wire.framed.websocket_wire import answer
from companion.calls.wire.tcp import bind, listening

ADA = Customer(id=1, name="Ada Lovelace", balance=1234.5)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", -32700),
        ('{"id":1,"method":"get","params":{"id":NaN}}', -32700),
        ("\ud800", -32700),
        ("[]", -32600),
        ('{"id":1,"method":"get","params":[1]}', -32600),
        ('{"id":1,"params":{}}', -32600),
        ('{"id":1,"method":"got"}', -32601),
        ('{"id":1,"method":"get"}', -32602),
        ('{"id":1,"method":"get","params":{"id":2}}', 1002),
    ],
)
def test_what_is_no_call_is_answered_by_an_error(message: str, code: int) -> None:
    assert json.loads(answer(CustomerStore([ADA]), message))["error"]["code"] == code


@settings(max_examples=50)
@given(st.text(max_size=20) | json_values.map(json.dumps) | st.binary(max_size=20))
def test_every_message_has_one_answer_with_a_result_or_an_error(message: str | bytes) -> None:
    read = json.loads(answer(CustomerStore(), message))
    assert read.keys() in ({"id", "result"}, {"id", "error"})


def test_many_questions_may_be_on_their_way_at_once() -> None:
    with serve("websocket", CustomerStore([ADA])) as address:
        with open_websocket(f"ws://{address}/", proxy=None) as client:
            for id in ("a", "b"):
                client.send(json.dumps({"id": id, "method": "get", "params": {"id": 1}}))
            told = [json.loads(client.recv(timeout=20)) for _ in range(2)]
        assert [one["id"] for one in told] == ["a", "b"]


def test_a_message_that_is_too_long_ends_the_connection_and_no_other() -> None:
    with serve("websocket", CustomerStore([ADA])) as address, connect("websocket", address, timeout=20) as other:
        with open_websocket(f"ws://{address}/", proxy=None) as client, pytest.raises(ConnectionClosed) as caught:
            client.send("x" * (1 << 20 | 1))
            client.recv(timeout=20)
        assert caught.value.rcvd is not None and caught.value.rcvd.code == 1009
        assert other.get(1) == ADA


def test_a_frame_that_announces_2_to_the_63_is_refused_at_once() -> None:
    with serve("websocket") as address, socket.create_connection(address, timeout=20) as connection:
        lines = ["GET / HTTP/1.1", f"Host: {address}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        told = connection.recv(65_536)
        assert told.startswith(b"HTTP/1.1 101 ")
        connection.sendall(b"\x81\xff" + (2**63 - 1).to_bytes(8, "big") + b"mask")
        while piece := connection.recv(65_536):
            told += piece
        assert b"\x03\xf1" in told  # 1009, too big


@pytest.mark.parametrize("reply", ["{", "[]", '{"id":2,"result":null}', '{"id":1}', '{"id":1,"error":7}', b"\xff"])
def test_an_answer_that_is_none_is_malformed(reply: str | bytes) -> None:
    def handle(connection: ServerConnection) -> None:
        for _ in connection:
            connection.send(reply)

    listener = bind("127.0.0.1", 0)
    with serve_websocket(handle, sock=listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = Address(*listener.getsockname())
            with connect("websocket", address, timeout=20) as client, pytest.raises(MalformedReply):
                client.get(1)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", MalformedReply),
        (b"nonsense\r\n\r\n", MalformedReply),
        (b"", ConnectionLost),
    ],
)
def test_a_peer_that_does_not_open_a_websocket_is_told_apart(says: bytes, error: type[Exception]) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(says)

    with (
        listening(handle, "127.0.0.1", 0) as address,
        connect("websocket", address, timeout=20) as client,
        pytest.raises(error),
    ):
        client.get(1)
