"""Four tools: bounded arguments, results in two forms, failures in one line, over both generations of the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent

from companion.services.mcp.minutes import minutes_server
from companion.services.mcp.minutes.hackernews import TOP
from companion.services.mcp.minutes.sources import Fetch
from companion.services.serving import running
from tests.services.mcp.minutes.documents import BOOKS_OWN, with_changes

T = TypeVar("T")
MODES = ("legacy", "2026-07-28")
GOOD: dict[str, dict[str, Any]] = {
    "get_emails": {},
    "get_hackernews": {"limit": 3},
    "get_rss_feeds": {},
    "get_weather": {"location": "Oslo"},
}


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


async def call(name: str, arguments: dict[str, Any], fetch: Fetch = BOOKS_OWN, mode: str = "auto") -> CallToolResult:
    async with Client(minutes_server(fetch), mode=mode) as client:
        return await client.call_tool(name, arguments)


def text(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", GOOD)
def test_each_tool_answers_in_lines_and_in_a_structure_that_its_schema_allows(name: str, mode: str) -> None:
    result = run(call(name, GOOD[name], mode=mode))  # the client validates the structure
    assert not result.is_error and result.structured_content is not None
    assert result.structured_content["source"] and text(result)


def test_the_tools_are_those_of_the_article_and_say_that_they_only_read() -> None:
    async def listed() -> Any:
        async with Client(minutes_server(BOOKS_OWN)) as client:
            return (await client.list_tools()).tools

    tools = run(listed())
    assert [tool.name for tool in tools] == list(GOOD)
    assert all(tool.annotations.read_only_hint and tool.output_schema and tool.description for tool in tools)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_emails", {"hours": 0}),
        ("get_emails", {"hours": 1e9}),
        ("get_emails", {"limit": 51}),
        ("get_hackernews", {}),
        ("get_hackernews", {"limit": 2.5}),
        ("get_hackernews", {"limit": 10**6}),
        ("get_rss_feeds", {"feeds": []}),
        ("get_rss_feeds", {"feeds": ["http://169.254.169.254/latest/meta-data"]}),
        ("get_rss_feeds", {"feeds": ["../inbox"]}),
        ("get_weather", {"location": "x" * 201}),
        ("get_weather", {"location": ""}),
        ("get_weather", {"location": ["Oslo"]}),
    ],
)
def test_what_is_out_of_bounds_is_refused_and_nothing_is_fetched(name: str, arguments: dict[str, Any]) -> None:
    async def forbidden(document: str) -> bytes:
        raise AssertionError(document)

    result = run(call(name, arguments, forbidden))
    assert result.is_error and "validation error" in text(result)


def test_an_argument_that_a_tool_does_not_have_is_refused() -> None:
    result = run(call("get_rss_feeds", {"feed_urls": ["http://127.0.0.1:5432/"]}))
    assert result.is_error and text(result) == "get_rss_feeds has no argument 'feed_urls': feeds, limit"


def test_no_argument_of_a_caller_can_name_a_document() -> None:
    fetched: list[str] = []

    async def watched(name: str) -> bytes:
        fetched.append(name)
        return await BOOKS_OWN(name)

    for arguments in ({"location": "../inbox.mbox Oslo"}, {"location": "http://a.example/ oslo"}):
        run(call("get_weather", arguments, watched))
    assert fetched == ["weather/oslo.json"] * 2


@pytest.mark.parametrize(
    ("name", "document", "why"),
    [
        ("get_emails", "inbox.mbox", "inbox.mbox: permission denied"),
        ("get_hackernews", TOP, f"{TOP}: permission denied"),
        ("get_weather", "weather/oslo.json", "weather/oslo.json: permission denied"),
    ],
)
def test_a_source_that_fails_is_an_error_of_the_tool_in_one_line(name: str, document: str, why: str) -> None:
    result = run(call(name, GOOD[name], with_changes({document: PermissionError(13, "Permission denied")})))
    assert result.is_error and text(result) == f"Error executing tool {name}: {why}"


def test_what_is_missing_stands_below_what_is_there() -> None:
    result = run(call("get_hackernews", {"limit": 4}))
    assert text(result).splitlines()[3:] == ["missing: item 48100020 is gone"]
    assert result.structured_content is not None
    assert result.structured_content["missing"] == ["item 48100020 is gone"]


def test_an_empty_inbox_says_nothing_in_so_many_words() -> None:
    assert text(run(call("get_emails", {}, with_changes({"inbox.mbox": b""})))) == "nothing"


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_answer_over_http_too(mode: str) -> None:
    async def over(address: object) -> list[bool | None]:
        async with Client(f"http://{address}/mcp", mode=mode) as client:
            return [(await client.call_tool(name, arguments)).is_error for name, arguments in GOOD.items()]

    with running(minutes_server(BOOKS_OWN).streamable_http_app(stateless_http=True)) as address:
        assert not any(run(over(address)))
