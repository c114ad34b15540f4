"""`companion serve a2a`. What is heavy is imported when the command runs."""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from companion.cli_output import refuse

NAME = "serve a2a"


def a2a(
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8009,
    database: Annotated[
        str,
        typer.Option(
            metavar="postgresql://...", show_default="one of its own, with an example tenant, gone when it stops",
            help="The tasks' database, by its administrator's address; several servers may share one.",
        ),
    ] = "",
    url: Annotated[
        str,
        typer.Option(
            metavar="https://...", show_default="http://HOST:PORT",
            help="Where callers find this server, if that is somewhere else: behind a proxy, for example.",
        ),
    ] = "",
    origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Whose pages may call, such as http://127.0.0.1:8888.")
    ] = None,
    inside: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST:PORT", help="Where notifications may be sent although it is no public address."),
    ] = None,
    jwks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", show_default="the keys that `companion token` signs with",
            help="The public keys of whoever issues tokens.",
        ),
    ] = None,
    issuer: Annotated[
        str, typer.Option(metavar="NAME", show_default=True, help="What its tokens say in `iss`.")
    ] = "https://issuer.example",
    model: Annotated[str, typer.Option(help="What reads: offline, smollm2 or ollama/<model>.")] = "offline",
    threads: Annotated[int, typer.Option(min=1, max=64, help="How many tasks it works on at once.")] = 4,
    lease: Annotated[
        float, typer.Option(min=0.5, max=3600, help="Seconds after which another server takes a silent one's task.")
    ] = 10.0,
) -> None:  # fmt: skip
    """Serve an agent that answers from a tenant's documents, by A2A 1.0, until a SIGTERM or Ctrl-C.

    Prints one line to stderr when it accepts requests. Its card lies under /.well-known/agent-card.json, JSON-RPC
    under /rpc, REST under /rest. Callers bring a token for the audience `a2a`, with the scopes `read` and `write`.

    Example: `companion serve a2a`, and in another terminal
    `companion token 0a000000-0000-4000-8000-000000000001 --scope read --scope write --audience a2a`
    """
    from companion.errors import CompanionError
    from companion.models import chat_model
    from companion.services.a2a.server.app import Server, bound, create_app
    from companion.services.database import open_database

    try:
        chat_model(model)  # so that a name which there is not is refused now
    except (ValueError, ImportError) as error:
        refuse(NAME, f"--model: {error}")
    try:
        listener = bound(host, port)
    except OSError as error:
        refuse(NAME, f"cannot listen at {host}:{port}: {error.strerror or error}")
    with contextlib.closing(listener), _ending():
        try:
            keys = _keys(jwks, issuer)
            with open_database(database or None) as opened:
                if not database:
                    _add_example(opened)
                here = "{}:{}".format(*listener.getsockname()[:2])
                place = url.rstrip("/") or f"http://{here}"
                agent = {"model": model, "threads": threads, "lease": lease}
                settings = _settings(opened.app, place, here, origin or [], inside or [], keys, issuer, agent)
                Server(create_app(settings), lambda: typer.echo(f"ready {place}/rpc", err=True)).run([listener])
        except CompanionError as error:
            refuse(NAME, str(error))


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """Have a SIGTERM or Ctrl-C end the command by way of its contexts, so that nothing is left behind.

    While the server runs it has handlers of its own; when it has stopped it raises the signal once more, for us.
    """

    def end(signum: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _settings(
    database: str, place: str, here: str, origins: list[str], inside: list[str], keys: dict[str, Any], issuer: str,
    agent: dict[str, Any],
) -> Any:  # fmt: skip
    from urllib.parse import urlsplit

    from companion.services.a2a import workflows
    from companion.services.a2a.server.app import Settings
    from companion.services.a2a.server.card import make_card
    from companion.services.a2a.server.guard import Limits
    from companion.services.a2a.server.pushes import Targets
    from companion.services.a2a.tasks.workers import Terms, new_name
    from companion.services.tenancy.tokens import Verifier

    port = here.rpartition(":")[2]
    hosts = {urlsplit(place).netloc, here, f"localhost:{port}", f"127.0.0.1:{port}"}
    card = make_card("Reader", "Answers from the documents of its caller's tenant.", place, workflows.SKILLS)
    return Settings(
        database,
        card,
        workflows.agent(agent["model"]),
        Verifier(keys, issuer, "a2a"),
        Limits(frozenset(hosts), frozenset(origins)),
        Terms(new_name(), agent["threads"], agent["lease"]),
        Targets(frozenset(inside)),
    )


def _keys(file: Path | None, issuer: str) -> dict[str, Any]:
    """Give the public keys of the issuer."""
    from companion.services.database.programs import data_home
    from companion.services.tenancy.keys import open_issuer

    if file is None:
        return open_issuer(data_home() / "issuer", issuer).jwks()
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        refuse(NAME, f"--jwks {file}: {error}")
    return found if isinstance(found, dict) else {}


def _add_example(opened: Any) -> None:
    """Put a tenant with a few documents into a database that was just made."""
    from companion.services.a2a.examples import TENANT, add_examples
    from companion.services.database import add_tenant, as_tenant, connect

    with connect(opened.admin) as connection:
        add_tenant(connection, "Example", TENANT)
    with connect(opened.app) as connection, as_tenant(connection, TENANT):
        add_examples(connection)
