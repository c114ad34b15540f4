"""An argument that a tool does not have is refused.

The SDK drops it: a caller who writes `tenant` where the tool has no such argument, or `max` for `limit`, gets an answer
to another question than the one that was asked, and no word of it.
"""

from __future__ import annotations

from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, TextContent

LONGEST_NAME = 60
"""How much of a name that a caller has invented goes back to it."""


def refuse_unknown_arguments(server: MCPServer[Any]) -> ServerMiddleware[Any]:
    """Give what stands before the tools of a server, to be appended to its middleware."""

    async def check(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method == "tools/call" and isinstance(ctx.params, dict):
            name, given = ctx.params.get("name"), ctx.params.get("arguments")
            known = next((tool.input_schema for tool in await server.list_tools() if tool.name == name), None)
            if known is not None and isinstance(given, dict):
                properties = known.get("properties", {})
                unknown = sorted(set(given) - set(properties))
                if unknown:
                    takes = ", ".join(properties) or "it takes none"
                    return refusal(f"{name} has no argument {unknown[0][:LONGEST_NAME]!r}: {takes}")
        return await call_next(ctx)

    return check


def refusal(text: str) -> CallToolResult:
    """Give the answer of a tool that was not carried out; the model reads it, and can do better."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
