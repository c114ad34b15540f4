"""The same tools called natively: the model answers with a call as data, and no text is parsed.

    agent = native_agent(model, finance_tools(), steps=6, calls=6)
    messages = agent.invoke({"messages": [HumanMessage("What is 17*23?")]})["messages"]

The loop is LangChain's `create_agent`. It goes on after an unknown tool and after arguments that do not fit. A tool
that raises ends it, unless what is raised is a `ToolException`, so a `ToolError` becomes one here. Without the two
limits it would go on for thousands of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelCallLimitMiddleware, ToolCallLimitMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.tools import StructuredTool, ToolException

from companion.reasoning.react.tool import Tool, ToolError


def as_langchain(tool: Tool) -> StructuredTool:
    """Give a tool as LangChain's libraries take it; its refusals are messages to the model."""

    def work(**given: Any) -> str:
        try:
            return tool.work(given)
        except ToolError as error:
            raise ToolException(f"There is no answer: {error}.") from None

    return StructuredTool.from_function(
        work, name=tool.name, description=tool.description, args_schema=dict(tool.parameters), handle_tool_error=True
    )


def native_agent(model: BaseChatModel, tools: Sequence[Tool], *, steps: int = 8, calls: int = 8) -> Any:
    """Make an agent that calls tools natively, at most so often.

    Parameters
    ----------
    model : BaseChatModel
        One that can call tools: `offline` can, `smollm2` cannot.
    tools : sequence of Tool
        What it may call.
    steps, calls : int
        Calls of the model and of tools in a run; after the last one the run ends with a message that says so.
    """
    limits: list[AgentMiddleware[Any, Any, Any]] = [
        ModelCallLimitMiddleware(run_limit=steps, exit_behavior="end"),
        ToolCallLimitMiddleware(run_limit=calls, exit_behavior="end"),
    ]
    return create_agent(model, [as_langchain(tool) for tool in tools], middleware=limits)


def told(messages: Sequence[BaseMessage]) -> list[str]:
    """Give a run as lines: what the model called, what tools said, what it answered."""
    lines = []
    for message in messages:
        said = " ".join(str(message.text).split())
        if isinstance(message, ToolMessage):
            lines.append(f"{message.name} said{' (error)' if message.status == 'error' else ''}: {said}")
        elif isinstance(message, AIMessage):
            lines += [f"call {call['name']} with {call['args']}" for call in message.tool_calls]
            lines += [f"unreadable call of {call['name']}" for call in message.invalid_tool_calls]
            lines += [f"answer: {said}"] if said or not (message.tool_calls or message.invalid_tool_calls) else []
    return lines
