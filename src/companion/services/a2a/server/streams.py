"""Events as they happen, over Server-Sent Events that can be taken up again.

Each event carries its number in the log as SSE's `id:`. Who was cut off says by `Last-Event-ID` which one he has, to
this server or another, and is told what came after it. Nothing else is needed, because nothing is kept for him: the log
is in the database.

A2A streams the answer of a POST, which no browser resumes by itself, and its specification has no such ids. So this is
an extension, and the agent's card declares it. Who sends no `Last-Event-ID` gets what the specification says: the task
as it is, then its events, and for a task that is over an error. Who sends one gets the events after it and no task
before them, also when the task is over; and once there is nothing after it, 204, which tells an EventSource to stop.

The routes of the SDK answer all that is no stream.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from a2a.server.context import ServerCallContext
from a2a.server.request_handlers.response_helpers import build_error_response
from a2a.server.routes.common import ServerCallContextBuilder
from a2a.types import a2a_pb2 as pb
from a2a.utils.error_handlers import build_rest_error_payload
from a2a.utils.errors import A2AError, InvalidParamsError, InvalidRequestError, VersionNotSupportedError
from google.protobuf.json_format import ParseDict, ParseError
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from companion.services.a2a.server.operations import Operations, Stream, as_told

VERSION = "1.0"
LAST_EVENT_ID = "last-event-id"
STREAMS = {"SendStreamingMessage": pb.SendMessageRequest, "SubscribeToTask": pb.SubscribeToTaskRequest}
PING_SECONDS = 15
STALLED_SECONDS = 30.0
"""A reader who takes nothing for so long is cut off; he can come back and go on."""

Endpoint = Callable[[Request], Awaitable[Response]]
Params = TypeVar("Params", pb.SendMessageRequest, pb.SubscribeToTaskRequest)


class ContextBuilder(ServerCallContextBuilder):
    """Tells the operations who calls, and refuses other versions of the protocol than ours.

    The SDK compares the major version only, and reads the header only; the specification compares both parts, and lets
    a caller name the version in the query.
    """

    def build(self, request: Request) -> ServerCallContext:
        """Give the context of a request."""
        asked = request.headers.get("a2a-version") or request.query_params.get("A2A-Version") or "0.3"
        if asked != VERSION:
            raise VersionNotSupportedError(f"this agent speaks {VERSION}, and not the version that was asked for")
        headers = dict(request.headers) | {"a2a-version": VERSION}
        return ServerCallContext(state={"headers": headers, "claims": request.scope["claims"]})


def rpc(operations: Operations, unary: Endpoint) -> Endpoint:
    """Give the endpoint of JSON-RPC: streams are answered here, all else by the SDK's endpoint."""
    builder = ContextBuilder()

    async def answer(request: Request) -> Response:
        call = json.loads(await request.body() or b"null")
        method = call.get("method") if isinstance(call, dict) else None
        if not isinstance(method, str) or method not in STREAMS:
            answered = await unary(request)
            silent = isinstance(method, str) and "id" not in call
            return Response(status_code=204) if silent else answered  # a notification has no answer
        number = call.get("id")
        try:
            if call.get("jsonrpc") != "2.0" or isinstance(number, bool) or not isinstance(number, str | int):
                raise InvalidRequestError("a stream is asked for by a request of JSON-RPC 2.0, with an id")
            params: Any = _parse(call.get("params", {}), STREAMS[method]())
            context = builder.build(request)
            context.tenant = params.tenant
            stream = await operations.stream(params, context, _last(request))
            return await _told(
                stream,
                lambda response: {"jsonrpc": "2.0", "id": number, "result": response},
                lambda error: build_error_response(number, error),
            )
        except A2AError as error:
            known = isinstance(number, str | int) and not isinstance(number, bool)
            return JSONResponse(build_error_response(number if known else None, error))

    return answer


def rest(operations: Operations, request_of: Callable[[Request], Awaitable[Any]]) -> Endpoint:
    """Give an endpoint of REST that answers with a stream."""
    builder = ContextBuilder()

    async def answer(request: Request) -> Response:
        try:
            context = builder.build(request)
            stream = await operations.stream(await request_of(request), context, _last(request))
            return await _told(stream, lambda response: response, build_rest_error_payload)
        except A2AError as error:
            payload = build_rest_error_payload(error)
            return JSONResponse(payload, payload["error"]["code"], media_type="application/a2a+json")

    return answer


async def message(request: Request) -> pb.SendMessageRequest:
    """Read the message of a request of REST."""
    return _parse(json.loads(await request.body() or b"{}"), pb.SendMessageRequest())


async def subscription(request: Request) -> pb.SubscribeToTaskRequest:
    """Read which task a request of REST is about."""
    return pb.SubscribeToTaskRequest(id=request.path_params["id"])


async def _told(
    stream: Stream | None,
    shape: Callable[[dict[str, Any]], dict[str, Any]],
    shape_error: Callable[[A2AError], dict[str, Any]],
) -> Response:
    """Answer with a stream, once its first event is there: what is refused until then is no stream."""
    if stream is None:
        return Response(status_code=204)
    first = await anext(stream)

    async def events() -> AsyncIterator[ServerSentEvent]:
        try:
            async with contextlib.aclosing(stream):
                yield _event(*first, shape)
                async for number, response in stream:
                    yield _event(number, response, shape)
        except Exception as error:  # noqa: BLE001 - the answer has begun, so an event is all that can tell of it
            yield ServerSentEvent(json.dumps(shape_error(as_told(error))), event="error")

    return EventSourceResponse(events(), ping=PING_SECONDS, send_timeout=STALLED_SECONDS)


def _event(number: int, response: dict[str, Any], shape: Callable[[dict[str, Any]], dict[str, Any]]) -> ServerSentEvent:
    # In ASCII: some clients take U+2028 for the end of a line, as Python's `str.splitlines` does, and JSON lets it be.
    return ServerSentEvent(json.dumps(shape(response)), id=str(number))


def _last(request: Request) -> int | None:
    given = request.headers.get(LAST_EVENT_ID)
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise InvalidParamsError("Last-Event-ID: give the id of an event of this task")
    return int(given)


def _parse(given: Any, message: Params) -> Params:
    try:
        return ParseDict(given, message, ignore_unknown_fields=True)
    except (ParseError, TypeError, AttributeError):
        raise InvalidParamsError("the parameters are not those of this method") from None
