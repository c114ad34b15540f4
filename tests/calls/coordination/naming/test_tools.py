"""What an MCP server says by default: believe nothing for longer than this answer."""

from __future__ import annotations

from companion.calls.coordination.naming.tools import Freshness, ToolNames, freshness


def test_a_list_of_tools_is_stale_at_once() -> None:
    assert freshness() == Freshness(0, "private")


def test_tools_are_found_by_their_description() -> None:
    (entry,) = ToolNames().find({"description": "Average speed on the road."})
    assert (entry.name, entry.age) == ("average_speed", None)
    assert ToolNames().find({"road": "A1"}) == []
