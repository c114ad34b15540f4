"""A script in place of a model: it says one written reply after the other, whatever it is asked.

    model = Script(replies=["add them\\nAction: calculator\\nAction Input: 2+2", "I know\\nFinal Answer: 4"])

It shows what an agent's loop does with a reply, which is the same whoever wrote it, and nothing of how often a model
replies so. As a server does, it ends a reply before the first stop sequence, unless it is told not to.
"""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field

from companion.models.errors import ModelError


class Script(BaseChatModel):
    """Replies in their order.

    Parameters
    ----------
    replies : list of str or AIMessage
        What it says. Asked once more, it raises a `ModelError`.
    forever : bool
        Say the last reply again and again instead.
    stops : bool
        End a text before a stop sequence, as servers do that know of it.
    """

    replies: list[str | AIMessage]
    forever: bool = False
    stops: bool = True
    asked: list[list[BaseMessage]] = Field(default_factory=list)
    """What it was asked so far."""

    @property
    def _llm_type(self) -> str:
        return "script"

    def bind_tools(self, tools: Any, *, tool_choice: str | None = None, **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Take tools, as the loop of a library gives them; nothing is chosen by them."""
        return self.bind(**kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        at = len(self.asked)
        self.asked.append(messages)
        if at >= len(self.replies) and not self.forever:
            raise ModelError(f"the script has {len(self.replies)} replies, and was asked once more", is_retryable=False)
        reply = self.replies[min(at, len(self.replies) - 1)]
        if isinstance(reply, str):
            for sequence in (stop or []) if self.stops else []:
                reply = reply.partition(sequence)[0]
            reply = AIMessage(reply)
        return ChatResult(generations=[ChatGeneration(message=reply.model_copy(update={"id": None}))])
