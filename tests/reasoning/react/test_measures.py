"""What is measured is counted as it is meant; the measuring itself takes a model and three libraries."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec

import pytest

from companion.reasoning.react import measures
from companion.reasoning.react.tools import finance_tools

NAMES = [tool.name for tool in finance_tools()]


def test_each_tool_is_needed_by_two_questions() -> None:
    needed = [tool for _, tool in measures.QUESTIONS]
    assert sorted(needed) == sorted(NAMES * 2)


def test_the_grammar_knows_the_tools() -> None:
    assert re.findall(r'"(\w+)"', measures.GRAMMAR.split("tool ::=")[1]) == NAMES


@pytest.mark.parametrize(
    ("said", "way", "tool"),
    [
        ("Thought: t\nAction: calculator\nAction Input: 1\n", "grammar", "calculator"),
        ("Action: calculator\nAction Input: 1", "stop", "calculator"),
        ("Final Answer: 1", "plain", ""),
        ("The answer is 1.", "plain", None),
        (json.dumps({"thought": "t", "action": "stock_data", "input": "AAPL"}), "schema", "stock_data"),
        ('{"thought": "t", "action": "stock_', "schema", None),
    ],
)
def test_a_step_is_counted_by_the_tool_that_it_names(said: str, way: str, tool: str | None) -> None:
    assert measures._tool(said, way, NAMES) == tool


@pytest.mark.skipif(all(map(find_spec, measures.LIBRARIES)), reason="the three libraries are here")
def test_without_the_libraries_the_message_is_the_command_that_installs_them() -> None:
    with pytest.raises(ImportError, match="pip install simpleeval asteval numexpr"):
        measures.libraries()
