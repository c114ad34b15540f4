"""What both servers do once a request is read: ask a model of the book, and say how its answer ended.

A model answers whole; a stream is cut out of that afterwards, word by word. What the literal reader counts as tokens
are words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, ToolCall
from langchain_core.runnables import Runnable
from langchain_core.utils.json_schema import dereference_refs

from companion.models import CHAT_MODELS, chat_model, embeddings
from companion.models.errors import ModelError

LOCAL = ("offline", "smollm2")
"""The models that are served: those of this process, since another server needs none before it."""
EMBEDDING = ("minilm", "words")


class Refused(Exception):
    """A request that is answered with an error.

    Attributes
    ----------
    status : int
        The status in HTTP.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Request:
    """What is asked of a model, whichever wire it came over.

    Attributes
    ----------
    messages : sequence of BaseMessage
        The conversation.
    tools : sequence of dict
        As OpenAI describes them, and Ollama too.
    schema : dict or None
        The JSON Schema that the answer is to fit.
    stop : sequence of str
        Texts before which the answer ends.
    limit : int or None
        How many tokens the answer may have.
    temperature : float or None
        How freely the words are drawn.
    """

    messages: Sequence[BaseMessage]
    tools: Sequence[dict[str, Any]] = ()
    schema: dict[str, Any] | None = None
    stop: Sequence[str] = ()
    limit: int | None = None
    temperature: float | None = None


@dataclass(frozen=True)
class Answer:
    """What a model said.

    Attributes
    ----------
    text : str
        Its words.
    calls : sequence of ToolCall
        The tools that it calls.
    reason : str
        ``stop``, or ``length`` where it ran out of tokens.
    read, written : int
        Tokens of question and answer.
    """

    text: str
    calls: Sequence[ToolCall] = field(default=())
    reason: str = "stop"
    read: int = 0
    written: int = 0

    def pieces(self) -> Iterator[str]:
        """Give the text in pieces: words, each with the space behind it."""
        yield from re.findall(r"\s*\S+\s*?(?=\s|$)|\s+$", self.text)


def served(name: str) -> BaseChatModel:
    """Give a model that may be served.

    Raises
    ------
    ValueError
        If it is none of those.
    """
    if name not in LOCAL:
        raise ValueError(f"{name!r} is not served: {' and '.join(LOCAL)} are, of {', '.join(CHAT_MODELS)}")
    return chat_model(name)


def answer(model: BaseChatModel, request: Request) -> Answer:
    """Ask a model."""
    smol = model._llm_type == "smollm2"
    settings: dict[str, Any] = {}
    if smol:
        settings |= {"max_tokens": request.limit} if request.limit is not None else {}
        settings |= {"temperature": request.temperature} if request.temperature is not None else {}
    asked: Runnable[LanguageModelInput, AIMessage] = model
    tools = list(request.tools)
    if tools and smol:
        raise Refused(400, "smollm2 cannot call tools")
    try:
        if request.schema is not None and smol:
            form = {"name": "answer", "schema": request.schema}
            settings["response_format"] = {"type": "json_schema", "json_schema": form}
        elif request.schema is not None:
            form = dereference_refs(request.schema)  # the reader follows no references
            tools = [{"type": "function", "function": {"name": "answer", "parameters": form}}]
        if tools:
            asked = model.bind_tools(tools)
        said = asked.invoke(list(request.messages), stop=list(request.stop) or None, **settings)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, NotImplementedError) as error:
        # schemas of tools and forms are read where they are used, and may be of any shape
        raise Refused(400, f"{type(error).__name__}: {error}") from error
    except ModelError as error:
        raise Refused(500 if error.is_retryable else 400, str(error)) from error
    return _as_answer(said, request)


def _as_answer(said: AIMessage, request: Request) -> Answer:
    text, calls = str(said.text), list(said.tool_calls)
    if request.schema is not None and not calls and not said.response_metadata.get("finish_reason"):
        raise Refused(400, "offline cannot fill this form: it has no list `fields` of {n, sensitivity, ...}")
    if request.schema is not None and calls:
        text, calls = json.dumps(calls[0]["args"], ensure_ascii=False), []
    for end in request.stop:
        text = text.partition(end)[0]
    usage = said.usage_metadata
    read = usage["input_tokens"] if usage else sum(len(str(each.text).split()) for each in request.messages)
    written = usage["output_tokens"] if usage else len(text.split())
    reason = str(said.response_metadata.get("finish_reason") or "stop")
    return Answer(text, calls, reason, read, written)


def vectors(name: str, texts: Any) -> list[list[float]]:
    """Embed a text or a list of texts."""
    if isinstance(texts, str):
        texts = [texts]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused(400, "input is a text or a list of texts")
    if name not in EMBEDDING:
        raise Refused(404, f"model {name!r} not found: there are {' and '.join(EMBEDDING)}")
    try:
        return embeddings(name).embed_documents(texts)
    except ImportError as error:
        raise Refused(404, str(error)) from error
