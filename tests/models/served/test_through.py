"""What the literal reader says is what it says over either wire: through its server and LangChain's client of it."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Any, Literal

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from pydantic import BaseModel

from companion.models import chat_model, embeddings
from companion.models.context import Source, prompt
from companion.models.errors import ModelError

QUESTION = prompt(
    "What was the revenue of Borealis in Q2 2025?",
    [Source("Borealis, 10-Q, Q2 2025", "Revenue was $94.9 million. It “rose” \u2028 – by 7 %.")],
)
ADD = {
    "name": "calculator",
    "description": "Work something out.",
    "parameters": {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]},
}


class Field(BaseModel):
    """A classified field."""

    n: int
    sensitivity: Literal["HIGH", "LOW"]


class Classified(BaseModel):
    """All classified fields."""

    fields: list[Field]


@pytest.fixture(scope="module", params=["ollama", "openai"])
def remote(request: pytest.FixtureRequest, ollama_address: str, openai_address: str) -> BaseChatModel:
    if find_spec(f"langchain_{request.param}") is None:
        pytest.skip(f"langchain-{request.param} is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLLAMA_HOST", ollama_address)
        patch.setenv("OPENAI_BASE_URL", f"{openai_address}/v1")
        patch.delenv("OPENAI_API_KEY", raising=False)
        return chat_model(f"{request.param}/offline")


def test_an_answer_is_the_same_however_it_is_asked_for(remote: BaseChatModel) -> None:
    said = str(chat_model().invoke(QUESTION).text)
    assert said == "Revenue was $94.9 million. [1]"
    assert remote.invoke(QUESTION).text == said
    assert "".join(str(chunk.text) for chunk in remote.stream(QUESTION)) == said
    assert asyncio.run(remote.ainvoke(QUESTION)).text == said


def test_an_answer_comes_in_pieces(remote: BaseChatModel) -> None:
    assert len([chunk for chunk in remote.stream(QUESTION) if chunk.text]) > 3


def test_tokens_are_counted(remote: BaseChatModel) -> None:
    usage = remote.invoke(QUESTION).usage_metadata
    assert usage is not None and usage["output_tokens"] == 5 and usage["input_tokens"] > 20


def test_a_tool_is_called_and_its_result_read(remote: BaseChatModel) -> None:
    model = remote.bind_tools([ADD])
    called = model.invoke("What is 17 * 23?")
    assert [(call["name"], call["args"]) for call in called.tool_calls] == [("calculator", {"expression": "17 * 23"})]
    streamed: Any = None
    for chunk in model.stream("What is 17 * 23?"):
        streamed = chunk if streamed is None else streamed + chunk
    assert streamed.tool_calls[0]["args"] == {"expression": "17 * 23"}
    assert isinstance(called, AIMessage)
    result = ToolMessage("391", tool_call_id=called.tool_calls[0]["id"] or "", name="calculator")
    said = model.invoke([HumanMessage("What is 17 * 23?"), called, result])
    assert said.text.startswith("391 [")


def test_a_form_is_filled(remote: BaseChatModel) -> None:
    model = remote.with_structured_output(Classified)
    assert model.invoke([("system", "ssn -> HIGH"), ("human", '{"n": 7, "field": "ssn"}')]) == Classified(
        fields=[Field(n=7, sensitivity="HIGH")]
    )


def test_a_stop_ends_an_answer(remote: BaseChatModel) -> None:
    assert remote.invoke(QUESTION, stop=["94"]).text == "Revenue was $"


@pytest.mark.parametrize("wire", ["ollama", "openai"])
def test_a_model_that_is_not_there_is_refused(
    wire: str, ollama_address: str, openai_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_spec(f"langchain_{wire}") is None:
        pytest.skip(f"langchain-{wire} is not installed")
    monkeypatch.setenv("OLLAMA_HOST", ollama_address)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{openai_address}/v1")
    with pytest.raises(ModelError, match=rf"^{wire}/gpt refused with 404: .*model 'gpt' not found: there is offline"):
        chat_model(f"{wire}/gpt").invoke("Who?")


@pytest.mark.parametrize("wire", ["ollama", "openai"])
def test_embeddings_are_the_same_over_the_wire(
    wire: str, ollama_address: str, openai_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_spec(f"langchain_{wire}") is None:
        pytest.skip(f"langchain-{wire} is not installed")
    monkeypatch.setenv("OLLAMA_HOST", ollama_address)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{openai_address}/v1")
    embeddings.cache_clear()
    texts = ["retry budgets", "sockets and ports"]
    found = embeddings(f"{wire}/words").matrix(texts)
    assert found == pytest.approx(embeddings("words").matrix(texts), abs=1e-6)
    with pytest.raises(ModelError, match="refused with 404"):
        embeddings(f"{wire}/ada").matrix(["x"])
