"""What a chat model of LangChain becomes when its answers have to count.

    class OllamaModel(Checked, ChatOllama): ...

Three things change, and nothing else: a call ends at its deadline, whatever goes wrong is a `ModelError`, and an answer
counts only when the server said that it is complete. A connection that closes half-way ends a stream like any other;
that "The revenue was 94" is not the whole of "The revenue was 94.9 million" shows in nothing but the missing last word.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from companion.models.errors import ModelError
from companion.models.wires.deadline import one_error, pulled

_COMPLETE = {"stop", "tool_calls", "function_call"}
_WHY_NOT = {
    "length": "cut its answer off at the limit of its length",
    "content_filter": "had its answer taken away by a filter",
    "load": "loaded the model and gave no answer",
    "unload": "unloaded the model and gave no answer",
}


class Checked(BaseChatModel):
    """Stands before a chat model among the bases of a class, and checks what it gives.

    Parameters
    ----------
    called : str
        What errors call the model.
    deadline : float
        Seconds that a call may take as a whole.
    """

    called: str
    deadline: float = Field(default=60.0, gt=0)

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        generate = super()._generate  # type: ignore[safe-super]  # that of the class behind this one
        with one_error(self.called, self.deadline):
            (result,) = pulled(lambda: [generate(messages, stop, run_manager, **kwargs)], self.deadline)
            return self._checked(result)

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        stream = super()._stream
        end = _End()
        with one_error(self.called, self.deadline):
            for chunk in pulled(lambda: stream(messages, stop, run_manager, **kwargs), self.deadline):
                end.saw(chunk)
                yield chunk
            self._require(end)

    async def _agenerate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        with one_error(self.called, self.deadline):
            async with asyncio.timeout(self.deadline):
                result = await super()._agenerate(messages, stop, run_manager, **kwargs)
            return self._checked(result)

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        end = _End()
        until = asyncio.get_running_loop().time() + self.deadline
        stream = cast(
            AsyncGenerator[ChatGenerationChunk, None], super()._astream(messages, stop, run_manager, **kwargs)
        )
        async with contextlib.aclosing(stream) as chunks:
            with one_error(self.called, self.deadline):
                while (chunk := await _next(chunks, until)) is not None:
                    end.saw(chunk)
                    yield chunk
                self._require(end)

    def _checked(self, result: ChatResult) -> ChatResult:
        end = _End()
        for generation in result.generations:
            end.saw(generation)
        self._require(end)
        return result

    def _require(self, end: _End) -> None:
        """Refuse an answer that its server did not call complete, or whose calls cannot be read."""
        if end.reason is None:
            raise ModelError(
                f"{self.called} broke its answer off: it never said that it was complete", is_retryable=True
            )
        if end.reason not in _COMPLETE:
            why = _WHY_NOT.get(end.reason, f"ended its answer for another reason than being done: {end.reason[:40]!r}")
            raise ModelError(f"{self.called} {why}", is_retryable=end.reason in ("load", "unload"))
        if name := end.unreadable_call():
            raise ModelError(
                f"{self.called} called {name[:60]!r} with arguments that are no JSON object", is_retryable=True
            )


async def _next(chunks: AsyncIterator[ChatGenerationChunk], until: float) -> ChatGenerationChunk | None:
    async with asyncio.timeout_at(until):
        return await anext(chunks, None)


class _End:
    """What was seen of an answer that tells whether it is one: why it ended, and the calls that it makes."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._invalid: list[str] = []
        self._calls: AIMessageChunk | None = None

    def saw(self, generation: ChatGeneration) -> None:
        """Take note of a whole answer, or of the next piece of one."""
        message = generation.message
        for info in (generation.generation_info or {}, message.response_metadata):
            self.reason = self.reason or _reason(info)
        if isinstance(message, AIMessageChunk):
            if message.tool_call_chunks:
                self._calls = message if self._calls is None else self._calls + message
        elif isinstance(message, AIMessage):
            self._invalid += [str(call.get("name")) for call in message.invalid_tool_calls]

    def unreadable_call(self) -> str | None:
        """Give the name of a tool whose arguments are no JSON object; a piece of one is read leniently by LangChain."""
        for call in self._calls.tool_call_chunks if self._calls else ():
            try:
                whole = isinstance(json.loads(call.get("args") or "{}"), dict)
            except ValueError:
                whole = False
            if not whole:
                self._invalid.append(str(call.get("name")))
        return next(iter(self._invalid), None)


def _reason(info: dict[str, Any]) -> str | None:
    """Give why an answer ended: in Ollama's words, in OpenAI's, or that it did."""
    said = info.get("done_reason") or info.get("finish_reason")
    return str(said) if said else "stop" if info.get("done") is True else None
