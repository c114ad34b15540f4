"""Chapter 8: what stands on the page as code is what the package does."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, TextContent

from companion.services.mcp import confirmations, conversation
from companion.services.mcp.arguments import refuse_unknown_arguments
from companion.services.mcp.pins import pin

SOURCES = [cell["source"] for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "08-mcp.ipynb", 4).cells]


def lines(beginning: str, **given: Any) -> dict[str, Any]:
    """Run the one cell of the chapter that has a line which begins so, but for what serves or prints."""
    (source,) = [source for source in SOURCES if re.search(f"^{re.escape(beginning)}", source, re.M)]
    whole = re.split(r"^(?:server\\.middleware|with running|pinned = )", source, maxsplit=1, flags=re.M)[0]
    found = dict(given)
    exec(whole, found)
    return found


def test_a_request_on_the_page_is_the_packages_but_for_what_its_sender_can_do() -> None:
    page = lines("def request(")
    page["web"].close()
    ours = conversation.request("tools/call", name="find", arguments={"word": "days"})
    theirs = page["request"]("tools/call", name="find", arguments={"word": "days"})
    capabilities = f"{conversation.ABOUT}clientCapabilities"
    ours["params"]["_meta"][capabilities] = theirs["params"]["_meta"][capabilities] = {}
    assert theirs == ours


@pytest.mark.parametrize("params", [{}, {"name": "find", "arguments": {}}])
def test_what_is_sent_on_the_page_has_the_packages_headers_and_body(params: dict[str, Any]) -> None:
    page = lines("def send(")
    page["web"].close()
    sent: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    message = page["request"]("tools/call", **params)
    with httpx.Client(transport=httpx.MockTransport(keep)) as page["web"]:
        page["send"]("http://x/mcp", message)
    (request,) = sent
    assert json.loads(request.content) == message
    wanted = conversation.headers(message)
    assert {name: request.headers.get(name) for name in wanted} == wanted
    assert ("mcp-name" in request.headers) == ("name" in params)


@given(st.dictionaries(st.sampled_from(["word", "limit", "tenant", "max", "Word"]), st.just(1)))
def test_the_check_on_the_page_refuses_what_the_package_refuses(arguments: dict[str, int]) -> None:
    server: MCPServer[Any] = MCPServer("shelf", log_level="CRITICAL")

    @server.tool()
    def find(word: str, limit: int = 3) -> str:
        """Find pages."""
        return word

    async def passed(ctx: Any) -> Any:
        return "passed"

    page, ours = lines("async def check(", server=server)["check"], refuse_unknown_arguments(server)
    asked: Any = SimpleNamespace(method="tools/call", params={"name": "find", "arguments": arguments})
    answers = [asyncio.run(check(asked, passed)) for check in (page, ours)]
    assert (answers[0] == "passed") == (answers[1] == "passed")
    if answers[0] != "passed":
        texts = []
        for answer in answers:
            assert isinstance(answer, CallToolResult) and isinstance(answer.content[0], TextContent)
            texts.append(re.findall("no argument ('[^']*')", answer.content[0].text))
        assert texts[0] == texts[1] != []


def test_the_statements_on_the_page_are_those_that_a_confirmation_runs() -> None:
    run: list[str] = []

    class Recording:
        """Keeps what it is asked, and has no row for a question that stands."""

        rowcount = 1

        def execute(self, statement: bytes, values: list[Any]) -> Recording:
            run.append(" ".join(statement.decode().split()))
            return self

        def fetchone(self) -> tuple[int] | None:
            return (1,) if run[-1].startswith("insert") else None

    number: Any = confirmations.ask(Recording(), "ada", "delete Draft")  # type: ignore[arg-type]
    assert confirmations.use(Recording(), number, "ada", "delete Draft")  # type: ignore[arg-type]
    page = lines("ASK = ")
    assert run[1:] == [" ".join(page[name].split()) for name in ("ASK", "USE")]


@given(st.lists(st.fixed_dictionaries({"name": st.sampled_from("abc"), "description": st.text()}), max_size=5))
def test_the_pins_on_the_page_are_the_packages(tools: list[dict[str, str]]) -> None:
    assert lines("def pin(", json=json)["pin"](tools) == pin(tools)
