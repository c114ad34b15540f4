"""What LangChain's own loop forgives, and what ends it."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.messages.tool import invalid_tool_call

from companion.models import chat_model
from companion.reasoning.react.native import native_agent, told
from companion.reasoning.react.script import Script
from companion.reasoning.react.tool import Tool, ToolError
from companion.reasoning.react.tools import calculator, stock_data


def call(name: str = "calculator", **given: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": given or {"expression": "40+2"}, "id": "1"}])


def tried(*replies: str | AIMessage, tools: tuple[Tool, ...] = (calculator(),), **settings: Any) -> list[str]:
    forever = settings.pop("forever", False)
    agent = native_agent(Script(replies=[*replies], forever=forever), tools, **settings)
    return told(agent.invoke({"messages": [HumanMessage("What is 40+2?")]})["messages"])


def test_a_call_is_data_and_its_answer_a_message() -> None:
    assert tried(call(), "42") == [
        "call calculator with {'expression': '40+2'}", "calculator said: 42", "answer: 42"
    ]  # fmt: skip


def test_an_unknown_tool_and_arguments_that_do_not_fit_are_told_to_the_model() -> None:
    unknown = tried(call("web"), "42")
    assert unknown[1].startswith("web said (error): Error: web is not a valid tool")
    assert tried(call(sum="1"), "42")[1].startswith("calculator said (error)")
    assert "write 2**10" in tried(call(expression="2^10"), "42")[1]


def test_a_tool_that_raises_ends_the_run_and_one_that_refuses_does_not() -> None:
    def bug(_: Any) -> str:
        raise KeyError("bug")

    def refuse(_: Any) -> str:
        raise ToolError("nobody knows")

    schema = {"type": "object", "properties": {}}
    with pytest.raises(KeyError):
        tried(call("bug", x=1), "42", tools=(Tool("bug", "b", schema, bug),))
    assert "nobody knows" in tried(call("refuse", x=1), "42", tools=(Tool("refuse", "r", schema, refuse),))[1]


def test_a_call_that_cannot_be_read_ends_the_run_with_an_empty_answer() -> None:
    broken = invalid_tool_call(name="calculator", args='{"expression": "40+', id="1", error="cut off")
    said = tried(AIMessage("", invalid_tool_calls=[broken]), "42")
    assert said == ["unreadable call of calculator"]
    assert tried(AIMessage(""), "42") == ["answer: "]


@pytest.mark.parametrize(("steps", "calls"), [(3, 99), (99, 3)])
def test_the_limits_end_a_run_that_would_go_on(steps: int, calls: int) -> None:
    said = tried(call(), forever=True, steps=steps, calls=calls)
    assert sum(line.startswith("calculator said: ") for line in said) == 3
    assert "limit" in said[-1]


@pytest.mark.parametrize(
    ("question", "called", "answer"),
    [
        ("What is (94.9 - 88.1) / 88.1 * 100?", "calculator", "answer: 7.71850170261067 [calculator]"),
        ("Which price had AAPL?", "stock_data", "answer: The price of AAPL on 2013-03-01 was 430.47 dollars."),
    ],
)
def test_the_literal_reader_answers_with_the_tools(question: str, called: str, answer: str) -> None:
    agent = native_agent(chat_model("offline"), [calculator(), stock_data(1)])
    said = told(agent.invoke({"messages": [HumanMessage(question)]})["messages"])
    assert said[0].startswith(f"call {called} with")
    assert said[-1].startswith(answer)
