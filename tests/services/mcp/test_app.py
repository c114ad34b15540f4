"""What stands before the tools of a server on HTTP: nothing is held open, whoever is on the other side."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp.server.mcpserver import MCPServer
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from companion.services.mcp.app import BODY_SECONDS, MAX_BODY, Bounds, http_app
from companion.services.mcp.conversation import EARLIER, TODAY, call, headers, post, request
from companion.services.serving import Address, running

ADD = request("tools/call", name="add", arguments={"a": 1, "b": 1})
GENERATIONS = (EARLIER, TODAY)


def adder() -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("adder", log_level="CRITICAL")

    @server.tool()
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    return server


@pytest.fixture(scope="module")
def served() -> Iterator[Address]:
    with running(http_app(adder(), ["books.example", "tools.example:*"], body_seconds=0.5, max_body=2000)) as address:
        yield address


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


def sent(address: Address, *pieces: bytes) -> bytes:
    """Send bytes, and give what comes back until the server hangs up, also on what it has not read."""
    found = b""
    with socket.create_connection(address, timeout=60) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                found += piece
    return found


def lives(web: httpx.Client, address: Address) -> bool:
    return post(web, f"http://{address}/mcp", ADD).words == "2"


@pytest.mark.parametrize("version", GENERATIONS)
def test_a_call_is_answered_in_both_generations(web: httpx.Client, served: Address, version: str) -> None:
    one = request("tools/call", version=version, name="add", arguments={"a": 1, "b": 1})
    answer = post(web, f"http://{served}/mcp", one, headers(one, version))
    assert (answer.status, answer.words) == (200, "2") and "mcp-session-id" not in answer.headers


# Names


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost:80", "[::1]:8000", "books.example", "tools.example:1"])
@pytest.mark.parametrize("version", GENERATIONS)
def test_a_name_of_its_own_is_let_in(web: httpx.Client, served: Address, host: str, version: str) -> None:
    one = request("tools/call", version=version, name="add", arguments={"a": 1, "b": 1})
    origins = [{}, {"origin": f"http://{host}"}, {"origin": f"https://{host}"}]
    for origin in origins:
        assert post(web, f"http://{served}/mcp", one, headers(one, version) | {"host": host} | origin).status == 200


@pytest.mark.parametrize(
    "host",
    ["rebound.example", "books.example:8000", "tools.example", "127.0.0.1.rebound.example:80", "127.0.0.2:80", "books"],
)
@pytest.mark.parametrize("version", GENERATIONS)
def test_another_name_is_refused(web: httpx.Client, served: Address, host: str, version: str) -> None:
    one = request("tools/call", version=version, name="add", arguments={"a": 1, "b": 1})
    said = headers(one, version)
    assert post(web, f"http://{served}/mcp", one, said | {"host": host}).status == 421
    assert post(web, f"http://{served}/mcp", one, said | {"origin": f"http://{host}"}).status == 403


def test_a_page_without_an_origin_of_its_own_is_refused(web: httpx.Client, served: Address) -> None:
    assert post(web, f"http://{served}/mcp", ADD, headers(ADD) | {"origin": "null"}).status == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_page_can_send_without_asking_first_is_refused(web: httpx.Client, served: Address, kind: str) -> None:
    assert post(web, f"http://{served}/mcp", ADD, headers(ADD) | {"content-type": kind}).status == 400


# What would be held open


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "FOO"])
def test_only_a_post_reaches_the_tools(web: httpx.Client, served: Address, method: str) -> None:
    for said in ({}, {"mcp-protocol-version": EARLIER}, {"mcp-protocol-version": TODAY}):
        answer = web.request(method, f"http://{served}/mcp", headers={"accept": "text/event-stream"} | said)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/", "/mcp2", "/mcp/x", "//mcp", "/%6dcp/.."])
def test_nothing_lies_beside_the_tools(served: Address, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: {served}\r\nConnection: close\r\n\r\n"
    assert sent(served, head.encode()).split(b" ")[1] == b"404"


def test_a_path_is_the_same_however_it_is_spelt(served: Address) -> None:
    for path in ("/%6dcp", "/mcp?x=y"):
        head = f"GET {path} HTTP/1.1\r\nHost: {served}\r\nConnection: close\r\n\r\n"
        assert sent(served, head.encode()).split(b" ")[1] == b"405"


def test_nobody_listens_for_news(web: httpx.Client, served: Address) -> None:
    listen = request("subscriptions/listen", notifications={"toolsListChanged": True})
    answer = post(web, f"http://{served}/mcp", listen)
    assert (answer.status, answer.words) == (404, "-32601 this server has no news to listen for")


def test_an_app_made_again_refuses_as_before() -> None:
    server = adder()
    before = len(server.middleware)
    apps = [http_app(server) for _ in range(3)]
    assert len(server.middleware) == before + 1
    with running(apps[0]) as one, running(apps[2]) as other, httpx.Client(trust_env=False, timeout=60) as web:
        assert lives(web, one) and lives(web, other)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # see test_serving
def test_an_app_is_run_once() -> None:
    app = http_app(adder())
    with running(app) as address, httpx.Client(trust_env=False, timeout=60) as web:
        assert lives(web, address)
    with pytest.raises(RuntimeError, match="did not start"), running(app):
        pytest.fail("the SDK begins a server once")


# Bodies


def head(address: Address, length: int | str, *more: str) -> bytes:
    lines = [f"POST /mcp HTTP/1.1\r\nHost: {address}", *(f"{key}: {value}" for key, value in headers(ADD).items())]
    lines += [f"Content-Length: {length}"] if length != "" else []
    return ("\r\n".join([*lines, *more]) + "\r\n\r\n").encode()


@pytest.mark.parametrize("body", [b"", b"{", json.dumps(ADD).encode()[:-1]], ids=["nothing", "a brace", "all but one"])
def test_a_body_that_does_not_end_is_answered(web: httpx.Client, served: Address, body: bytes) -> None:
    assert sent(served, head(served, len(json.dumps(ADD))), body).startswith(b"HTTP/1.1 408")
    assert lives(web, served)


def test_a_body_that_comes_drop_by_drop_has_no_more_time_than_another(web: httpx.Client, served: Address) -> None:
    began = time.monotonic()
    with socket.create_connection(served, timeout=60) as slow:
        slow.sendall(head(served, "", "Transfer-Encoding: chunked"))
        slow.settimeout(0.02)
        said = b""
        while not said:
            slow.sendall(b"1\r\n \r\n")
            try:
                said = slow.recv(1000)
            except TimeoutError:
                assert time.monotonic() - began < 60
    assert said.startswith(b"HTTP/1.1 408")
    assert lives(web, served)


def test_many_bodies_that_do_not_end_hold_nobody_up(web: httpx.Client, served: Address) -> None:
    slow = [socket.create_connection(served, timeout=60) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(head(served, 100) + b"{")
        assert lives(web, served)
        assert {connection.recv(12) for connection in slow} == {b"HTTP/1.1 408"}
    finally:
        for connection in slow:
            connection.close()
    assert lives(web, served)


def test_a_client_that_leaves_in_the_middle_of_its_body_is_forgotten(web: httpx.Client, served: Address) -> None:
    for _ in range(20):
        with socket.create_connection(served, timeout=60) as connection:
            connection.sendall(head(served, 100) + b"{")
    assert lives(web, served)


def test_a_body_that_is_too_long_is_refused_before_and_while_it_comes(web: httpx.Client, served: Address) -> None:
    assert post(web, f"http://{served}/mcp", b" " * 2001, headers(ADD)).status == 413
    assert sent(served, head(served, 10**12, "Connection: close")).startswith(b"HTTP/1.1 413")
    chunks = b"3e8\r\n" + b" " * 1000 + b"\r\n"
    said = sent(
        served, head(served, "", "Transfer-Encoding: chunked", "Connection: close"), *[chunks] * 3, b"0\r\n\r\n"
    )
    assert said.startswith(b"HTTP/1.1 413")
    padded = json.dumps(ADD).encode().ljust(2000)
    assert post(web, f"http://{served}/mcp", padded, headers(ADD)).words == "2"
    assert lives(web, served)


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "5, 6", "9" * 400])
def test_a_length_that_is_none_is_refused(web: httpx.Client, served: Address, length: str) -> None:
    said = sent(served, head(served, length, "Connection: close"))
    assert said.split(b" ")[1] in (b"400", b"413")
    assert lives(web, served)


def test_the_bounds_are_these_by_default() -> None:
    assert (MAX_BODY, BODY_SECONDS) == (1_048_576, 10.0)


# The middleware alone


async def played(app: Any, *messages: Message, seconds: float = 0.05) -> list[Message]:
    """Play a client that sends these messages and is silent then; give what it is sent."""
    waiting, told = list(messages), list[Message]()

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError("it never comes")

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": []}
    await asyncio.wait_for(Bounds(app, seconds)(scope, receive, send), 60)
    return told


PIECE: Message = {"type": "http.request", "body": b"{", "more_body": True}
END: Message = {"type": "http.request", "body": b"}", "more_body": False}


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("read")(scope, receive, send)


def test_a_body_in_pieces_passes_whole() -> None:
    assert asyncio.run(played(reading, PIECE, PIECE, END))[0]["status"] == 200
    assert asyncio.run(played(reading, PIECE, PIECE))[0]["status"] == 408


def test_who_waits_for_a_hang_up_after_the_body_waits_without_a_bound() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive()) == END
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.3)  # six times as long as a body may take
        await PlainTextResponse("done")(scope, receive, send)

    assert asyncio.run(played(app, END))[0]["status"] == 200


def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 401, "headers": []})
        await receive()

    assert [message.get("status") for message in asyncio.run(played(app))] == [401]


def test_a_client_that_is_gone_is_told_to_the_app() -> None:
    gone: Message = {"type": "http.disconnect"}
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([await receive(), await receive()])

    asyncio.run(played(app, PIECE, gone))
    assert seen == [PIECE, gone]


def test_the_lifespan_and_errors_of_the_app_pass_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])
        if scope["type"] == "http":
            raise ZeroDivisionError

    asyncio.run(Bounds(app, 1.0)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        asyncio.run(played(app))
    assert seen == ["lifespan", "http"]


# A tool whose caller hangs up


@pytest.mark.parametrize("version", GENERATIONS)
def test_a_tool_whose_caller_hangs_up_is_cancelled(version: str) -> None:
    begun, ended = threading.Event(), list[str]()
    server: MCPServer[Any] = MCPServer("sleeper", log_level="CRITICAL")

    @server.tool()
    async def sleep() -> str:
        """Sleep."""
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return "slept"

    one = request("tools/call", version=version, name="sleep", arguments={})
    with running(http_app(server)) as address, httpx.Client(trust_env=False, timeout=60) as web:
        body = json.dumps(one)
        lines = [f"POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Length: {len(body)}"]
        lines += [f"{key}: {value}" for key, value in headers(one, version).items()]
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
            assert begun.wait(60)
        until = time.monotonic() + 30
        while not ended and time.monotonic() < until:
            time.sleep(0.01)
        assert ended == ["cancelled"]
        assert call(web, f"http://{address}/mcp", "no such tool", {}).result["isError"]
