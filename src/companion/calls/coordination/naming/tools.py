"""What an MCP server says of its tools, and about how long that may be believed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

from companion.calls.coordination.naming.names import Entry, Names


@dataclass(frozen=True)
class Freshness:
    """How long a client may reuse a list, in milliseconds, and whether for others, too."""

    ttl_ms: int
    scope: str


class ToolNames(Names):
    """The tools of one server, whose address its client has by other means; asked anew for each question."""

    title: ClassVar[str] = "MCP tools"
    has: ClassVar[frozenset[str]] = frozenset({"ttl", "find"})

    def find(self, template: Mapping[str, str]) -> list[Entry]:
        """The tools that are described so; they have no address but the server's."""
        entries, _ = _ask_server()
        return [entry for entry in entries if template.items() <= entry.attributes.items()]


def freshness() -> Freshness:
    """The hints that a server gives with its list by default."""
    _, hints = _ask_server()
    return hints


def _ask_server() -> tuple[list[Entry], Freshness]:
    """Ask in a thread: a notebook's own has an event loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _ask()).result()


async def _ask() -> tuple[list[Entry], Freshness]:
    from mcp import Client
    from mcp.server import MCPServer

    server = MCPServer("traffic", log_level="CRITICAL")

    @server.tool()
    def average_speed() -> float:
        """Average speed on the road."""
        return 65.5

    async with Client(server) as client:
        listed = await client.list_tools()
    entries = [Entry(tool.name, "", {"description": tool.description or ""}) for tool in listed.tools]
    return entries, Freshness(listed.ttl_ms or 0, str(listed.cache_scope))
