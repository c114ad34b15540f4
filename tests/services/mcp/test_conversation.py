"""A request is what the SDK's client sends, and an answer is read whichever form it has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import Context, MCPServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from companion.services.mcp.app import http_app
from companion.services.mcp.conversation import EARLIER, TODAY, Answer, call, headers, post, request
from companion.services.serving import running

META = {
    "io.modelcontextprotocol/protocolVersion": TODAY,
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
}


def shelf() -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("shelf", log_level="CRITICAL")

    @server.tool()
    def find(word: str) -> list[str]:
        """Find pages."""
        return [word, "é"]

    @server.tool()
    async def slow(context: Context) -> str:
        """Tell how far it is."""
        await context.report_progress(1, 2, "half")
        return "done"

    @server.resource("page://{name}")
    def page(name: str) -> str:
        return f"page {name}"

    return server


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(http_app(shelf())) as address:
        yield f"http://{address}/mcp"


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


def test_a_request_of_today_says_by_itself_what_it_speaks() -> None:
    assert request("tools/list") == {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}}
    assert request("x", id="a", name="find")["params"] == {"name": "find", "_meta": META}


def test_a_request_of_the_year_before_does_not() -> None:
    assert request("tools/list", version=EARLIER, id=None, method="m") == {
        "jsonrpc": "2.0", "id": None, "method": "tools/list", "params": {"method": "m"},
    }  # fmt: skip


def test_headers_repeat_what_a_gateway_needs_to_know() -> None:
    usual = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    today = usual | {"mcp-protocol-version": TODAY}
    assert headers(request("tools/list")) == today | {"mcp-method": "tools/list"}
    assert headers(request("tools/call", name="find")) == today | {"mcp-method": "tools/call", "mcp-name": "find"}
    assert headers(request("resources/read", uri="a:b"))["mcp-name"] == "a:b"
    one = request("tools/call", version=EARLIER, name="find")
    assert headers(one, EARLIER) == usual | {"mcp-protocol-version": EARLIER}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_passes_a_header_and_comes_out_as_it_was(name: str) -> None:
    from mcp.shared.inbound import decode_header_value  # of the SDK's server

    said = headers(request("tools/call", name=name))["mcp-name"]
    assert said.isascii() and said.isprintable() and decode_header_value(said) == name


@pytest.mark.parametrize("uri", ["page://x", "page://é", "page://a b", "page:// a", "page://x\x7f"])
def test_the_server_reads_such_a_name(web: httpx.Client, url: str, uri: str) -> None:
    (content,) = post(web, url, request("resources/read", uri=uri)).result["contents"]
    assert content["text"] == f"page {uri.removeprefix('page://')}"


def test_a_call_is_what_the_sdks_client_sends(url: str) -> None:
    sent: list[httpx2.Request] = []

    async def keep(asked: httpx2.Request) -> None:
        sent.append(asked)

    async def by_client() -> None:
        hooks = {"request": [keep]}
        async with (
            httpx2.AsyncClient(event_hooks=hooks, timeout=60) as other,
            Client(streamable_http_client(url, http_client=other), mode=TODAY) as client,
        ):
            await client.call_tool("find", {"word": "é"})

    asyncio.run(by_client())
    (theirs,) = [one for one in sent if json.loads(one.content)["method"] == "tools/call"]
    body, ours = json.loads(theirs.content), request("tools/call", name="find", arguments={"word": "é"})
    their_meta, our_meta = body["params"].pop("_meta"), ours["params"].pop("_meta")
    assert body == ours | {"id": body["id"]}
    assert our_meta.keys() <= their_meta.keys()
    for key, value in headers(ours | {"params": ours["params"]}).items():
        assert sorted(theirs.headers[key].replace(" ", "").split(",")) == sorted(value.replace(" ", "").split(","))


def test_a_result_is_read_from_a_json_body(web: httpx.Client, url: str) -> None:
    answer = call(web, url, "find", {"word": "days"})
    assert answer.headers["content-type"].startswith("application/json")
    assert (answer.status, answer.error, answer.words) == (200, None, "days é")
    assert answer.result["structuredContent"] == {"result": ["days", "é"]}
    assert json.loads(answer.body) == answer.messages[0] and len(answer.messages) == 1


def test_a_result_is_the_last_message_of_a_stream(web: httpx.Client, url: str) -> None:
    one = request("tools/call", name="slow", arguments={})
    one["params"]["_meta"] |= {"progressToken": "p"}
    answer = post(web, url, one)
    assert answer.headers["content-type"].startswith("text/event-stream")
    progress, result = answer.messages
    assert progress["params"]["message"] == "half" and "id" not in progress
    assert answer.words == "done" and answer.result == result["result"]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
    )
)
def test_messages_of_a_stream_are_what_was_sent_whatever_is_in_them(sent: list[str]) -> None:
    messages = [{"jsonrpc": "2.0", "result": {"content": [{"type": "text", "text": text}]}} for text in sent]
    stream = "".join(f"event: message\r\ndata: {json.dumps(one, ensure_ascii=False)}\r\n\r\n" for one in messages)
    kind = {"content-type": "text/event-stream"}
    answering = httpx.MockTransport(lambda _: httpx.Response(200, content=stream.encode(), headers=kind))
    with httpx.Client(transport=answering) as web:
        answer = post(web, "http://x/mcp", request("tools/list"))
    assert list(answer.messages) == messages and answer.words == "".join(sent[-1:])


def test_an_error_is_told_with_its_code(web: httpx.Client, url: str) -> None:
    answer = post(web, url, request("tools/run"))
    assert answer.error is not None and answer.words == "-32601 Method not found"
    with pytest.raises(KeyError):
        answer.result  # noqa: B018


def test_bytes_go_as_they_are(web: httpx.Client, url: str) -> None:
    answer = post(web, url, b"{", headers(request("tools/list")))
    assert answer.error is not None and answer.error["code"] == -32700


def test_what_is_not_json_rpc_is_shown_as_it_came(web: httpx.Client) -> None:
    bodies = {
        "/empty": ("", None),
        "/oauth": ('{"error": "invalid_token"}', "application/json"),
        "/list": ('[{"jsonrpc": "2.0"}]', "application/json"),
        "/page": ("<p>é", "text/html"),
        "/stream": (
            ': ping\r\n\r\nevent: x\r\ndata:\r\ndata: {"jsonrpc": "2.0", "id": 1}\r\n\r\n',
            "text/event-stream",
        ),
    }

    async def give(asked: Request) -> Response:
        body, kind = bodies[asked.url.path]
        return Response(body.encode(), 401, media_type=kind)

    app = Starlette(routes=[Route(path, give, methods=["POST"]) for path in bodies])
    with running(app) as address:
        answers = {path: post(web, f"http://{address}{path}", request("x")) for path in bodies}
    assert {path: len(answer.messages) for path, answer in answers.items()} == {
        "/empty": 0, "/oauth": 0, "/list": 0, "/page": 0, "/stream": 1,
    }  # fmt: skip
    assert answers["/oauth"].words == '{"error": "invalid_token"}' and answers["/page"].words == "<p>é"
    for path in ("/empty", "/oauth", "/stream"):
        assert answers[path].error is None
        with pytest.raises(KeyError):
            answers[path].result  # noqa: B018


def test_words_of_an_answer_without_any_are_none() -> None:
    assert Answer(202, {}, b"", ()).words == ""
    assert Answer(200, {}, b"", ({"result": {"tools": []}},)).words == ""
    assert Answer(200, {}, b"\xff", ()).words == "\ufffd"
