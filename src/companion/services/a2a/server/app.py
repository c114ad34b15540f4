"""The server, put together.

    companion serve a2a --database postgresql://...

A process is a front, which reads and writes rows for its callers, and workers, which take tasks from the same rows. No
task lives in one process: two of them on one database are one agent with two doors.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes, create_rest_routes
from a2a.types import a2a_pb2 as pb
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from companion.services.a2a.server import card as cards
from companion.services.a2a.server import streams
from companion.services.a2a.server.guard import RPC, Guard, Limits, Refused, refuse
from companion.services.a2a.server.operations import Operations
from companion.services.a2a.server.pushes import Targets, telling
from companion.services.a2a.server.tails import Tails
from companion.services.a2a.tasks.bell import listening
from companion.services.a2a.tasks.run import Agent
from companion.services.a2a.tasks.workers import Terms, working
from companion.services.database import open_pool
from companion.services.serving import running_on
from companion.services.tenancy.tokens import Verifier

CONNECTIONS = 8
"""For the front; each worker may need one more."""
AT_ONCE = 2000
"""Requests and streams that are open at one time; further ones get 503."""


@dataclass(frozen=True)
class Settings:
    """What a server is made of.

    Attributes
    ----------
    database : str
        The service's address of the database.
    card : AgentCard
        What the agent says of itself.
    agent : Agent
        What works on tasks.
    verifier : Verifier
        Who may call.
    limits : Limits
        What the guard lets in.
    terms : Terms
        How tasks are worked on.
    targets : Targets
        Where notifications may be sent.
    """

    database: str
    card: pb.AgentCard
    agent: Agent
    verifier: Verifier
    limits: Limits
    terms: Terms
    targets: Targets = field(default_factory=Targets)


def create_app(settings: Settings) -> Starlette:
    """Give the application; its lifespan opens the database, and starts and ends the workers."""
    app = Starlette(
        lifespan=lambda app: _running(app, settings),
        middleware=[Middleware(Guard, verifier=settings.verifier, limits=settings.limits)],
        exception_handlers={404: _not_here, 405: _not_here},
    )
    app.router.redirect_slashes = False
    app.router.routes.extend(create_agent_card_routes(settings.card, cache_control=cards.MAX_AGE))
    return app


@contextlib.asynccontextmanager
async def _running(app: Starlette, settings: Settings) -> AsyncIterator[None]:
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(open_pool(settings.database, size=CONNECTIONS + settings.terms.threads))
        bell = stack.enter_context(listening(settings.database))
        stack.enter_context(telling(pool, settings.targets, bell))
        stack.enter_context(working(pool, settings.agent, settings.terms, bell))
        operations = Operations(pool, Tails(bell), settings.card, settings.targets)
        app.router.routes.extend(_routes(operations))
        yield


def _routes(operations: Operations) -> list[BaseRoute]:
    builder = streams.ContextBuilder()
    (unary,) = create_jsonrpc_routes(operations, RPC, builder)
    subscribe = streams.rest(operations, streams.subscription)
    return [
        Route(RPC, streams.rpc(operations, unary.endpoint), methods=["POST"]),
        Route(f"{cards.REST}/message:stream", streams.rest(operations, streams.message), methods=["POST"]),
        Route(f"{cards.REST}/tasks/{{id}}:subscribe", subscribe, methods=["GET", "POST"]),
        *create_rest_routes(operations, builder, path_prefix=cards.REST),
    ]


async def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refuse(request.url.path, Refused(error.status_code, error.detail.upper().replace(" ", "_"), error.detail))


def serving(settings: Settings, listener: socket.socket) -> contextlib.AbstractContextManager[None]:
    """Run a server on a socket that listens, in a thread of this process, while the context lasts."""
    return running_on(listener, create_app(settings), AT_ONCE)
