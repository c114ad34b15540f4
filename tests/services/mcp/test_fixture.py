"""The fixture answers what it should, word by word, to clients of both generations; a wrong one is told from it.

The official suites cannot do the latter: they pass a fixture whose texts are all wrong. These tests compare values.
"""

from __future__ import annotations

import asyncio
import base64
import warnings
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import mcp_types as types
import pytest
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer

from companion.services.mcp.conformance import wrong_server
from companion.services.mcp.fixture import PATH, fixture_app, fixture_server
from companion.services.mcp.fixture.changes import WATCHED
from companion.services.mcp.fixture.contents import PNG, WAV
from companion.services.serving import running

MODES = ["legacy", "2026-07-28"]
"""Clients of 2025-11-25, and of today."""

Ask = Callable[[Client], Awaitable[Any]]


def tool(name: str, **arguments: Any) -> Ask:
    async def ask(client: Client) -> Any:
        result = await client.call_tool(name, arguments)
        return [plain(content) for content in result.content] + ([True] if result.is_error else [])

    return ask


def read(uri: str) -> Ask:
    async def ask(client: Client) -> Any:
        (contents,) = (await client.read_resource(uri)).contents
        return contents.model_dump(by_alias=True, exclude_none=True)

    return ask


def prompt(name: str, **arguments: str) -> Ask:
    async def ask(client: Client) -> Any:
        return [plain(message.content) for message in (await client.get_prompt(name, arguments)).messages]

    return ask


def plain(content: types.ContentBlock) -> Any:
    """Give a text as itself, and other contents as what is sent."""
    return (
        content.text if isinstance(content, types.TextContent) else content.model_dump(by_alias=True, exclude_none=True)
    )


def embedded(uri: str, kind: str, text: str) -> dict[str, Any]:
    return {"type": "resource", "resource": {"uri": uri, "mimeType": kind, "text": text}}


PICTURE = {"type": "image", "data": base64.b64encode(PNG).decode(), "mimeType": "image/png"}
SOUND = {"type": "audio", "data": base64.b64encode(WAV).decode(), "mimeType": "audio/wav"}
DATA = embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')

VALUES: dict[str, tuple[Ask, Any]] = {
    "text": (tool("test_simple_text"), ["This is a simple text response for testing."]),
    "picture": (tool("test_image_content"), [PICTURE]),
    "sound": (tool("test_audio_content"), [SOUND]),
    "resource": (
        tool("test_embedded_resource"),
        [embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
    ),
    "mixture": (tool("test_multiple_content_types"), ["Multiple content types test:", PICTURE, DATA]),
    "error": (
        tool("test_error_handling"),
        ["Error executing tool test_error_handling: This tool intentionally returns an error for testing", True],
    ),
    "mirror": (tool("test_x_mcp_header", region="eu, and é"), ["The region is eu, and é."]),
    "structure": (tool("test_structured_content", city="Oslo"), ['{\n  "city": "Oslo",\n  "degrees": 21.5\n}']),
    "model": (tool("test_sampling", prompt="Say hi"), ["LLM response: Say hi, says the model"]),
    "user": (
        tool("test_elicitation", message="Who?"),
        ['User response: action=accept, content={"username": "Ada", "email": "ada@example.org"}'],
    ),
    "defaults": (
        tool("test_elicitation_sep1034_defaults"),
        [
            "Elicitation completed: action=accept, content="
            '{"name": "John Doe", "age": 30, "score": 95.5, "status": "active", "verified": true}'
        ],
    ),
    "static text": (
        read("test://static-text"),
        {
            "uri": "test://static-text",
            "mimeType": "text/plain",
            "text": "This is the content of the static text resource.",
        },
    ),
    "static binary": (
        read("test://static-binary"),
        {"uri": "test://static-binary", "mimeType": "image/png", "blob": PICTURE["data"]},
    ),
    "template": (
        read("test://template/123/data"),
        {
            "uri": "test://template/123/data",
            "mimeType": "application/json",
            "text": '{"id": "123", "templateTest": true, "data": "Data for ID: 123"}',
        },
    ),
    "prompt": (prompt("test_simple_prompt"), ["This is a simple prompt for testing."]),
    "arguments": (
        prompt("test_prompt_with_arguments", arg1="hello", arg2="world"),
        ["Prompt with arguments: arg1='hello', arg2='world'"],
    ),
    "prompt with resource": (
        prompt("test_prompt_with_embedded_resource", resourceUri="test://x"),
        [
            embedded("test://x", "text/plain", "Embedded resource content for testing."),
            "Please process the embedded resource above.",
        ],
    ),
    "prompt with picture": (prompt("test_prompt_with_image"), [PICTURE, "Please analyze the image above."]),
}
"""By what it is: how to get it, and what it must be."""


async def model(context: Any, params: types.CreateMessageRequestParams) -> types.CreateMessageResult:
    (message,) = params.messages
    assert isinstance(message.content, types.TextContent) and params.max_tokens == 100
    said = types.TextContent(type="text", text=f"{message.content.text}, says the model")
    return types.CreateMessageResult(role="assistant", content=said, model="none")


async def user(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
    """Fill in a form: with its defaults where it has them."""
    assert isinstance(params, types.ElicitRequestFormParams)
    answers = {"username": "Ada", "email": "ada@example.org"}
    content = {
        name: schema.get("default", answers.get(name)) for name, schema in params.requested_schema["properties"].items()
    }
    return types.ElicitResult(action="accept", content=content)


def connect(url: str, mode: str, **more: Any) -> Client:
    return Client(url, mode=mode, sampling_callback=model, elicitation_callback=user, read_timeout_seconds=30, **more)


async def ask_all(url: str, mode: str) -> set[str]:
    """Give the names of the values that come out as they must."""
    async with connect(url, mode) as client:
        return {name for name, (ask, value) in VALUES.items() if await ask(client) == value}


def served(server: MCPServer[Any]) -> Iterator[str]:
    with running(fixture_app(server)) as address:
        yield f"http://{address}{PATH}"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    yield from served(fixture_server())


@pytest.mark.parametrize("mode", MODES)
def test_each_value_is_what_it_must_be(url: str, mode: str) -> None:
    assert asyncio.run(ask_all(url, mode)) == set(VALUES)


@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_a_wrong_server_is_told_from_a_right_one(repeats: bool, mode: str) -> None:
    for wrong in served(wrong_server(repeats=repeats)):
        assert asyncio.run(ask_all(wrong, mode)) == {"sound"}  # which it leaves as it is


@pytest.mark.parametrize("mode", MODES)
def test_choices_are_offered_in_five_ways(url: str, mode: str) -> None:
    forms: list[dict[str, Any]] = []

    async def choose(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        assert isinstance(params, types.ElicitRequestFormParams)
        forms.append(params.requested_schema["properties"])
        single = {"untitledSingle": "option1", "titledSingle": "value1", "legacyEnum": "opt1"}
        return types.ElicitResult(action="accept", content=single | {"untitledMulti": ["option2"], "titledMulti": []})

    async def ask() -> Any:
        async with Client(url, mode=mode, elicitation_callback=choose) as client:
            return await tool("test_elicitation_sep1330_enums")(client)

    (said,) = asyncio.run(ask())
    assert said.startswith("Elicitation completed: action=accept") and '"untitledMulti": ["option2"]' in said
    (form,) = forms
    assert form["untitledSingle"]["enum"] == ["option1", "option2", "option3"]
    assert form["titledSingle"]["oneOf"][0] == {"const": "value1", "title": "First"}
    assert form["legacyEnum"]["enumNames"] == ["One", "Two"]
    assert form["untitledMulti"]["items"]["enum"] == ["option1", "option2", "option3"]
    assert form["titledMulti"]["items"]["anyOf"][1] == {"const": "value2", "title": "Second"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_who_declines_is_understood(url: str, mode: str, action: Any) -> None:
    async def refuse(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        return types.ElicitResult(action=action)

    async def ask() -> Any:
        async with Client(url, mode=mode, elicitation_callback=refuse) as client:
            return await tool("test_elicitation", message="Who?")(client)

    assert asyncio.run(ask()) == [f"User response: action={action}, content={{}}"]


@pytest.mark.parametrize("mode", MODES)
def test_progress_is_reported_three_times(url: str, mode: str) -> None:
    seen: list[tuple[float, float | None]] = []

    async def report(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total))

    async def ask() -> None:
        async with connect(url, mode) as client:
            await client.call_tool("test_tool_with_progress", {}, progress_callback=report)

    asyncio.run(ask())
    assert seen == [(0, 100), (50, 100), (100, 100)]


def test_arguments_are_completed(url: str) -> None:
    async def ask() -> list[str]:
        async with connect(url, "2026-07-28") as client:
            with pytest.raises(MCPError, match="nothing of that name"):
                await client.complete(types.PromptReference(type="ref/prompt", name="no_such_prompt"), argument)
            known = types.PromptReference(type="ref/prompt", name="test_prompt_with_arguments")
            return (await client.complete(known, argument)).completion.values

    argument = {"name": "arg1", "value": "te"}
    assert asyncio.run(ask()) == ["test", "testing"]


# What only clients of before know


class Heard:
    """What an older client is sent: the severities of log messages, and the addresses of changed resources."""

    def __init__(self) -> None:
        self.levels: list[str] = []
        self.changed: asyncio.Queue[str] = asyncio.Queue()

    async def log(self, params: types.LoggingMessageNotificationParams) -> None:
        self.levels.append(params.level)

    async def message(self, message: Any) -> None:
        if isinstance(message, types.ResourceUpdatedNotification):
            self.changed.put_nowait(message.params.uri)

    def client(self, url: str) -> Client:
        return connect(url, "legacy", logging_callback=self.log, message_handler=self.message)


def quietly(work: Callable[[], Any]) -> Any:
    """Run what is deprecated since 2026-07-28, as the SDK warns each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(work())


def test_an_older_session_is_sent_the_messages_of_its_level(url: str) -> None:
    async def listen() -> tuple[list[str], list[str]]:
        one, other = Heard(), Heard()
        async with one.client(url) as loud, other.client(url) as quiet:
            await quiet.set_logging_level("alert")
            for client in (loud, quiet):
                await client.call_tool("test_logging_tool", {})
        return one.levels, other.levels

    loud, quiet = quietly(listen)
    assert loud == ["info", "notice", "warning", "error", "critical", "alert", "emergency"]  # where nothing was set
    assert quiet == ["alert", "emergency"]


def test_an_older_session_hears_of_the_resource_that_it_watches(url: str) -> None:
    async def listen() -> None:
        watcher, other = Heard(), Heard()
        async with watcher.client(url) as client, other.client(url) as stranger:
            before = (await read(WATCHED)(client))["text"]
            await client.subscribe_resource(WATCHED)
            await stranger.call_tool("test_trigger_resource_change", {})
            assert await asyncio.wait_for(watcher.changed.get(), 20) == WATCHED
            assert (await read(WATCHED)(client))["text"] != before
            await client.unsubscribe_resource(WATCHED)
            await stranger.call_tool("test_trigger_resource_change", {})
            await client.send_ping()  # whose answer comes after what was sent before
            assert watcher.changed.empty() and other.changed.empty()

    quietly(listen)


def test_only_one_resource_can_be_watched(url: str) -> None:
    async def subscribe() -> None:
        async with connect(url, "legacy") as client:
            with pytest.raises(MCPError, match="only one resource can be watched"):
                await client.subscribe_resource("test://static-text")

    quietly(subscribe)


def test_without_sessions_nothing_is_promised_to_older_clients() -> None:
    async def ask(url: str) -> None:
        async with connect(url, "legacy") as client:
            resources = client.server_capabilities.resources
            assert resources is not None and not resources.subscribe
            assert await tool("test_simple_text")(client) == ["This is a simple text response for testing."]
            for refused in (client.set_logging_level("alert"), client.subscribe_resource(WATCHED)):
                with pytest.raises(MCPError, match=r"no session|Method not found"):
                    await refused
            with pytest.raises(MCPError, match="no back-channel"):
                await tool("test_elicitation", message="Who?")(client)

    with running(fixture_app(fixture_server(), stateless=True)) as address:
        quietly(lambda: ask(f"http://{address}{PATH}"))


def test_a_tool_that_asks_by_ending_the_call_says_so_to_older_clients(url: str) -> None:
    async def ask() -> Any:
        async with connect(url, "legacy") as client:
            return await tool("test_input_required_result_elicitation")(client)

    said, failed = asyncio.run(ask())
    assert failed and "came with protocol 2026-07-28" in said


def test_each_fixture_has_changes_of_its_own() -> None:
    async def names(url: str) -> set[str]:
        async with connect(url, "2026-07-28") as client:
            return {tool.name for tool in (await client.list_tools(cache_mode="bypass")).tools}

    async def change(url: str) -> None:
        async with connect(url, "2026-07-28") as client:
            await client.call_tool("test_trigger_tool_change", {})

    with running(fixture_app(fixture_server())) as first, running(fixture_app(fixture_server())) as second:
        urls = [f"http://{address}{PATH}" for address in (first, second)]
        asyncio.run(change(urls[0]))
        changed, unchanged = (asyncio.run(names(url)) for url in urls)
    assert changed - unchanged == {"test_extra"} and unchanged < changed
