"""A server that speaks as Ollama's does, as far as its clients need it for chats and embeddings.

Written from Ollama's documentation (docs/api.md in its repository), not from its code: GET /api/version and /api/tags,
POST /api/chat and /api/embed. A chat is a stream of JSON objects, one a line, unless ``stream`` is false; the last one
says ``done`` and why. Images, ``think`` and ``keep_alive`` are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from companion import __version__
from companion.models.served.answers import EMBEDDING, Answer, Refused, Request, answer, served, vectors
from companion.models.served.http import body_of, objects, refusing, temperature, texts


def ollama_app(name: str) -> Starlette:
    """Serve one chat model, and the embeddings.

    Parameters
    ----------
    name : str
        The model, as `served` takes it.
    """
    model = served(name)

    async def tags(request: HttpRequest) -> Response:
        return JSONResponse({"models": [_listed(each) for each in (name, *EMBEDDING)]})

    async def version(request: HttpRequest) -> Response:
        return JSONResponse({"version": __version__})

    async def chat(request: HttpRequest) -> Response:
        body = await body_of(request)
        _require(body, name)
        said = await run_in_threadpool(answer, model, _request(body))
        if body.get("stream") is False:
            return JSONResponse(_last(name, said, said.text))
        return StreamingResponse(_lines(name, said), media_type="application/x-ndjson")

    async def embed(request: HttpRequest) -> Response:
        body = await body_of(request)
        asked = str(body.get("model", "")).removesuffix(":latest")
        found = await run_in_threadpool(vectors, asked, body.get("input"))
        return JSONResponse({"model": asked, "embeddings": found})

    routes = {
        ("GET", "/api/tags"): tags,
        ("GET", "/api/version"): version,
        ("POST", "/api/chat"): chat,
        ("POST", "/api/embed"): embed,
    }
    return Starlette(
        routes=[
            Route(path, refusing(handle, lambda refused: {"error": str(refused)}), methods=[method])
            for (method, path), handle in routes.items()
        ]
    )


def _listed(name: str) -> dict[str, Any]:
    details = {"format": "", "family": name, "families": [name], "parameter_size": "", "quantization_level": ""}
    return {"name": f"{name}:latest", "model": f"{name}:latest", "modified_at": _now(), "size": 0, "digest": "",
            "details": details}  # fmt: skip


def _require(body: dict[str, Any], name: str) -> None:
    asked = str(body.get("model", ""))
    if asked.removesuffix(":latest") != name:
        raise Refused(404, f"model {asked!r} not found: there is {name}")


def _request(body: dict[str, Any]) -> Request:
    options = body.get("options") or {}
    if not isinstance(options, dict):
        raise Refused(400, "options is an object")
    limit, form = options.get("num_predict"), body.get("format")
    return Request(
        messages=_messages(objects(body.get("messages"), "messages")),
        tools=objects(body.get("tools"), "tools"),
        schema=form if isinstance(form, dict) else {"type": "object"} if form == "json" else None,
        stop=texts(options.get("stop"), "stop"),
        limit=limit if isinstance(limit, int) and limit > 0 else None,
        temperature=temperature(options.get("temperature")),
    )


def _messages(sent: list[dict[str, Any]]) -> list[BaseMessage]:
    """Read a conversation; a tool's result carries no number of its call, so the order tells which is which."""
    found: list[BaseMessage] = []
    open_calls: list[str] = []
    for n, one in enumerate(sent):
        role, content = one.get("role"), one.get("content") or ""
        if not isinstance(content, str):
            raise Refused(400, f"message {n}: content is a text")
        if role == "system":
            found.append(SystemMessage(content))
        elif role == "user":
            found.append(HumanMessage(content))
        elif role == "assistant":
            calls = [_call(n, k, call) for k, call in enumerate(objects(one.get("tool_calls"), "tool_calls"))]
            open_calls += [call["name"] for call in calls]
            found.append(AIMessage(content, tool_calls=calls))
        elif role == "tool":
            called = open_calls.pop(0) if open_calls else "tool"
            name = one.get("tool_name") or called
            found.append(ToolMessage(content, tool_call_id=f"call_{n}", name=str(name)))
        else:
            raise Refused(400, f"message {n}: there is no role {role!r}")
    if not found:
        raise Refused(400, "messages is empty")
    return found


def _call(message: int, place: int, call: dict[str, Any]) -> Any:
    function = call.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("arguments", {}), dict):
        raise Refused(400, f"message {message}: a call has a function, and its arguments are an object")
    return {"name": str(function.get("name")), "args": function.get("arguments", {}), "id": f"call_{message}_{place}"}


def _lines(name: str, said: Answer) -> Iterator[str]:
    for piece in said.pieces():
        yield json.dumps(_message(name, piece) | {"done": False}) + "\n"
    yield json.dumps(_last(name, said, "")) + "\n"


def _message(name: str, text: str) -> dict[str, Any]:
    return {"model": name, "created_at": _now(), "message": {"role": "assistant", "content": text}}


def _last(name: str, said: Answer, text: str) -> dict[str, Any]:
    made = _message(name, text)
    if said.calls:
        calls = [{"function": {"name": call["name"], "arguments": call["args"]}} for call in said.calls]
        made["message"]["tool_calls"] = calls
    return made | {
        "done": True,
        "done_reason": said.reason,
        "prompt_eval_count": said.read,
        "eval_count": said.written,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
