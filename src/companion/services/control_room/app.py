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
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from importlib.resources import files

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from companion.models.minilm import embed
from companion.services.a2a.server.app import Settings, create_app
from companion.services.a2a.server.guard import Guard, Limits
from companion.services.control_room.signing import PATH, require_loopback, routes, tenants_of
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


@contextlib.contextmanager
def with_control_room(
    settings: Settings, database: Database, issuer: Issuer, address: tuple[str, int]
) -> Iterator[Starlette]:
    """Give the application of an agent with a control room beside it, and a document server for that to call.

    Parameters
    ----------
    settings : Settings
        The agent's, without a control room.
    database : Database
        The agent's, of which the tools too are to speak.
    issuer : Issuer
        Who signs the tokens that both accept.
    address : tuple of str and int
        What the server is bound to.

    Raises
    ------
    RoomError
        If that is more than loopback.
    """
    host, port = address
    require_loopback(host)
    own_pages = frozenset(f"http://{name}" for name in settings.limits.hosts)
    limits = replace(settings.limits, origins=settings.limits.origins | own_pages)
    with open_pool(database.app) as pool:
        verifier = Verifier(issuer.jwks(), issuer.name, "mcp")
        url = f"http://{host}:{port}/mcp"
        tools = document_server(pool, embed, verifier=verifier, url=url, secret=secrets.token_bytes(32))
        page = _page(limits, [*routes(issuer, lambda: tenants_of(database.admin)), *_files()])
        yield _joined(create_app(replace(settings, limits=limits)), http_app(tools), page)


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


def _page(limits: Limits, routes: Sequence[BaseRoute]) -> Starlette:
    app = Starlette(middleware=[Middleware(Guard, verifier=None, limits=limits)], routes=routes)
    app.router.redirect_slashes = False
    return app


def _files() -> list[Route]:
    """Give a route for each file of the page; what is not listed here is not there."""
    found = {file.name: file.read_bytes() for file in files(__package__).joinpath("page").iterdir() if file.is_file()}
    named = [Route(f"{PATH}/{name}", _file(name, content)) for name, content in found.items()]
    return [Route(PATH, _file(INDEX, found[INDEX])), *named]


def _file(name: str, content: bytes) -> Callable[[Request], Awaitable[Response]]:
    kind = "text/javascript" if name.endswith(".mjs") else mimetypes.guess_type(name)[0]

    async def answer(request: Request) -> Response:
        return Response(content, headers=HEADERS, media_type=kind)

    return answer
