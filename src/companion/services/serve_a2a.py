"""`companion serve a2a`. What is heavy is imported when the command runs."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from companion.cli_output import refuse
from companion.services.commands import listening_or_refused
from companion.services.log import log_to_stderr

NAME = "serve a2a"


def a2a(
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8009,
    database: Annotated[
        str,
        typer.Option(
            metavar="postgresql://...", show_default="one of its own, with two tenants of the book, gone when it stops",
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
    control_room: Annotated[
        bool,
        typer.Option(
            "--control-room",
            help="For development: a page under /control-room that signs in whoever opens it, as any tenant; an MCP"
            " server under /mcp for it to call. On loopback only.",
        ),
    ] = False,
) -> None:  # fmt: skip
    """Serve an agent that answers from a tenant's documents, by A2A 1.0, until a SIGTERM or Ctrl-C.

    Prints one line to stderr when it accepts requests. Its card lies under /.well-known/agent-card.json, JSON-RPC
    under /rpc, REST under /rest. Callers bring a token for the audience `a2a`, with the scopes `read` and `write`.

    Example: `companion serve a2a`, and in another terminal
    `companion token ada00000-0000-4000-8000-000000000001 --scope read --scope write --audience a2a`;
    or `companion serve a2a --control-room`, and open http://127.0.0.1:8009/control-room
    """
    from companion.errors import CompanionError

    if control_room and (jwks or url):
        refuse(NAME, "--control-room signs tokens on this machine for itself: not with --jwks, nor --url")
    _require_addresses(url, origin or [], inside or [])
    with _ending(), listening_or_refused(NAME, host, port) as (listener, _):
        try:
            address = listener.getsockname()[:2]
            if control_room:
                from companion.services.control_room.signing import require_loopback

                require_loopback(address[0])
            signer: Any = None if jwks else _issuer(issuer)
            verifier = _verifier(_keys(jwks) if jwks else signer.jwks(), issuer)
            with _database(database, model) as opened:
                here = "{}:{}".format(*address)
                place = url.rstrip("/") or f"http://{here}"
                agent = {"model": model, "threads": threads, "lease": lease}
                settings = _settings(opened.app, place, here, origin or [], inside or [], verifier, agent)
                room = (opened, signer, address) if control_room else None
                with _running(settings, room, listener):
                    typer.echo(f"ready {place}/rpc", err=True)
                    if control_room:
                        room_at = f"{place}/control-room"
                        typer.echo(f"control room, where whoever comes may sign in as any tenant: {room_at}", err=True)
                    threading.Event().wait()
        except CompanionError as error:
            refuse(NAME, str(error))


def _require_addresses(url: str, origins: list[str], inside: list[str]) -> None:
    """Refuse an address that nothing could ever equal, since it lacks a part or has one too many."""
    from urllib.parse import urlsplit

    def refuse_unless(good: bool, option: str, given: str, meant: str) -> None:
        if not good:
            refuse(NAME, f"{option} {given!r}: give {meant}")

    def parts(text: str) -> tuple[str, str, int | None]:
        """Give scheme, host with port, and port; all empty where a port is no number."""
        try:
            read = urlsplit(text)
            return read.scheme, read.netloc if read.hostname else "", read.port
        except ValueError:
            return "", "", None

    if url:
        scheme, host, _ = parts(url)
        refuse_unless(scheme in ("http", "https") and bool(host), "--url", url, "a whole address: https://example.com")
    for each in origins:
        scheme, host, _ = parts(each)
        good = bool(scheme and host) and each == f"{scheme}://{host}"
        refuse_unless(good, "--origin", each, "scheme, host and port as a browser sends them: http://127.0.0.1:8888")
    for each in inside:
        _, host, port = parts(f"//{each}")
        refuse_unless(host == each and port is not None, "--inside", each, "host and port: 127.0.0.1:9000")


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """Have a SIGTERM or Ctrl-C end the command by way of its contexts, so that nothing is left behind."""

    def end(signum: int, frame: FrameType | None) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)  # a second one would end what cleans up
        raise SystemExit(0)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _settings(
    database: str, place: str, here: str, origins: list[str], inside: list[str], verifier: Any, agent: dict[str, Any]
) -> Any:
    from urllib.parse import urlsplit

    from companion.services.a2a import workflows
    from companion.services.a2a.server.app import Settings
    from companion.services.a2a.server.card import make_card
    from companion.services.a2a.server.guard import Limits
    from companion.services.a2a.server.pushes import Targets
    from companion.services.a2a.tasks.workers import Terms, new_name

    port = here.rpartition(":")[2]
    hosts = {urlsplit(place).netloc, here, f"localhost:{port}", f"127.0.0.1:{port}"}
    card = make_card("Reader", "Answers from the documents of its caller's tenant.", place, workflows.SKILLS)
    return Settings(
        database,
        card,
        workflows.agent(agent["model"]),
        verifier,
        Limits(frozenset(hosts), frozenset(origins)),
        Terms(new_name(), agent["threads"], agent["lease"]),
        Targets(frozenset(inside)),
    )


@contextlib.contextmanager
def _running(settings: Any, room: tuple[Any, Any, tuple[str, int]] | None, listener: socket.socket) -> Iterator[None]:
    from companion.services.a2a.server.app import AT_ONCE, create_app
    from companion.services.serving import running_on

    log_to_stderr(logging.WARNING)
    # The SDK logs each request that it refuses with a traceback, and with what the caller has sent.
    logging.getLogger("a2a").setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        if room is None:
            app = create_app(settings)
        else:
            from companion.services.control_room.app import with_control_room

            logging.getLogger("mcp").setLevel(logging.ERROR)  # as in `companion serve mcp`
            app = stack.enter_context(with_control_room(settings, *room))
        stack.enter_context(running_on(listener, app, AT_ONCE))
        yield


@contextlib.contextmanager
def _database(address: str, model: str) -> Iterator[Any]:
    """Open the database, and see whether the model is there, what is refused at once first.

    That is a wrong address, and then the name of no model; a model that there is imports LangChain, and a database of
    our own takes seconds to begin.
    """
    from companion.models import chat_model
    from companion.services.database import open_database

    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(open_database(address)) if address else None
        try:
            chat_model(model)
        except (ValueError, ImportError) as error:
            refuse(NAME, f"--model: {error}")
        if opened is None:
            opened = stack.enter_context(open_database())
            _add_examples(opened)
        yield opened


def _issuer(name: str) -> Any:
    """Give the development issuer: whose tokens are accepted, and who signs those of the control room."""
    from companion.services.database.programs import data_home
    from companion.services.tenancy.keys import open_issuer

    folder = os.environ.get("COMPANION_ISSUER_DIRECTORY")
    return open_issuer(Path(folder) if folder else data_home() / "issuer", name)


def _verifier(keys: dict[str, Any], issuer: str) -> Any:
    from companion.services.tenancy.tokens import Verifier

    return Verifier(keys, issuer, "a2a")


def _keys(file: Path) -> dict[str, Any]:
    """Read the public keys of another issuer."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        refuse(NAME, f"--jwks {file}: {error}")
    return found if isinstance(found, dict) else {}


def _add_examples(opened: Any) -> None:
    """Put the book's two tenants into a database that was just made, and what the agent reads to one of them."""
    from companion.services.a2a.examples import add_examples
    from companion.services.database import as_tenant, connect
    from companion.services.samples import ADA, add_samples

    add_samples(opened)
    with connect(opened.app) as connection, as_tenant(connection, ADA):
        add_examples(connection)
