"""The server, put together.

    companion serve a2a --database postgresql://...

A process is a front, which reads and writes rows for its callers, and workers, which take tasks from the same rows. No
task lives in one process: two of them on one database are one agent with two doors.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import uvicorn
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes, create_rest_routes
from a2a.types import a2a_pb2 as pb
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from companion.services.a2a.errors import TaskError
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
from companion.services.serving import config
from companion.services.tenancy.tokens import Verifier

CONNECTIONS = 8
"""For the front; each worker may need one more."""
START_SECONDS = 30
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


def bound(host: str, port: int) -> socket.socket:
    """Take a port, so that the card can name it before the server runs; 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol's name, without which asyncio leaves Nagle's algorithm on (see `companion.services.serving`).
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise
    return taken


class Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        super().__init__(config(app))
        self.config.limit_concurrency = AT_ONCE
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def serving(settings: Settings, listener: socket.socket) -> contextlib.AbstractContextManager[None]:
    """Run a server in a thread of this process while the context lasts; see `serving_app`."""
    return serving_app(create_app(settings), listener)


@contextlib.contextmanager
def serving_app(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """Run an application in a thread of this process while the context lasts.

    Raises
    ------
    TaskError
        If it does not start; its log says why.
    """
    ready = threading.Event()
    server = Server(app, ready.set)

    def run() -> None:
        try:
            with contextlib.suppress(SystemExit):  # which uvicorn raises where the lifespan failed
                server.run([listener])
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="server", daemon=True)
    thread.start()
    try:
        ready.wait(START_SECONDS)
        if not server.started:
            raise TaskError("the server did not start")
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
