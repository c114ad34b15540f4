"""What an MCP server says about how long a list of its tools may be believed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from companion.calls.coordination.naming.names import Names


class ToolNames(Names):
    """A client knows its server's address already; the server lists tools, and says for how long that holds."""

    title: ClassVar[str] = "MCP tools"
    has: ClassVar[frozenset[str]] = frozenset({"ttl", "find"})


@dataclass(frozen=True)
class Freshness:
    """How long a client may reuse a list, in milliseconds, and whether for others, too."""

    ttl_ms: int
    scope: str


def freshness() -> Freshness:
    """Ask a server with one tool for its list, over a stream in memory; the hints are those it gives by default."""
    return _in_loop(_ask())


async def _ask() -> Freshness:
    from mcp import Client
    from mcp.server import MCPServer

    server = MCPServer("traffic", log_level="CRITICAL")

    @server.tool()
    def average_speed() -> float:
        """Average speed on the road."""
        return 65.5

    async with Client(server) as client:
        listed = await client.list_tools()
    return Freshness(listed.ttl_ms, str(listed.cache_scope))


def _in_loop(asking: object) -> Freshness:
    """Run in a thread: a notebook's own has a loop already."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asking).result()  # type: ignore[arg-type]
