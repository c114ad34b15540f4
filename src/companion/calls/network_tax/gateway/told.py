"""The gateway that passes on what it was told, in both directions.

A stream holds a thread of Starlette's pool while it waits for its next entry; the pool has forty.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message
from grpc import RpcError, StatusCode
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from companion.calls.network_tax.gateway import accounts_pb2 as pb
from companion.calls.network_tax.gateway.bodies import BadBody, parse, to_dict
from companion.calls.network_tax.gateway.headers import BadHeader, seconds, to_headers, to_metadata
from companion.calls.network_tax.gateway.service import Stubs
from companion.calls.network_tax.gateway.statuses import detail_of, status_of
from companion.calls.wire.web import EXCEPTION_HANDLERS, json_body, json_response

CONDITIONS = ("if-match", "if-none-match", "if-unmodified-since")
LINES = "application/x-ndjson"

Kind = TypeVar("Kind", bound=Message)


def told(stubs: Stubs) -> Starlette:
    """Make the app."""

    async def get(request: Request) -> Response:
        return await _unary(request, stubs.get, _with_id(request, pb.GetAccountRequest()))

    async def put(request: Request) -> Response:
        account = parse(await json_body(request), pb.Account())
        if account.id not in (0, request.path_params["id"]):
            raise BadBody("the body has another id than the path")
        return await _unary(request, stubs.put, _with_id(request, account))

    async def entries(request: Request) -> Response:
        return await _stream(request, stubs.entries, _with_id(request, pb.ListEntriesRequest()))

    async def refused(request: Request, error: Exception) -> Response:
        return _problem(StatusCode.INVALID_ARGUMENT, 400, str(error))

    routes = [
        Route("/accounts/{id:int}", get, methods=["GET"]),
        Route("/accounts/{id:int}", put, methods=["PUT"]),
        Route("/accounts/{id:int}/entries", entries, methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers={**EXCEPTION_HANDLERS, BadHeader: refused, BadBody: refused})


def _with_id(request: Request, message: Kind) -> Kind:
    if request.path_params["id"] >= 2**63:
        raise BadBody("the id in the path does not fit 64 bits")
    message.id = request.path_params["id"]  # type: ignore[attr-defined]
    return message


def _call(request: Request, method: Any, message: Message) -> Any:
    """Begin a call: with the caller's headers, and with the caller's deadline or ours."""
    return method(message, timeout=seconds(request.headers.items()), metadata=to_metadata(request.headers.items()))


@asynccontextmanager
async def _watched(request: Request, call: Any) -> AsyncIterator[asyncio.Task[None]]:
    """Give a task that ends when the caller has left; whatever ends the block ends the call."""

    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            continue

    task = asyncio.create_task(left())
    try:
        yield task
    finally:
        call.cancel()  # to a call that has ended this means nothing
        task.cancel()
        await asyncio.wait({task})


async def _unary(request: Request, method: Any, message: Message) -> Response:
    call = _call(request, method.future, message)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    call.add_done_callback(lambda _: loop.call_soon_threadsafe(ended.set))
    async with _watched(request, call) as left:
        await _first(call, left, asyncio.create_task(ended.wait()))
    if call.code() is not StatusCode.OK:
        return _failed(request, call)
    return json_response(to_dict(call.result()), headers=to_headers(call.initial_metadata(), call.trailing_metadata()))


async def _stream(request: Request, method: Any, message: Message) -> Response:
    """Answer with a stream; the status waits for the first entry, as until then the call may still fail."""
    call = _call(request, method, message)
    lines = _lines(request, call)
    try:
        first = await anext(lines)
    except _Refused:
        return _failed(request, call)

    async def written() -> AsyncIterator[bytes]:
        async with aclosing(lines):
            yield _line(*first)
            async for name, value in lines:
                yield _line(name, value)

    headers = {**to_headers(call.initial_metadata()), "cache-control": "no-store"}
    return _Stream(written(), headers=headers, media_type=LINES)


class _Refused(Exception):
    """A stream failed before its first entry, when the status can still tell."""


async def _lines(request: Request, call: Any) -> AsyncGenerator[tuple[str, Any], None]:
    """Give the entries, then how it ended: a stream without such a last line was cut off."""
    begun = False
    async with _watched(request, call) as left:
        while True:
            item = asyncio.create_task(run_in_threadpool(_next, call))
            await _first(call, left, item)
            entry = await item
            if entry is None:
                break
            begun = True
            yield "result", to_dict(entry)
    if call.code() is StatusCode.OK:
        yield "trailers", to_headers(call.trailing_metadata())
    elif begun:
        yield "error", _document(call, status_of(call.code(), _conditional(request)))
    else:
        raise _Refused


def _next(call: Any) -> Any:
    """Give the next entry, None at the end, good or bad; the call knows which."""
    try:
        return next(call, None)
    except RpcError:
        return None


async def _first(call: Any, left: asyncio.Task[None], item: asyncio.Task[Any]) -> None:
    """Wait for an item; if the caller leaves first, or the server ends, cancel the call, which brings the item."""
    try:
        await asyncio.wait({left, item}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not item.done():
            call.cancel()
            await asyncio.wait({item})


def _line(name: str, value: Any) -> bytes:
    return json.dumps({name: value}).encode() + b"\n"


class _Stream(StreamingResponse):
    """A stream that listens to nobody: its lines know when the caller has left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self.body_iterator):  # type: ignore[type-var]
            await self.stream_response(send)


def _conditional(request: Request) -> bool:
    return any(name in request.headers for name in CONDITIONS)


def _failed(request: Request, call: Any) -> Response:
    status = status_of(call.code(), _conditional(request))
    return _answer(_document(call, status), to_headers(call.initial_metadata(), call.trailing_metadata()))


def _problem(code: StatusCode, status: int, detail: str) -> Response:
    return _answer({"status": status, "code": code.name, "detail": detail}, {})


def _answer(document: dict[str, Any], headers: dict[str, str]) -> Response:
    answer = json_response(document, document["status"], headers)
    answer.headers["content-type"] = "application/problem+json"
    return answer


def _document(call: Any, status: int) -> dict[str, Any]:
    """Describe a failed call: status, code, a sentence, and the details if the service sent any."""
    code = call.code()
    document = {"status": status, "code": code.name, "detail": detail_of(code, call.details())}
    for name, value in call.trailing_metadata() or ():
        if name == "problem-bin":
            try:
                document["problem"] = to_dict(pb.Problem.FromString(value))
            except DecodeError:
                continue  # details that nobody can read are no reason to lose the answer
    return document
