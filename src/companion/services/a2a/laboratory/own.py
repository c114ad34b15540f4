"""A server of ours with an agent that does as it is told, for experiments: in this process, or in one to be killed.

    python -m companion.services.a2a.laboratory.own JSON

Told `steps 5 0.1`, the agent reports five steps, a tenth of a second apart; told `hang once`, it hangs between two
steps the first time; told `mail`, it leaves a file in a folder, keyed by the task. Whatever it was told, it says back.
"""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from a2a.types import a2a_pb2 as pb

from companion.services.a2a.laboratory import children
from companion.services.a2a.laboratory.sdk import wait_for
from companion.services.a2a.server.app import AT_ONCE, Settings, create_app, serving
from companion.services.a2a.server.card import make_card
from companion.services.a2a.server.guard import Limits
from companion.services.a2a.server.pushes import Targets
from companion.services.a2a.tasks.effects import effect_key
from companion.services.a2a.tasks.run import Agent, Run
from companion.services.a2a.tasks.workers import Terms, new_name
from companion.services.database import Database, add_tenant, as_tenant, connect
from companion.services.serving import config, listening
from companion.services.tenancy.tokens import Issuer, Verifier

SKILL = pb.AgentSkill(id="obey", name="Obey", description="Does as it is told.", tags=["experiment"])


def agent_in(folder: str = "") -> Agent:
    """Give the agent; its effects go to a folder."""

    def agent(run: Run) -> None:
        match run.text.split():
            case ["steps", count, pause]:
                for number in range(1, int(count) + 1):
                    run.report(f"step {number} of {count}")
                    time.sleep(float(pause))
            case ["hang", "once"]:
                run.report("step 1")
                if run.lease.fence == 1:
                    time.sleep(3600)  # until somebody kills the process
                run.report("step 2")
            case ["mail"]:
                run.report("about to send")
                (Path(folder) / effect_key(run.lease, "mail")).touch()
        run.artifact("said", run.text)

    return agent


@dataclass(frozen=True)
class World:
    """A database, a tenant in it, and somebody who calls.

    Attributes
    ----------
    database : Database
        Where the tasks are.
    tenant : UUID
        Whose.
    issuer : Issuer
        Who signs tokens.
    """

    database: Database
    tenant: UUID
    issuer: Issuer

    def token(self, user: str = "ada") -> str:
        """Sign a token for a user."""
        return self.issuer.token(self.tenant, user, ["read", "write"], "a2a", 900)

    def worker_of(self, task: str) -> str:
        """Give the name of the server that has the lease of a task."""
        with connect(self.database.app) as connection, as_tenant(connection, self.tenant):
            row = connection.execute("select lease_owner from tasks where id = %s", [task]).fetchone()
        return str(row[0]) if row else ""

    def settings(
        self, agent: Agent, host: str, lease: float, inside: frozenset[str] = frozenset(), name: str = ""
    ) -> Settings:
        """Say what a server is made of."""
        card = make_card("Obedient", "Does as it is told.", f"http://{host}", [SKILL])
        verifier = Verifier(self.issuer.jwks(), self.issuer.name, "a2a")
        terms = Terms(name or new_name(), threads=4, lease=lease)
        return Settings(self.database.app, card, agent, verifier, Limits(frozenset({host})), terms, Targets(inside))


def new_world(database: Database) -> World:
    """Add a tenant to a database."""
    with connect(database.admin) as connection:
        return World(database, add_tenant(connection, "Example"), Issuer("https://issuer.example"))


@contextlib.contextmanager
def served(
    world: World, agent: Agent | None = None, *, lease: float = 5.0, inside: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Give the address of a server that runs in this process meanwhile."""
    with listening() as (listener, address):
        settings = world.settings(agent or agent_in(), str(address), lease, inside)
        with serving(settings, listener):
            yield f"http://{address}"


@dataclass(frozen=True)
class Orders:
    """What a server in a process of its own is told."""

    database: dict[str, str]
    tenant: str
    jwks: dict[str, Any]
    issuer: str
    port: int
    lease: float
    folder: str


class Process:
    """A server in a process of its own, which may be killed and started again at its address."""

    def __init__(self, world: World, *, lease: float = 1.0, folder: str = "", port: int = 0) -> None:
        if not port:
            with listening() as (_, free):
                port = free.port
        keys = world.issuer
        self._orders = Orders(asdict(world.database), str(world.tenant), keys.jwks(), keys.name, port, lease, folder)
        self.name = f"127.0.0.1:{port}"
        self.url = f"http://{self.name}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and do not wait."""
        self._process = children.start(__name__, json.dumps(asdict(self._orders)))

    def ready(self) -> None:
        """Wait until it answers."""
        wait_for(self.url)

    def kill(self) -> None:
        """Kill it, as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None
        return self._process.pid


@contextlib.contextmanager
def processes(world: World, count: int = 2, *, lease: float = 1.0, folder: str = "") -> Iterator[list[Process]]:
    """Give servers in processes of their own, which answer."""
    started = [Process(world, lease=lease, folder=folder) for _ in range(count)]
    try:
        for each in started:
            each.start()
        for each in started:
            each.ready()
        yield started
    finally:
        for each in started:
            each.kill()


def main(orders: Orders) -> None:
    """Serve until killed."""
    logging.disable(logging.CRITICAL)
    world = World(Database(**orders.database), UUID(orders.tenant), Issuer(orders.issuer))
    host = f"127.0.0.1:{orders.port}"
    settings = world.settings(agent_in(orders.folder), host, orders.lease, name=host)
    verifier = Verifier(orders.jwks, orders.issuer, "a2a")
    app = create_app(replace(settings, verifier=verifier))
    with listening(port=orders.port) as (listener, _):
        uvicorn.Server(config(app, AT_ONCE)).run([listener])


if __name__ == "__main__":
    children.end_with_parent()
    main(Orders(**json.loads(sys.argv[1])))
