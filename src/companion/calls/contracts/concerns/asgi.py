"""ASGI middleware of two kinds: pure, a callable around a callable, and Starlette's `BaseHTTPMiddleware`.

Of each kind one does auth, and one takes the time and looks at the context on the way out. They are called without a
server, as a server would call them.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable
from typing import Any

from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from companion.calls.contracts.concerns.contexts import apart

TOKEN = "Bearer t-ada"
note: contextvars.ContextVar[str] = contextvars.ContextVar("note", default="nothing")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The service: the balance, over HTTP; over a WebSocket the same, as its first message."""
    note.set("set by the application")
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "ada has 100"})
        await send({"type": "websocket.close"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ada has 100"})


def bearer(scope: Scope) -> str:
    """The Authorization header of a request, or nothing."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), "")


class PureAuth:
    """Auth for requests and for sockets: what it does not know it lets nobody do."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if bearer(scope) == TOKEN:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})


class PureTiming:
    """Adds up how long requests take, and looks at the context on the way out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.seconds, self.seen = app, 0.0, "nothing"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        await self.app(scope, receive, send)
        self.seconds += time.perf_counter() - start
        self.seen = note.get()


class BaseAuth(BaseHTTPMiddleware):
    """Auth as one writes it with Starlette's class."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if request.headers.get("authorization") != TOKEN:
            return Response(status_code=401)
        return await call_next(request)


class BaseTiming(BaseHTTPMiddleware):
    """The same with Starlette's class."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self.seconds, self.seen = 0.0, "nothing"

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        start = time.perf_counter()
        response = await call_next(request)
        self.seconds += time.perf_counter() - start
        self.seen = note.get()
        return response


LAYERS: dict[str, tuple[Callable[[ASGIApp], ASGIApp], Callable[[ASGIApp], ASGIApp]]] = {
    "pure": (PureAuth, PureTiming),
    "BaseHTTPMiddleware": (BaseAuth, BaseTiming),
}


def stack(kind: str, layers: int) -> ASGIApp:
    """So many middlewares of a kind around the application; the outermost does auth, the others take the time."""
    outer, inner = LAYERS[kind]
    app: ASGIApp = application
    for number in reversed(range(layers)):
        app = (inner if number else outer)(app)
    return app


async def ask(app: ASGIApp, kind: str = "http", token: str = TOKEN) -> list[Message]:
    """Send one request, or open one WebSocket; all that the application sends."""
    headers = [(b"authorization", token.encode())] if token else []
    scope: Scope = {"type": kind, "method": "GET", "path": "/", "query_string": b"", "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def answers(kind: str, what: str, token: str) -> str:
    """What a caller with this token gets: a status, or the first that comes over a WebSocket."""
    sent = apart(lambda: asyncio.run(ask(stack(kind, 1), what, token)))
    if what == "http":
        return str(sent[0]["status"])
    return next((message["text"] for message in sent if message["type"] == "websocket.send"), "refused")


def tasks(kind: str, layers: int) -> int:
    """How many tasks the event loop makes for one request."""
    made = 0

    def factory(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> Any:
        nonlocal made
        made += 1
        return asyncio.Task(work, loop=loop, **options)

    async def run() -> None:
        await ask(stack(kind, layers))  # what is made once only
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        await ask(stack(kind, layers))
        loop.set_task_factory(None)  # what ends the loop makes tasks, too

    apart(lambda: asyncio.run(run()))
    return made


def seen_outside(kind: str) -> str:
    """What a middleware finds in a context variable that the application has set."""
    outside: Any = LAYERS[kind][1](application)
    apart(lambda: asyncio.run(ask(outside)))
    return str(outside.seen)
