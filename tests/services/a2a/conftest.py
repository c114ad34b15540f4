"""One database for the tests of a file, with two tenants, and servers in threads of this process."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
import pytest
from a2a.types import a2a_pb2 as pb

from companion.services.a2a.client import Caller
from companion.services.a2a.server.app import Settings, serving
from companion.services.a2a.server.card import make_card
from companion.services.a2a.server.guard import Limits
from companion.services.a2a.server.pushes import Targets
from companion.services.a2a.tasks.run import Agent
from companion.services.a2a.tasks.workers import Terms, new_name
from companion.services.database import Database, Pool, Server, add_tenant, connect, open_pool
from companion.services.serving import listening
from companion.services.tenancy.tokens import Issuer, Verifier

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Not used, and so made once: a client would read all of the system's certificates."""
SKILL = pb.AgentSkill(id="echo", name="Echo", description="Says what was said.", tags=["echo"])


@dataclass(frozen=True)
class Place:
    """A database, its tenants, and who issues tokens for them."""

    database: Database
    tenant: UUID
    other: UUID
    issuer: Issuer = field(default_factory=lambda: Issuer("https://issuer.example"))

    def token(self, user: str = "ada", *scopes: str, tenant: UUID | None = None, audience: str = "a2a") -> str:
        return self.issuer.token(tenant or self.tenant, user, scopes or ("read", "write"), audience)

    @contextlib.contextmanager
    def server(
        self, agent: Agent, *, lease: float = 5.0, threads: int = 2, inside: frozenset[str] = frozenset(),
        body: int = 1_000_000, seconds: float = 10.0, origins: frozenset[str] = frozenset(),
        hosts: frozenset[str] = frozenset(), port: int = 0,
    ) -> Iterator[str]:  # fmt: skip
        """Give the address of a server that runs meanwhile."""
        with listening(port=port) as (listener, address):
            settings = Settings(
                self.database.app,
                make_card("Echo", "An agent for tests.", f"http://{address}", [SKILL]),
                agent,
                Verifier(self.issuer.jwks(), self.issuer.name, "a2a"),
                Limits(hosts | {str(address)}, origins, body, seconds),
                Terms(new_name(), threads, lease),
                Targets(inside),
            )
            with serving(settings, listener):
                yield f"http://{address}"

    def caller(self, *urls: str, user: str = "ada", tenant: UUID | None = None) -> Caller:
        return Caller(urls, self.token(user, tenant=tenant))

    def web(self, url: str, token: str | None = None) -> httpx.Client:
        """Give a client for requests that a `Caller` would not make."""
        headers = {"authorization": f"Bearer {token or self.token()}", "a2a-version": "1.0"}
        return httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=20, verify=NO_TLS)


@pytest.fixture(scope="module")
def place(server: Server, service: str, request: pytest.FixtureRequest) -> Iterator[Place]:
    name = "a2a_" + request.module.__name__.rpartition(".")[2]
    base, app = server.address.rpartition("/")[0], service.rpartition("/")[0]
    with connect(f"{base}/postgres") as connection:
        connection.execute(f"create database {name} template companion strategy file_copy".encode())
        database = Database(f"{base}/{name}", f"{app}/{name}")
        with connect(database.admin) as admin:
            ours, theirs = add_tenant(admin, "Ada's"), add_tenant(admin, "Bob's")
        yield Place(database, ours, theirs)
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="module")
def tasks_pool(place: Place) -> Iterator[Pool]:
    with open_pool(place.database.app, size=6) as opened:
        yield opened


@pytest.fixture
def said() -> Callable[..., dict[str, object]]:
    """Give a message as the protocol's JSON has it."""

    def message(text: str = "hello", number: str = "") -> dict[str, object]:
        return {"messageId": number or str(uuid4()), "role": "ROLE_USER", "parts": [{"text": text}]}

    return message
