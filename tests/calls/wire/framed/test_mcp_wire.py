"""MCP over HTTP: how a failure looks, and peers that answer something else."""

import json
import socket
from typing import Any

import httpx
import pytest

from companion.calls.wire import Customer, CustomerStore, MalformedReply, RemoteError, WireError, connect, serve
from companion.calls.wire.framed.mcp_wire import EARLIER, PATH, TODAY, call_message, headers_of, message_of, text_of
from companion.calls.wire.tcp import listening
from companion.calls.wire.web import Answer

ADA = Customer(id=1, name="Ada Lovelace", balance=1234.5)


class Broken(CustomerStore):
    def get(self, id: int) -> Customer | None:
        raise KeyError("the reason")


def called(store: CustomerStore, tool: str, arguments: dict[str, Any], version: str = TODAY) -> httpx.Response:
    call = call_message(1, tool, arguments, version)
    with serve("mcp", store) as address, httpx.Client(trust_env=False, timeout=20) as web:
        return web.post(f"http://{address}{PATH}", json=call, headers=headers_of(call, version))


def test_a_failure_that_was_foreseen_is_a_200_with_its_reason_and_a_bug_without() -> None:
    foreseen, bug = called(CustomerStore(), "get", {"id": 99}), called(Broken(), "get", {"id": 99})
    assert (foreseen.status_code, bug.status_code) == (200, 200)
    said, kept = (text_of(answer.json()["result"]) for answer in (foreseen, bug))
    assert said == "Error executing tool get: absent: there is no customer 99"
    assert kept == "Error executing tool get"


def test_the_earlier_generation_is_answered_by_an_event() -> None:
    answer = called(CustomerStore([ADA]), "get", {"id": 1}, EARLIER)
    assert answer.headers["content-type"] == "text/event-stream"
    message = message_of(Answer(200, answer.headers, answer.content))
    assert message["result"]["structuredContent"] == ADA.model_dump()


def test_a_tool_that_there_is_not_and_an_argument_that_is_none_are_failures() -> None:
    for tool, arguments in (("got", {}), ("get", {"id": "seven"}), ("get", {})):
        answer = called(CustomerStore(), tool, arguments)
        body = answer.json()
        assert "error" in body or body["result"]["isError"], (tool, arguments)


def test_a_body_that_is_too_long_is_refused_before_it_has_come() -> None:
    with serve("mcp") as address, socket.create_connection(address, timeout=20) as connection:
        head = f"POST {PATH} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
        head += f"Accept: application/json, text/event-stream\r\nMcp-Protocol-Version: {TODAY}\r\n"
        connection.sendall(f"{head}Content-Length: 4294967295\r\n\r\n{{".encode())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 413 ")


def reply(**message: Any) -> tuple[int, bytes]:
    return 200, json.dumps({"jsonrpc": "2.0", "id": 1} | message).encode()


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ((200, b"{"), MalformedReply),
        ((200, b"[]"), MalformedReply),
        (reply(id=2, result={}), MalformedReply),
        (reply(result=7), MalformedReply),
        (reply(result={}, error={}), MalformedReply),
        (reply(error=7), MalformedReply),
        (reply(result={"structuredContent": {"id": 1}}), MalformedReply),
        (reply(result={"isError": True, "content": 7}), RemoteError),
        (reply(error={"code": -32601, "message": "no"}), RemoteError),
        ((503, b"busy"), RemoteError),
        ((404, b"{}"), RemoteError),
    ],
)
def test_an_answer_that_is_none_is_a_wire_error(told: tuple[int, bytes], error: type[WireError]) -> None:
    status, body = told

    def say(connection: socket.socket) -> None:
        asked = b""
        while b"_meta" not in asked:  # the head and the body may come apart
            asked += connection.recv(65_536)
        connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    with (
        listening(say, "127.0.0.1", 0) as address,
        connect("mcp", address, timeout=20) as client,
        pytest.raises(error),
    ):
        client.get(1)


def test_an_event_stream_without_an_event_is_malformed() -> None:
    with pytest.raises(MalformedReply):
        message_of(Answer(200, {"content-type": "text/event-stream"}, b": a comment\n\n"))
