"""What an MCP server says by default: believe nothing for longer than this answer."""

from __future__ import annotations

from companion.calls.coordination.naming.tools import Freshness, freshness


def test_a_list_of_tools_is_stale_at_once() -> None:
    assert freshness() == Freshness(0, "private")
