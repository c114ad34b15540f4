"""One database for all tests of the document server, and an office for each of them: a tenant whom nobody else has."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from companion.services.database import Database, Pool, Server, add_tenant, as_tenant, connect, open_pool
from companion.services.documents import DIMENSIONS, Embed, add_documents
from companion.services.mcp.access import READ, WRITE
from companion.services.mcp.app import http_app
from companion.services.mcp.conversation import Answer, Message, call
from companion.services.mcp.service import AUDIENCE, ISSUER
from companion.services.mcp.tools import document_server
from companion.services.serving import listening, running_on
from companion.services.tenancy.tokens import Claims, Issuer, Verifier
from tests.services.conftest import in_database

SECRET = b"what all replicas of the tests share"
YES: Message = {"action": "accept", "content": {"delete": True}}


def by_words(texts: list[str]) -> NDArray[np.float32]:
    """Stand in for a model: texts with the same words point the same way, and one without words nowhere."""
    found = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in zip(found, texts, strict=True):
        for word in text.lower().split():
            row[zlib.crc32(word.encode(errors="replace")) % DIMENSIONS] += 1
    return found


@dataclass(frozen=True)
class Place:
    """What replicas share."""

    database: Database
    pool: Pool
    issuer: Issuer = field(default_factory=lambda: Issuer(ISSUER))

    def verifier(self) -> Verifier:
        return Verifier(self.issuer.jwks(), self.issuer.name, AUDIENCE)

    @contextlib.contextmanager
    def serve(self, embed: Embed = by_words, pool: Pool | None = None, secret: bytes = SECRET) -> Iterator[str]:
        """Give the address of a replica that runs meanwhile."""
        with listening() as (listener, address):
            url = f"http://{address}/mcp"
            server = document_server(pool or self.pool, embed, verifier=self.verifier(), url=url, secret=secret)
            with running_on(listener, http_app(server)):
                yield url


@dataclass(frozen=True)
class Office:
    """A tenant, and what its users do."""

    place: Place
    tenant: UUID
    url: str
    open: contextlib.ExitStack

    def claims(self, *scopes: str, user: str = "ada", seconds: int = 300) -> Claims:
        return self.place.verifier().verify(self.token(*scopes, user=user, seconds=seconds))

    def token(self, *scopes: str, user: str = "ada", seconds: int = 300, audience: str = AUDIENCE) -> str:
        return self.place.issuer.token(self.tenant, user, scopes or (READ, WRITE), audience, seconds)

    def web(self, *scopes: str, user: str = "ada", token: str | None = None) -> httpx.Client:
        """Give a client that brings a token with each request; it is closed with the test."""
        bearer = {"authorization": f"Bearer {self.token(*scopes, user=user) if token is None else token}"}
        made = httpx.Client(trust_env=False, timeout=60, verify=False, headers=bearer)
        return self.open.enter_context(made)

    def call(self, tool: str, /, *scopes: str, user: str = "ada", **arguments: Any) -> Answer:
        return call(self.web(*scopes, user=user), self.url, tool, arguments)

    def add(self, *documents: tuple[str, str]) -> list[UUID]:
        with self.place.pool.connection() as connection, as_tenant(connection, self.tenant):
            return add_documents(connection, documents)

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the database as its administrator, for this tenant; `{tenant}` in the question is its number."""
        with connect(self.place.database.admin) as connection:
            return connection.execute(question.replace("{tenant}", f"'{self.tenant}'").encode()).fetchall()

    def titles(self) -> list[str]:
        return [row[0] for row in self.rows("select title from documents where tenant_id = {tenant} order by title")]

    def audit(self) -> list[tuple[Any, ...]]:
        return self.rows("select action, object, actor from audit where tenant_id = {tenant} order by at, id")


def answered(asked: Message, with_what: Message = YES) -> Message:
    """Give what a client adds to its call when its person has answered."""
    return {
        "inputResponses": dict.fromkeys(asked["inputRequests"], with_what),
        "requestState": asked["requestState"],
    }


def structure(answer: Answer) -> Any:
    assert not answer.result["isError"], answer.words
    return answer.result["structuredContent"]


def hits(answer: Answer) -> list[str]:
    return [hit["title"] for hit in structure(answer)["hits"]]


def failed(answer: Answer) -> str:
    """Give what a tool says of its failure, without the words that the SDK puts in front."""
    assert answer.status == 200 and answer.result["isError"]
    return re.sub(r"^Error executing tool \w+: ", "", answer.words)


def question(asked: Message) -> str:
    (only,) = asked["inputRequests"].values()
    return str(only["params"]["message"])


@pytest.fixture(scope="session")
def place(server: Server, service: str) -> Iterator[Place]:
    name = "mcp_tests"
    with connect(in_database(server.address, "postgres")) as connection:
        connection.execute(f"create database {name} template companion strategy file_copy".encode())
        database = Database(in_database(server.address, name), in_database(service, name))
        with open_pool(database.app, size=4, timeout=30) as pool:
            yield Place(database, pool)
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="session")
def url(place: Place) -> Iterator[str]:
    """Give the address of a server over HTTP."""
    with place.serve() as address:
        yield address


@pytest.fixture
def office(place: Place, url: str) -> Iterator[Office]:
    yield from _office(place, url)


@pytest.fixture
def neighbour(place: Place, url: str) -> Iterator[Office]:
    """Give another tenant, on the same server."""
    yield from _office(place, url)


def _office(place: Place, url: str) -> Iterator[Office]:
    tenant = uuid4()
    with connect(place.database.admin) as connection:
        add_tenant(connection, "an office", tenant)
    with contextlib.ExitStack() as opened:
        yield Office(place, tenant, url, opened)
