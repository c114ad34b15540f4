"""The control room, and what it controls, at one address.

    /control-room   the page, and the endpoints that it signs in by
    /mcp            the tools of a document server, on the same database
    everything else the agent, as without a control room

One address, so that the page needs no leave of another: it asks nobody but the server that it came from, and its
Content-Security-Policy holds it to that. What services answer may hold anything that a tenant has written; the page
puts it in as text. Were a line of it to forget that, the policy runs no script that did not come as a file from here,
and a browser with Trusted Types takes no text for HTML at all.
"""

from __future__ import annotations

import contextlib
import mimetypes
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from companion.errors import CompanionError
from companion.models.minilm import embed
from companion.services.a2a.server.guard import Guard, Limits
from companion.services.control_room.signing import PATH, is_loopback, routes, tenants_of
from companion.services.database import Database, open_pool
from companion.services.mcp.app import http_app
from companion.services.mcp.tools import document_server
from companion.services.tenancy.tokens import Issuer, Verifier

INDEX = "index.html"
POLICY = "; ".join([
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'", "trusted-types 'none'",
])  # fmt: skip
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


class RoomError(CompanionError, ValueError):
    """A control room that would sign tokens for more than this machine."""


@dataclass(frozen=True)
class Room:
    """What a control room needs.

    Attributes
    ----------
    database : Database
        Of the agent, and of the tools.
    issuer : Issuer
        Who signs the tokens that both accept.
    limits : Limits
        What the guard lets in.
    host : str
        The address that the server is bound to.
    port : int
        Its port.
    """

    database: Database
    issuer: Issuer
    limits: Limits
    host: str
    port: int


def own_origins(limits: Limits) -> Limits:
    """Let the pages of a server's own names call it, as the control room does."""
    return replace(limits, origins=limits.origins | {f"http://{host}" for host in limits.hosts})


@contextlib.contextmanager
def with_control_room(agent: Starlette, room: Room) -> Iterator[Starlette]:
    """Give an application that has a control room beside an agent, and a document server for it to call.

    Parameters
    ----------
    agent : Starlette
        The A2A server's application, which lets the pages of its own names call it (`own_origins`).
    room : Room
        What else is needed.

    Raises
    ------
    RoomError
        If the server is bound to more than loopback.
    """
    if not is_loopback(room.host):
        raise RoomError(f"a control room signs tokens for whoever asks: bind it to 127.0.0.1, not to {room.host}")
    with open_pool(room.database.app) as pool:
        verifier = Verifier(room.issuer.jwks(), room.issuer.name, "mcp")
        url = f"http://{room.host}:{room.port}/mcp"
        tools = document_server(pool, embed, verifier=verifier, url=url, secret=secrets.token_bytes(32))
        yield _joined(agent, http_app(tools), _page(room))


def _joined(agent: Starlette, tools: Starlette, page: ASGIApp) -> Starlette:
    """Give each request to the application whose path it names, unchanged."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with tools.router.lifespan_context(tools), agent.router.lifespan_context(agent):
            yield

    of_tools = ("/mcp", "/.well-known/oauth-protected-resource/mcp")
    app = Starlette(
        lifespan=lifespan,
        routes=[
            *(Route(path, tools) for path in of_tools),
            Route(PATH, page),
            Route(f"{PATH}/{{rest:path}}", page),
            Route("/{rest:path}", agent),
        ],
    )
    app.router.redirect_slashes = False
    return app


def _page(room: Room) -> Starlette:
    app = Starlette(
        middleware=[Middleware(Guard, verifier=None, limits=own_origins(room.limits))],
        routes=[*routes(room.issuer, lambda: tenants_of(room.database.admin)), *_files()],
    )
    app.router.redirect_slashes = False
    return app


def _files() -> list[BaseRoute]:
    """Give a route for each file of the page; what is not listed here is not there."""
    found = {file.name: file.read_bytes() for file in files(__package__).joinpath("page").iterdir() if file.is_file()}
    return [Route(PATH, _file(INDEX, found[INDEX]))] + [
        Route(f"{PATH}/{name}", _file(name, content)) for name, content in found.items()
    ]  # fmt: skip


def _file(name: str, content: bytes) -> ASGIApp:
    kind = "text/javascript" if name.endswith(".mjs") else mimetypes.guess_type(name)[0]

    async def answer(request: Request) -> Response:
        return Response(content, headers=HEADERS, media_type=kind)

    return answer  # type: ignore[return-value]  # which Route makes an application of
