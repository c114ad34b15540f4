"""A server that speaks as OpenAI's does, as far as its clients need it for chats and embeddings.

Written from the documentation of its interface (chat completions, embeddings, models), not from anybody's code: GET
/v1/models, POST /v1/chat/completions and /v1/embeddings. A chat is one JSON object, or with ``stream`` a stream of
server-sent events that ends with ``[DONE]``; the last event before says the ``finish_reason``. A key is not asked for;
`n`, `logprobs` and the newer interface of responses are not there.
"""

from __future__ import annotations

import base64
import json
import struct
import time
import uuid
from collections.abc import Iterator
from typing import Any

from langchain_core.messages import BaseMessage, convert_to_messages
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from companion.models.served.answers import EMBEDDING, Answer, Refused, Request, answer, served, vectors
from companion.models.served.http import body_of, objects, refusing, temperature, texts


def openai_app(name: str) -> Starlette:
    """Serve one chat model, and the embeddings.

    Parameters
    ----------
    name : str
        The model, as `served` takes it.
    """
    model = served(name)

    async def models(request: HttpRequest) -> Response:
        listed = [{"id": each, "object": "model", "created": 0, "owned_by": "companion"} for each in (name, *EMBEDDING)]
        return JSONResponse({"object": "list", "data": listed})

    async def chat(request: HttpRequest) -> Response:
        body = await body_of(request)
        if body.get("model") != name:
            raise Refused(404, f"model {body.get('model')!r} not found: there is {name}")
        said = await run_in_threadpool(answer, model, _request(body))
        reply = _Reply(name, said)
        if body.get("stream"):
            wants = body.get("stream_options")
            usage = isinstance(wants, dict) and bool(wants.get("include_usage"))
            return StreamingResponse(reply.events(usage), media_type="text/event-stream")
        return JSONResponse(reply.whole())

    async def embed(request: HttpRequest) -> Response:
        body = await body_of(request)
        found = await run_in_threadpool(vectors, str(body.get("model")), body.get("input"))
        packed = body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": n, "embedding": _packed(each) if packed else each}
            for n, each in enumerate(found)
        ]
        usage = {"prompt_tokens": 0, "total_tokens": 0}
        return JSONResponse({"object": "list", "data": data, "model": body.get("model"), "usage": usage})

    routes = {
        ("GET", "/v1/models"): models,
        ("POST", "/v1/chat/completions"): chat,
        ("POST", "/v1/embeddings"): embed,
    }
    return Starlette(
        routes=[Route(path, refusing(handle, _fault), methods=[method]) for (method, path), handle in routes.items()]
    )


def _fault(refused: Refused) -> dict[str, Any]:
    kind = "invalid_request_error" if refused.status < 500 else "server_error"
    code = "model_not_found" if refused.status == 404 else None
    return {"error": {"message": str(refused), "type": kind, "param": None, "code": code}}


def _packed(vector: list[float]) -> str:
    """Give a vector as OpenAI sends it to who asks for base64: floats of four bytes, the lowest first."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _request(body: dict[str, Any]) -> Request:
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    form = body.get("response_format")
    schema = None
    if isinstance(form, dict) and form.get("type") == "json_schema":
        wanted = form.get("json_schema")
        schema = wanted.get("schema") if isinstance(wanted, dict) else None
        if not isinstance(schema, dict):
            raise Refused(400, "json_schema is an object with a schema, which is one too")
    elif isinstance(form, dict) and form.get("type") == "json_object":
        schema = {"type": "object"}
    return Request(
        messages=_messages(objects(body.get("messages"), "messages")),
        tools=objects(body.get("tools"), "tools"),
        schema=schema,
        stop=texts(body.get("stop"), "stop"),
        limit=limit if isinstance(limit, int) and limit > 0 else None,
        temperature=temperature(body.get("temperature")),
    )


def _messages(sent: list[dict[str, Any]]) -> list[BaseMessage]:
    if not sent:
        raise Refused(400, "messages is empty")
    try:
        return convert_to_messages(sent)
    except (ValueError, TypeError, KeyError, AttributeError, NotImplementedError) as error:
        raise Refused(400, f"messages cannot be read: {error}") from error


class _Reply:
    """An answer in OpenAI's words."""

    def __init__(self, name: str, said: Answer) -> None:
        self._said = said
        self._head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": name}
        self._reason = "tool_calls" if said.calls else said.reason
        self._usage = {
            "prompt_tokens": said.read,
            "completion_tokens": said.written,
            "total_tokens": said.read + said.written,
        }

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self._said.text}
        if self._said.calls:
            message["tool_calls"] = self._calls()
        choice = {"index": 0, "message": message, "finish_reason": self._reason, "logprobs": None}
        return self._head | {"object": "chat.completion", "choices": [choice], "usage": self._usage}

    def events(self, usage: bool) -> Iterator[str]:
        yield self._event({"role": "assistant", "content": ""})
        for piece in self._said.pieces():
            yield self._event({"content": piece})
        if self._said.calls:
            yield self._event({"tool_calls": [{"index": n} | call for n, call in enumerate(self._calls())]})
        yield self._event({}, self._reason)
        if usage:
            yield self._data(self._head | {"object": "chat.completion.chunk", "choices": [], "usage": self._usage})
        yield "data: [DONE]\n\n"

    def _calls(self) -> list[dict[str, Any]]:
        return [
            {"id": call["id"], "type": "function",
             "function": {"name": call["name"], "arguments": json.dumps(call["args"])}}
            for call in self._said.calls
        ]  # fmt: skip

    def _event(self, delta: dict[str, Any], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return self._data(self._head | {"object": "chat.completion.chunk", "choices": [choice]})

    @staticmethod
    def _data(event: dict[str, Any]) -> str:
        return f"data: {json.dumps(event)}\n\n"
