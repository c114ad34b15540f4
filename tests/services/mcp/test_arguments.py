"""An argument that a tool does not have is refused, by name; whatever else a caller does is left to the SDK."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult, TextContent

from companion.services.mcp.app import http_app
from companion.services.mcp.arguments import LONGEST_NAME, refusal, refuse_unknown_arguments
from companion.services.mcp.conversation import EARLIER, TODAY, headers, post, request
from companion.services.serving import running


def shelf() -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("shelf", log_level="CRITICAL")
    server.middleware.append(refuse_unknown_arguments(server))

    @server.tool()
    def find(word: str, limit: int = 3) -> str:
        """Find pages."""
        return f"{word} {limit}"

    @server.tool()
    def count(context: Context) -> int:
        """Count pages."""
        return 3

    return server


SERVER = shelf()


def called(name: str, arguments: dict[str, Any]) -> CallToolResult:
    async def call() -> CallToolResult:
        async with Client(SERVER) as client:
            return await client.call_tool(name, arguments)

    return asyncio.run(call())


def text(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("find", {"word": "x", "tenant": "bob"}, "find has no argument 'tenant': word, limit"),
        ("find", {"word": "x", "max": 2, "also": 1}, "find has no argument 'also': word, limit"),
        ("find", {"Word": "x"}, "find has no argument 'Word': word, limit"),
        ("find", {"word": "x", "": 1}, "find has no argument '': word, limit"),
        ("find", {"word": "x", "a\nb\x00": 1}, r"find has no argument 'a\nb\x00': word, limit"),
        ("count", {"word": "x"}, "count has no argument 'word': it takes none"),
        ("count", {"context": {}}, "count has no argument 'context': it takes none"),
    ],
)
def test_an_argument_that_a_tool_does_not_have_is_refused_by_name(
    tool: str, arguments: dict[str, Any], told: str
) -> None:
    result = called(tool, arguments)
    assert result.is_error and text(result) == told


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [("find", {"word": "x"}, "x 3"), ("find", {"word": "x", "limit": 1}, "x 1"), ("count", {}, "3")],
)
def test_arguments_that_it_has_pass(tool: str, arguments: dict[str, Any], told: str) -> None:
    result = called(tool, arguments)
    assert not result.is_error and text(result) == told


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=2000).filter(lambda name: name not in ("word", "limit"))
)
def test_a_refusal_is_one_short_line_whatever_the_name(name: str) -> None:
    said = text(called("find", {"word": "x", name: 1}))
    assert said.startswith("find has no argument ") and said.isprintable()
    assert len(said) < 10 * LONGEST_NAME + 50


@pytest.mark.parametrize(("version", "name"), [(EARLIER, "tenant"), (TODAY, "tenant"), (TODAY, "\ud800")], ids=ascii)
def test_both_generations_are_told(version: str, name: str) -> None:
    with running(http_app(SERVER)) as address, httpx.Client(trust_env=False, timeout=30) as web:
        one = request("tools/call", version=version, name="find", arguments={"word": "x", name: 1})
        body = json.dumps(one).encode()  # escaped, also the half of a pair of surrogates
        answer = post(web, f"http://{address}/mcp", body, headers(one, version))
        assert answer.status == 200 and answer.words == f"find has no argument {name!r}: word, limit"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"name": "seek", "arguments": {"tenant": 1}}, "Unknown tool: seek"),
        ({"name": "find", "arguments": {}}, "Field required"),
        ({"name": "find"}, "Field required"),
        ({"name": "find", "arguments": None}, "Field required"),
        ({"name": "find", "arguments": ["word"]}, "-32602"),
        ({"name": "find", "arguments": "word"}, "-32602"),
        ({"name": ["find"], "arguments": {"x": 1}}, "-32"),
        ({"arguments": {"x": 1}}, "-32"),
    ],
    ids=str,
)
@pytest.mark.parametrize("version", [EARLIER, TODAY])
def test_what_is_wrong_otherwise_is_for_the_sdk_to_say(version: str, params: dict[str, Any], told: str) -> None:
    with running(http_app(SERVER)) as address, httpx.Client(trust_env=False, timeout=30) as web:
        one = request("tools/call", version=version, **params)
        said = headers(one, version) if isinstance(params.get("name"), str) else headers(request("tools/call"), version)
        assert told in post(web, f"http://{address}/mcp", one, said).words


def test_a_refusal_is_a_result_that_a_model_reads() -> None:
    made = refusal("why")
    assert made.is_error and text(made) == "why"
