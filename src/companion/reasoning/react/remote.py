"""The tools of an MCP server, found and called as an agent's own.

    with tools_of("http://127.0.0.1:8000/mcp") as tools:
        told = run("...", model, tools)

What a server says of its tools is read by the model, and what a tool says is an observation like any other: both are
words of a stranger. Take servers that you trust, and see chapter 8 for what a description alone can do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

from anyio.from_thread import start_blocking_portal
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, TextContent

from companion.reasoning.react.tool import Tool, ToolError

SECONDS = 30.0
"""How long a call may take."""


@contextmanager
def tools_of(server: MCPServer[Any] | str) -> Iterator[list[Tool]]:
    """Give the tools of a server, as long as the connection is open.

    Parameters
    ----------
    server : MCPServer or str
        One in this process, or the address of one.

    Raises
    ------
    ToolError
        If none answers there. One that dies later is told of by each call.
    """
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        connection = portal.wrap_async_context_manager(Client(server))
        try:
            client = connection.__enter__()
        except (ExceptionGroup, MCPError, OSError) as error:
            raise ToolError(f"no MCP server answers at {server}: {_innermost(error)}") from None
        stack.callback(_close, connection)

        def calling(name: str) -> Callable[[Mapping[str, Any]], str]:
            def call(given: Mapping[str, Any]) -> str:
                async def ask() -> CallToolResult:
                    return await client.call_tool(name, dict(given), read_timeout_seconds=SECONDS)

                try:
                    return _text(name, portal.call(ask))
                except (MCPError, RuntimeError, ValueError) as error:  # refused, cut off, or not what its schema says
                    raise ToolError(f"{name}: {' '.join(str(error).split())}") from None

            return call

        listed = portal.call(client.list_tools).tools
        yield [
            Tool(each.name, (each.description or "").strip(), each.input_schema, calling(each.name)) for each in listed
        ]


def _close(connection: AbstractContextManager[Client]) -> None:
    """Close a connection. One that a server has broken off is closed; each call since then has been told so."""
    with suppress(ExceptionGroup):
        connection.__exit__(None, None, None)  # what is raised inside is not the connection's


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(str(error).split()) or type(error).__name__


def _text(name: str, result: CallToolResult) -> str:
    said = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
    if result.is_error:
        raise ToolError(said or f"{name} failed")
    return said
