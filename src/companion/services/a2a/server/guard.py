"""What is refused before the protocol is asked.

The SDK's routes take a request from whoever can reach the port: any Host, any Origin, any Content-Type, any size. A web
page that its victim opens can reach a port on the victim's own machine, so a server that only listens on loopback is
not out of reach. These checks are ASGI middleware, in this order, each answered in the form of its binding:

    Host     421  a name that is not ours: a page whose own name was made to point here (DNS rebinding)
    Origin   403  a page of another site
    token    401  nobody we know; 403 somebody we know, who may not do this
    type     415  no JSON: what a page can send without asking first (a form, text/plain) is none
    body     413  too large; 408 begun, and not sent to its end; 400 no JSON, or nested without end
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from companion.services.tenancy.tokens import Claims, InvalidToken, Verifier

RPC = "/rpc"
CARD = "/.well-known/agent-card.json"
DOMAIN = "a2a-protocol.org"
JSON_TYPES = ("application/json", "application/a2a+json")
STATUS_WORDS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
LOOKING = frozenset({
    "GetTask", "ListTasks", "SubscribeToTask", "GetExtendedAgentCard",
    "GetTaskPushNotificationConfig", "ListTaskPushNotificationConfigs",
})  # fmt: skip
"""The methods of JSON-RPC that change nothing."""
RPC_CODES = {400: -32700, 401: -32010, 403: -32011, 408: -32012, 413: -32013, 415: -32014, 421: -32015}
"""What JSON-RPC calls a refusal: one code is its own, the others are of the range that is left to a server."""


@dataclass(frozen=True)
class Limits:
    """What the guard lets in.

    Attributes
    ----------
    hosts : frozenset of str
        The names of this server, as the Host header has them.
    origins : frozenset of str
        The pages that may call, as the Origin header has them.
    body : int
        Bytes of a request.
    seconds : float
        How long its body may take.
    """

    hosts: frozenset[str]
    origins: frozenset[str] = field(default_factory=frozenset)
    body: int = 1_000_000
    seconds: float = 10.0


class Refused(Exception):
    """A request that does not pass."""

    def __init__(self, status: int, reason: str, words: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.status, self.reason, self.words, self.headers = status, reason, words, headers or {}


class Guard:
    """Middleware in front of the protocol; it puts who calls into the scope, as ``claims``.

    Without a verifier it asks for no token, and for all the rest: for pages, which a browser fetches without one.
    """

    def __init__(self, app: ASGIApp, verifier: Verifier | None, limits: Limits) -> None:
        self.app = app
        self.verifier = verifier
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, verifier = Headers(scope=scope), None if scope["path"] == CARD else self.verifier
        try:
            self._where(headers)
            if verifier is not None:
                scope["claims"] = _who(headers, verifier)
            body = await self._body(headers, receive) if scope["method"] == "POST" else b""
            if verifier is not None:
                may(scope["claims"], needed(scope["method"], scope["path"], body))
        except Refused as refusal:
            await refuse(scope["path"], refusal)(scope, receive, send)
            return
        await self.app(scope, _replayed(body, receive), send)

    def _where(self, headers: Headers) -> None:
        if headers.get("host", "") not in self.limits.hosts:
            raise Refused(421, "UNKNOWN_HOST", "this server has no such name")
        origin = headers.get("origin")
        if origin is not None and origin not in self.limits.origins:
            raise Refused(403, "UNKNOWN_ORIGIN", "pages of this origin may not call")

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        announced = headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > self.limits.body:
            raise Refused(413, "TOO_LARGE", f"at most {self.limits.body} bytes are taken")
        try:
            body = await asyncio.wait_for(self._read(receive), self.limits.seconds)
        except TimeoutError:
            close = {"connection": "close"}
            raise Refused(408, "TOO_SLOW", "the request did not come to its end", close) from None
        if body and headers.get("content-type", "").partition(";")[0].strip().lower() not in JSON_TYPES:
            raise Refused(415, "NO_JSON", f"this is taken: {', '.join(JSON_TYPES)}")
        try:
            json.loads(body or b"null")
        except (ValueError, RecursionError):
            raise Refused(400, "JSON_PARSE_ERROR", "Invalid JSON payload") from None
        return body

    async def _read(self, receive: Receive) -> bytes:
        read = bytearray()
        while True:
            message = await receive()
            read += message.get("body", b"")
            if len(read) > self.limits.body:
                raise Refused(413, "TOO_LARGE", f"at most {self.limits.body} bytes are taken", {"connection": "close"})
            if not message.get("more_body", False):
                return bytes(read)


def _who(headers: Headers, verifier: Verifier) -> Claims:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(401, "UNAUTHENTICATED", "a bearer token is needed", {"www-authenticate": "Bearer"})
    try:
        return verifier.verify(token.strip())
    except InvalidToken as error:
        challenge = {"www-authenticate": 'Bearer error="invalid_token"'}
        raise Refused(401, "UNAUTHENTICATED", f"the token is refused: {error}", challenge) from None


def needed(method: str, path: str, body: bytes) -> str:
    """Say which scope a request needs: to look at a task, or to do something about it."""
    if path == RPC:
        call = json.loads(body or b"null")
        return "read" if isinstance(call, dict) and str(call.get("method")) in LOOKING else "write"
    return "read" if method == "GET" or path.endswith(":subscribe") else "write"


def may(claims: Claims, scope: str) -> None:
    """Refuse who may not."""
    if scope not in claims.scopes:
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        raise Refused(403, "PERMISSION_DENIED", f"the token does not allow `{scope}`", {"www-authenticate": challenge})


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body once more, as if it came now; afterwards, what comes."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again


def refuse(path: str, refusal: Refused) -> JSONResponse:
    """Write a refusal in the form of the binding that was called."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": refusal.reason, "domain": DOMAIN}]
    if path == RPC:
        told = {"code": RPC_CODES[refusal.status], "message": refusal.words, "data": details}
        status = 200 if refusal.status == 400 else refusal.status  # JSON-RPC has its own word for what is no JSON
        return JSONResponse({"jsonrpc": "2.0", "id": None, "error": told}, status, dict(refusal.headers))
    words = STATUS_WORDS.get(refusal.status, HTTPStatus(refusal.status).name)
    error = {"code": refusal.status, "status": words, "message": refusal.words, "details": details}
    return JSONResponse({"error": error}, refusal.status, dict(refusal.headers), "application/a2a+json")
