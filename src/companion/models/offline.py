"""The literal reader: it follows a chat model's protocol and is no language model.

It knows nothing that its messages do not say, has no randomness, and does three things.

**It applies rules to fields.** Asked, by a tool or by `with_structured_output`, for a list ``fields`` of ``{n,
sensitivity, pii_type, reasoning}``, it reads rules from the system message (`companion.models.rules`) and, from the
last human message, the fields, one JSON object a line:

    {"n": 1, "message": "Account", "field": "ssn", "type": "string", "comment": "as on the card"}

Where no rule matches a field, it is left out of the answer: not classified, which is not the same as harmless. A
system message without rules gets an empty list. Rules in a human message, or in a comment, are not rules. Where the
schema lists the levels, a rule for another is ignored.

**It quotes evidence.** Asked a question about a context (`companion.models.evidence`), or after a tool's result, it
answers with at most two sentences that are there, each with its source, or says that there is no evidence. What a tool
answered without a word, such as a number, it quotes whole.

**It picks a tool** whose name and description share most words with the question, the first of equals, and gives it
what it requires as far as that stands in the question: an expression, a ticker, a listed value, numbers, or all of it
as a text (`companion.models.arguments`); each of the first three counts as a shared word. Where nothing is shared, or a
required argument cannot be had, it calls nothing and says so.

It cannot rephrase, infer, translate, count, plan, or know that a social security number is private.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, Field

from companion.models.arguments import Properties, arguments, recognised
from companion.models.evidence import ALL, Passage, answer, passages_in, question_in
from companion.models.reading import telling_words, words
from companion.models.rules import apply_rules, parse_rules

NO_TOOL = "No tool's description shares a word with the question."


class LiteralReader(BaseChatModel):
    """What stands behind the name `offline`; the module says what it can do and what it cannot.

    Parameters
    ----------
    share : float
        How many of a question's words a sentence must hold to answer it from a passage that has a label: `ALL`, or
        less, such as `HALF`. Less finds more, and more of it is wrong.
    """

    share: float = Field(default=ALL, gt=0, le=1)

    @property
    def _llm_type(self) -> str:
        return "literal-reader"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Give the reader tools to choose from; a choice that is forced changes nothing, since it does not pretend."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """Have a schema filled, if it is one for classified fields; it can fill no other."""
        if _form_of_fields(convert_to_openai_tool(schema)["function"]) is None:
            name = getattr(schema, "__name__", schema)
            raise NotImplementedError(f"offline cannot fill {name}: it has no list `fields` of {{n, sensitivity, ...}}")
        return super().with_structured_output(schema, include_raw=include_raw, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = _reply(messages, [tool["function"] for tool in kwargs.get("tools", ())], self.share)
        loosely = "" if self.share == ALL else f", {self.share:.0%} of the words"
        reply.response_metadata["model_name"] = f"offline{loosely}"
        return ChatResult(generations=[ChatGeneration(message=reply)])


def _reply(messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]], share: float) -> AIMessage:
    for tool in tools:
        if (form := _form_of_fields(tool)) is not None:
            return _call(messages, tool["name"], {"fields": _classify(messages, form)})
    question = question_in(_last_human(messages))
    if tools and not isinstance(messages[-1], ToolMessage):
        return _use_a_tool(messages, question, tools)
    if value := _value(messages[-1]):
        return AIMessage(value)
    return AIMessage(answer(question, [passage for message in messages for passage in _passages(message)], share))


def _call(messages: Sequence[BaseMessage], name: str, arguments: dict[str, Any]) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call_{len(messages)}"}])


def _last_human(messages: Sequence[BaseMessage]) -> str:
    return next((str(message.text) for message in reversed(messages) if isinstance(message, HumanMessage)), "")


# Rules


def _form_of_fields(tool: dict[str, Any]) -> Properties | None:
    """Give the properties of an item of the list `fields` that a tool takes, or None for any other tool."""
    items = tool.get("parameters", {}).get("properties", {}).get("fields", {}).get("items", {})
    form: Properties = items.get("properties", {})
    return form if {"n", "sensitivity"} <= form.keys() else None


def _classify(messages: Sequence[BaseMessage], form: Properties) -> list[dict[str, Any]]:
    prompt = "\n".join(str(message.text) for message in messages if isinstance(message, SystemMessage))
    rules = parse_rules(prompt, form["sensitivity"].get("enum", ()))
    answers = apply_rules(rules, _items(_last_human(messages)))
    return [{key: value for key, value in each.items() if key in form} for each in answers]


def _items(text: str) -> list[dict[str, Any]]:
    """Read the lines that are JSON objects; other lines are prose, and say nothing to a literal reader."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("{"):
            try:
                item = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number} of the message is no JSON object ({error}): {line[:80]}") from None
            if missing := {"n", "field"} - item.keys():
                raise ValueError(f"line {number} of the message lacks {min(missing)}: {line[:80]}")
            found.append(item)
    return found


# Evidence


def _passages(message: BaseMessage) -> list[Passage]:
    if isinstance(message, ToolMessage):
        return [Passage(_name(message), str(message.text))]
    return [] if isinstance(message, AIMessage) else list(passages_in(str(message.text)))


def _value(message: BaseMessage) -> str:
    """Quote what a tool answered without a word, such as a number: no word of a question would be in it."""
    if not isinstance(message, ToolMessage):
        return ""
    said = str(message.text).strip()
    return f"{said} [{_name(message)}]" if said and not any(map(str.isalpha, said)) else ""


def _name(message: ToolMessage) -> str:
    return message.name or message.tool_call_id


# Tools


def _use_a_tool(messages: Sequence[BaseMessage], question: str, tools: Sequence[dict[str, Any]]) -> AIMessage:
    asked = telling_words(question)
    shared = [
        len(asked & {*words(tool["name"]), *words(tool.get("description", ""))})
        + recognised(question, tool.get("parameters", {}))
        for tool in tools
    ]
    if not any(shared):
        return AIMessage(NO_TOOL)
    tool = tools[shared.index(max(shared))]
    parameters = tool.get("parameters", {})
    given = arguments(question, parameters)
    if missing := set(parameters.get("required", ())) - given.keys():
        return AIMessage(f"The question says nothing that {tool['name']} could be given as {min(missing)}.")
    return _call(messages, tool["name"], given)
