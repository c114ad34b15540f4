"""A server of tools on HTTP, as one should stand in a network: stateless, and with bounds.

Stateless, and without the SDK's JSON mode: any replica can take any call, progress arrives while a tool runs, and a
tool whose caller has hung up is cancelled. JSON mode, which sounds like the simpler choice, loses both.

The SDK bounds a body's size and looks at Host and Origin. What it leaves open is closed here: a stream that a client
opens, by a GET in the earlier protocol and by `subscriptions/listen` in today's, and which the stateless server would
hold for ever with nothing to say; and a body that begins and never ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp_types import METHOD_NOT_FOUND
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/mcp"
MAX_BODY = 1 << 20
BODY_SECONDS = 10.0
"""How long a body may take to arrive."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def http_app(
    server: MCPServer[Any], hosts: Sequence[str] = (), *, body_seconds: float = BODY_SECONDS, max_body: int = MAX_BODY
) -> Starlette:
    """Make the application of a server, at the path /mcp.

    Parameters
    ----------
    server : MCPServer
        Its tools. It refuses `subscriptions/listen` from now on.
    hosts : sequence of str
        By which names its clients know it, beside loopback's; `name:port`, or `name:*` for any port. A request for
        another name is refused: a web page could have had that name resolved to this machine (DNS rebinding).
    body_seconds : float
        How long a request's body may take.
    max_body : int
        Its most bytes.
    """
    known = [f"{name}:*" for name in LOOPBACK] + list(hosts)
    if no_news not in server.middleware:
        server.middleware.append(no_news)
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        max_request_body_size=max_body,
        transport_security=TransportSecuritySettings(
            allowed_hosts=known,
            allowed_origins=[f"{scheme}://{host}" for host in known for scheme in ("http", "https")],
        ),
    )
    app.add_middleware(Bounds, seconds=body_seconds)
    return app


async def no_news(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Refuse to hold a stream open for news that never come."""
    if ctx.method == "subscriptions/listen":
        raise MCPError(code=METHOD_NOT_FOUND, message="this server has no news to listen for", data=ctx.method)
    return await call_next(ctx)


class BodyTooSlow(Exception):
    """A body that did not end in time; never seen outside."""


class Bounds:
    """Refuses what would be held open: a GET, since nobody is told anything unasked, and a body that does not end.

    What lies beside the tools may be fetched: the page that says where a token comes from.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == PATH and scope["method"] != "POST":
            await PlainTextResponse("send a POST", 405, {"allow": "POST"})(scope, receive, send)
            return
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, _in_time(receive, self._seconds), answer)
        except BodyTooSlow:
            if not begun:
                refusal = PlainTextResponse("the body did not end in time", 408, {"connection": "close"})
                await refusal(scope, receive, send)


def _in_time(receive: Receive, seconds: float) -> Receive:
    """Give what arrives, and no longer than so many seconds of a body; the wait for a hang-up later on has no bound."""
    until = asyncio.get_running_loop().time() + seconds
    ended = False

    async def next_message() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow from None
        ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return next_message
