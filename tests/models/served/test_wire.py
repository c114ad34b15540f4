"""The wires themselves, byte by byte, and what is refused."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import httpx
import pytest

from companion.models.served.answers import Answer, served


def ask(address: str, path: str, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(f"{address}{path}", content=content, headers=headers)


MESSAGES = [{"role": "user", "content": "Context:\n[a] A socket has a port.\n\nQuestion: What has a socket?"}]


def test_ollama_lists_its_models(ollama_address: str) -> None:
    listed = httpx.get(f"{ollama_address}/api/tags").json()["models"]
    assert [each["name"] for each in listed] == ["offline:latest", "minilm:latest", "words:latest"]
    assert httpx.get(f"{ollama_address}/api/version").json().keys() == {"version"}


def test_ollama_streams_one_object_a_line_and_the_last_says_done(ollama_address: str) -> None:
    answer = ask(ollama_address, "/api/chat", {"model": "offline:latest", "messages": MESSAGES})
    assert answer.headers["content-type"] == "application/x-ndjson"
    *pieces, last = [json.loads(line) for line in answer.content.splitlines()]
    assert "".join(each["message"]["content"] for each in pieces) == "A socket has a port. [a]"
    assert {each["done"] for each in pieces} == {False}
    assert (last["done"], last["done_reason"], last["message"]["content"]) == (True, "stop", "")
    assert last["eval_count"] == 6


def test_ollama_answers_at_once_where_no_stream_is_wanted(ollama_address: str) -> None:
    answer = ask(ollama_address, "/api/chat", {"model": "offline", "messages": MESSAGES, "stream": False}).json()
    assert (answer["done"], answer["message"]["content"]) == (True, "A socket has a port. [a]")


def test_ollama_embeds_a_text_or_several(ollama_address: str) -> None:
    one = ask(ollama_address, "/api/embed", {"model": "words", "input": "a socket"}).json()
    two = ask(ollama_address, "/api/embed", {"model": "words:latest", "input": ["a socket", "b"]}).json()
    assert one["embeddings"][0] == two["embeddings"][0] and len(two["embeddings"]) == 2


def test_openai_lists_its_models(openai_address: str) -> None:
    listed = httpx.get(f"{openai_address}/v1/models").json()
    assert (listed["object"], [each["id"] for each in listed["data"]]) == ("list", ["offline", "minilm", "words"])


def test_openai_answers_with_one_object(openai_address: str) -> None:
    answer = ask(openai_address, "/v1/chat/completions", {"model": "offline", "messages": MESSAGES}).json()
    (choice,) = answer["choices"]
    assert choice["message"] == {"role": "assistant", "content": "A socket has a port. [a]"}
    assert (answer["object"], choice["finish_reason"], answer["usage"]["completion_tokens"]) == (
        "chat.completion",
        "stop",
        6,
    )


def test_openai_streams_events_until_done(openai_address: str) -> None:
    body = {"model": "offline", "messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}
    answer = ask(openai_address, "/v1/chat/completions", body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *events, end, nothing = answer.text.split("\n\n")
    assert (end, nothing) == ("data: [DONE]", "")
    *chunks, usage = [json.loads(event.removeprefix("data: ")) for event in events]
    said = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert "".join(said) == "A socket has a port. [a]"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks][-2:] == [None, "stop"]
    assert (usage["choices"], usage["usage"]["completion_tokens"]) == ([], 6)


def test_openai_packs_vectors_for_who_asks(openai_address: str) -> None:
    plain = ask(openai_address, "/v1/embeddings", {"model": "words", "input": ["a socket"]}).json()
    body = {"model": "words", "input": ["a socket"], "encoding_format": "base64"}
    packed = base64.b64decode(ask(openai_address, "/v1/embeddings", body).json()["data"][0]["embedding"])
    assert struct.unpack(f"<{len(packed) // 4}f", packed) == pytest.approx(plain["data"][0]["embedding"], abs=1e-7)


REFUSED: list[tuple[Any, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b"[" * 100_000, 400),
    ({"model": "offline"}, 400),
    ({"model": "offline", "messages": []}, 400),
    ({"model": "offline", "messages": "Who?"}, 400),
    ({"model": "offline", "messages": ["Who?"]}, 400),
    ({"model": "offline", "messages": [{"role": "king", "content": "Who?"}]}, 400),
    ({"model": "offline", "messages": MESSAGES, "tools": {}}, 400),
    ({"messages": MESSAGES}, 404),
    ({"model": "gpt-4", "messages": MESSAGES}, 404),
]


@pytest.mark.parametrize(("body", "status"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_read_is_refused_in_the_words_of_the_wire(
    body: Any, status: int, ollama_address: str, openai_address: str
) -> None:
    ollama = ask(ollama_address, "/api/chat", body)
    assert ollama.status_code == status and isinstance(ollama.json()["error"], str)
    openai = ask(openai_address, "/v1/chat/completions", body)
    assert openai.status_code == status and openai.json()["error"]["message"]


def tool(**function: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "socket", "description": "a port"} | function}]}


ODD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (each, each)
    for each in ({"tools": [{"type": "function", "function": 7}]}, tool(parameters=[]),
                 tool(parameters={"properties": {"x": 3}, "required": ["x"]}))
] + [
    ({"options": {"stop": [""]}}, {"stop": ""}),
    ({"options": {"temperature": float("nan")}}, {"temperature": 10**400}),
    ({"options": {"temperature": "hot"}}, {"temperature": [1]}),
    ({"options": 1}, {"response_format": {"type": "json_schema", "json_schema": [1]}}),
    ({"format": {"$ref": "#/x"}}, {"response_format": {"type": "json_schema", "json_schema": {"schema": 7}}}),
    ({"format": {"$ref": 1}}, {"response_format": {"type": "json_schema", "json_schema": {"schema": {"$ref": "#/x"}}}}),
]  # fmt: skip
"""Members of a question that are JSON, and not what they should be: Ollama's, and OpenAI's."""


@pytest.mark.parametrize(("to_ollama", "to_openai"), ODD, ids=range(len(ODD)))
def test_odd_settings_and_tools_are_refused_too(
    to_ollama: dict[str, Any], to_openai: dict[str, Any], ollama_address: str, openai_address: str
) -> None:
    question = {"model": "offline", "messages": MESSAGES}
    ollama = ask(ollama_address, "/api/chat", question | to_ollama)
    assert ollama.status_code == 400 and isinstance(ollama.json()["error"], str)
    openai = ask(openai_address, "/v1/chat/completions", question | to_openai)
    assert openai.status_code == 400 and openai.json()["error"]["message"]


def test_a_form_that_the_reader_cannot_fill_is_refused(ollama_address: str) -> None:
    form = {"type": "object", "properties": {"poem": {"type": "string"}}}
    answer = ask(ollama_address, "/api/chat", {"model": "offline", "messages": MESSAGES, "format": form})
    assert answer.status_code == 400 and "cannot fill" in answer.json()["error"]


def test_a_body_that_is_too_long_is_not_read(ollama_address: str) -> None:
    assert ask(ollama_address, "/api/chat", b" " * 10_000_001).status_code == 413


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://elsewhere.example", 403), ("null", 403), ("http://[", 403), ("http://127.0.0.1:8888", 200)],
)
def test_pages_of_other_places_may_not_ask(origin: str, status: int, ollama_address: str, openai_address: str) -> None:
    assert httpx.get(f"{ollama_address}/api/tags", headers={"origin": origin}).status_code == status
    assert httpx.get(f"{openai_address}/v1/models", headers={"origin": origin}).status_code == status


def test_only_models_of_this_process_are_served() -> None:
    with pytest.raises(ValueError, match=r"^'ollama/x' is not served: offline and smollm2 are"):
        served("ollama/x")


@pytest.mark.parametrize("text", ["", "a", "a b", " a  b\n c ", "…“x”\u2028y"])
def test_the_pieces_of_an_answer_are_all_of_it(text: str) -> None:
    assert "".join(Answer(text).pieces()) == text
