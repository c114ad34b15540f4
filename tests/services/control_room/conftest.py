"""A server with a control room in a thread of this process, on a database with two tenants."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from a2a.types import a2a_pb2 as pb

from companion.services.a2a.server.app import Settings
from companion.services.a2a.server.card import make_card
from companion.services.a2a.server.guard import Limits
from companion.services.a2a.tasks.run import Run
from companion.services.a2a.tasks.workers import Terms, new_name
from companion.services.control_room.app import with_control_room
from companion.services.database import Database, Server, connect
from companion.services.samples import add_samples
from companion.services.serving import listening, running_on
from companion.services.tenancy.tokens import Issuer, Verifier

SKILL = pb.AgentSkill(id="echo", name="Echo", description="Says what was said.", tags=["echo"])


def echo(run: Run) -> None:
    if run.text == "ask me":
        run.ask("What shall I say?")
    run.report("listening")
    run.artifact("echo", run.text)


@dataclass(frozen=True)
class Site:
    """A server with a control room."""

    url: str
    database: Database
    issuer: Issuer

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def web(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=20)


@contextlib.contextmanager
def site_of(database: Database) -> Iterator[Site]:
    issuer = Issuer("https://issuer.example")
    with listening() as (listener, address):
        settings = Settings(
            database.app,
            make_card("Echo", "An agent for tests.", f"http://{address}", [SKILL]),
            echo,
            Verifier(issuer.jwks(), issuer.name, "a2a"),
            Limits(frozenset({str(address)})),
            Terms(new_name(), 2),
        )
        with with_control_room(settings, database, issuer, address) as app, running_on(listener, app):
            yield Site(f"http://{address}", database, issuer)


@pytest.fixture(scope="module")
def site(server: Server, service: str, request: pytest.FixtureRequest) -> Iterator[Site]:
    name = "room_" + request.module.__name__.rpartition(".")[2]
    base, app = server.address.rpartition("/")[0], service.rpartition("/")[0]
    with connect(f"{base}/postgres") as connection:
        connection.execute(f"create database {name} template companion strategy file_copy".encode())
        database = Database(f"{base}/{name}", f"{app}/{name}")
        add_samples(database)
        with site_of(database) as running:
            yield running
        connection.execute(f"drop database {name} with (force)".encode())
