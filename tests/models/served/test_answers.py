"""A model that gives no answer is an error of the wire, and not of the server."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_core.outputs import ChatResult

from companion.models.errors import ModelError
from companion.models.served.answers import Refused, Request, answer


class Failing(BaseChatModel):
    """A model that is late, or was asked too much."""

    late: bool

    @property
    def _llm_type(self) -> str:
        return "failing"

    def _generate(self, *asked: Any, **more: Any) -> ChatResult:
        raise ModelError("it did not answer", is_retryable=self.late)


@pytest.mark.parametrize(("late", "status"), [(True, 500), (False, 400)])
def test_a_model_that_gives_no_answer_is_refused_by_whether_to_ask_again(late: bool, status: int) -> None:
    with pytest.raises(Refused, match="it did not answer") as refused:
        answer(Failing(late=late), Request(messages=[HumanMessage("What?")]))
    assert refused.value.status == status
