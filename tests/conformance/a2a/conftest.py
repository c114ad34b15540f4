"""One server whose agent does as it is told, asked through both bindings; and one whose card declares little."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from a2a.types import a2a_pb2 as pb

from companion.services.a2a.laboratory.listeners import Receiver, receiving
from companion.services.a2a.server.app import Settings, serving
from companion.services.a2a.server.card import make_card
from companion.services.a2a.server.guard import Limits
from companion.services.a2a.server.pushes import Targets
from companion.services.a2a.tasks.run import Rejected, Run
from companion.services.a2a.tasks.workers import Terms, new_name
from companion.services.database import add_tenant, connect, open_database
from companion.services.serving import listening
from companion.services.tenancy.tokens import Issuer, Verifier
from tests.conformance.a2a.bindings import Binding, Rest, Rpc

SECRET = "hunter2"


def agent(run: Run) -> None:
    """Do what the message says, a word a line; `steps 3` tells of three steps."""
    if run.text.startswith("ask") and len(run.messages) == 1:
        run.ask("what?")
    if run.text == "refuse":
        raise Rejected("not this")
    if run.text == "fail":
        raise RuntimeError(f"select * from users where password = '{SECRET}'")
    steps = int(run.text.split()[1]) if run.text.startswith("steps") else 1
    for step in range(steps):
        run.report(f"step {step}")
        time.sleep(0.05 if steps > 1 else 0)
    run.artifact("result", "done, ä")


@dataclass(frozen=True)
class World:
    """The servers, and whose they are."""

    url: str
    bare_url: str
    issuer: Issuer
    tenant: UUID
    other: UUID
    receiver: Receiver

    def token(self, user: str = "ada", scopes: tuple[str, ...] = ("read", "write"), tenant: UUID | None = None) -> str:
        return self.issuer.token(tenant or self.tenant, user, scopes, "a2a")


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    issuer = Issuer("https://issuer.example")
    skill = pb.AgentSkill(id="do", name="Do", description="Does as it is told.", tags=["test"])
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(open_database())
        receiver = stack.enter_context(receiving())
        with connect(database.admin) as connection:
            tenant, other = add_tenant(connection, "Ada's"), add_tenant(connection, "Bob's")
        urls = []
        for bare in (False, True):
            listener, address = stack.enter_context(listening())
            host = str(address)
            card = make_card("Obedient", "An agent for tests.", f"http://{host}", [skill])
            if bare:
                card.capabilities.Clear()
            settings = Settings(
                database.app, card, agent, Verifier(issuer.jwks(), issuer.name, "a2a"),
                Limits(frozenset({host})), Terms(new_name(), 4, 10.0),
                Targets(frozenset({receiver.host})),
            )  # fmt: skip
            stack.enter_context(serving(settings, listener))
            urls.append(f"http://{host}")
        yield World(urls[0], urls[1], issuer, tenant, other, receiver)


@pytest.fixture(params=[Rpc, Rest], ids=["JSON-RPC", "REST"])
def binding(request: pytest.FixtureRequest, world: World) -> Iterator[Binding]:
    made: Binding = request.param(world.url, world.token())
    yield made
    made.web.close()


@pytest.fixture
def other_user(binding: Binding, world: World) -> Binding:
    return type(binding)(world.url, world.token("eve"))


@pytest.fixture
def other_tenant(binding: Binding, world: World) -> Binding:
    return type(binding)(world.url, world.token(tenant=world.other))


@pytest.fixture
def said() -> Callable[..., dict[str, Any]]:
    def message(text: str = "go", **given: Any) -> dict[str, Any]:
        return {"messageId": str(uuid4()), "role": "ROLE_USER", "parts": [{"text": text}]} | given

    return message
