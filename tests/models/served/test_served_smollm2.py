"""A real model behind both wires, where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from companion.models.served.ollama import ollama_app
from companion.models.served.openai import openai_app
from companion.models.smollm2 import require_installed
from companion.services.serving import running

MESSAGES = [{"role": "user", "content": "What is the capital of France?"}]


@pytest.fixture(scope="module")
def addresses() -> Iterator[tuple[str, str]]:
    try:
        require_installed()
    except ImportError as error:
        pytest.skip(str(error))
    with running(ollama_app("smollm2")) as ollama, running(openai_app("smollm2")) as openai:
        yield f"http://{ollama}/api/chat", f"http://{openai}/v1/chat/completions"


def post(url: str, **body: Any) -> Any:
    return httpx.post(url, json={"model": "smollm2", "messages": MESSAGES, **body}, timeout=120)


def test_both_wires_give_one_answer_and_count_its_tokens(addresses: tuple[str, str]) -> None:
    ollama, openai = addresses
    one = post(ollama, stream=False, options={"temperature": 0, "num_predict": 4}).json()
    other = post(openai, temperature=0, max_tokens=4).json()
    assert one["message"]["content"] == other["choices"][0]["message"]["content"] != ""
    assert one["eval_count"] == other["usage"]["completion_tokens"] == 4


def test_an_answer_that_ran_out_of_tokens_says_so(addresses: tuple[str, str]) -> None:
    ollama, openai = addresses
    assert post(ollama, stream=False, options={"num_predict": 2}).json()["done_reason"] == "length"
    assert post(openai, max_tokens=2).json()["choices"][0]["finish_reason"] == "length"


def test_a_schema_binds_what_it_writes(addresses: tuple[str, str]) -> None:
    form = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 12}}, "required": ["city"]}
    said = post(addresses[0], stream=False, format=form).json()["message"]["content"]
    assert said.lstrip().startswith("{") and '"city"' in said


def test_it_cannot_call_tools_and_says_so(addresses: tuple[str, str]) -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
    for url in addresses:
        answer = post(url, tools=tools)
        assert answer.status_code == 400 and "smollm2 cannot call tools" in answer.text
