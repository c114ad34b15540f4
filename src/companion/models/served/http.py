"""What both servers share of HTTP: a body that is JSON and not too long, errors in the wire's form, who may call."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from companion.models.served.answers import Refused

LONGEST_BODY = 10_000_000
"""Bytes of a question, with all that it is to be answered from."""

Handler = Callable[[HttpRequest], Awaitable[Response]]
Fault = Callable[[Refused], dict[str, Any]]


def refusing(handle: Handler, fault: Fault) -> Handler:
    """Answer with an error of the wire's form where a handler refuses, or where a page of another place asks.

    A server on loopback is open to every program of this machine, and so to every page in its browser. Those say where
    they come from.
    """

    async def handled(request: HttpRequest) -> Response:
        try:
            origin = _host(request.headers.get("origin", "http://localhost"))
            if origin not in ("localhost", "127.0.0.1", "::1"):
                raise Refused(403, f"pages of {origin or 'no place'} may not ask")
            return await handle(request)
        except Refused as refused:
            return JSONResponse(fault(refused), status_code=refused.status)

    return handled


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).hostname
    except ValueError:
        return None


async def body_of(request: HttpRequest) -> dict[str, Any]:
    """Read a request's JSON object."""
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > LONGEST_BODY:
            raise Refused(413, f"at most {LONGEST_BODY:,} bytes")
    try:
        body = json.loads(read)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"no JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused(400, "no JSON object")
    return body


def texts(value: Any, what: str) -> list[str]:
    """Read a text or a list of texts, none of them empty."""
    read = [] if value is None else [value] if isinstance(value, str) else value
    if isinstance(read, list) and all(isinstance(each, str) and each for each in read):
        return read
    raise Refused(400, f"{what} is a text or a list of texts, none of them empty")


def temperature(value: Any) -> float | None:
    """Read how freely words are drawn."""
    if value is None or (isinstance(value, int | float) and 0 <= value <= 2):
        return value
    raise Refused(400, "temperature is a number from 0 to 2")


def objects(value: Any, what: str) -> list[dict[str, Any]]:
    """Read a list of objects."""
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return value
    raise Refused(400, f"{what} is a list of objects")
