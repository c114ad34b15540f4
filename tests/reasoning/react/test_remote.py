"""The tools of an MCP server are found and called like an agent's own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import Any

import pytest
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError as Refusal

from companion.reasoning.react.calculator import CalculatorError, calculate
from companion.reasoning.react.loop import run
from companion.reasoning.react.remote import tools_of
from companion.reasoning.react.script import Script
from companion.reasoning.react.tool import ToolError


def server() -> MCPServer[Any]:
    made: MCPServer[Any] = MCPServer("figures", log_level="CRITICAL")

    @made.tool()
    def compute(expression: str) -> str:
        """Compute an arithmetical expression."""
        try:
            return calculate(expression)
        except CalculatorError as error:
            raise Refusal(str(error)) from None

    @made.tool()
    def broken() -> str:
        """Fail."""
        raise KeyError("what only the server may know")

    return made


def test_a_servers_tools_are_listed_with_their_schemas_and_called() -> None:
    with tools_of(server()) as tools:
        tool = tools[0]
        assert (tool.name, tool.description) == ("compute", "Compute an arithmetical expression.")
        assert tool.parameters["required"] == ["expression"]
        assert (tool.call("2+2"), tool.call('{"expression": "2*3"}')) == ("4", "6")


def test_what_the_server_refuses_the_model_is_told() -> None:
    with tools_of(server()) as (compute, broken):
        with pytest.raises(ToolError, match=r"write 2\*\*10"):
            compute.call("2^10")
        with pytest.raises(ToolError):
            compute.call('{"sum": "1"}')
        with pytest.raises(ToolError) as hidden:
            broken.call("{}")
    assert "only the server" not in str(hidden.value)


def test_what_goes_wrong_between_two_calls_is_raised_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), tools_of(server()):
        raise ZeroDivisionError


def test_where_no_server_is_that_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/mcp"
        with (
            pytest.raises(ToolError, match=r"no MCP server answers at http://127\.0\.0\.1:\d+/mcp: \w"),
            tools_of(address),
        ):
            pass


DIES = """
import os, sys
from mcp.server.mcpserver import MCPServer
server = MCPServer("dies", log_level="CRITICAL")
@server.tool()
def die() -> str:
    os._exit(0)
server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
"""


def test_a_server_that_dies_costs_a_call_and_not_the_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    replies = ["Action: die\nAction Input: {}", "Final Answer: unknown"]
    with subprocess.Popen([sys.executable, "-c", DIES, str(port)], stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        with tools_of(f"http://127.0.0.1:{port}/mcp") as tools:
            told = run("What?", Script(replies=[*replies]), tools)
    assert (told.answer, told.steps[0].fault) == ("unknown", "tool")
    assert "Connection closed" in told.steps[0].observation


def test_an_agent_answers_with_them() -> None:
    replies = ["add\nAction: compute\nAction Input: 40+2", "known\nFinal Answer: 42"]
    with tools_of(server()) as tools:
        told = run("What is 40+2?", Script(replies=[*replies]), tools)
    assert (told.answer, told.steps[0].observation) == ("42", "42")
