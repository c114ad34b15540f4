"""The commands of chapter 8. What is heavy is imported when a command runs."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from companion.cli_output import refuse

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from companion.services.database import Pool
    from companion.services.tenancy.tokens import Verifier

LEARN_SECONDS = 2.0
"""How often the issuer's public keys are read again."""
SECRET_BYTES = 32
TOKEN = "COMPANION_TOKEN"

Host = Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")]


def mcp(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST:PORT", help="A name by which clients know this server; may be repeated."),
    ] = None,
    database: Annotated[
        str, typer.Option(metavar="postgresql://...", help="Whose documents; by default two tenants of the book.")
    ] = "",
    stdio: Annotated[bool, typer.Option("--stdio", help=f"Serve stdin and stdout, with the token in {TOKEN}.")] = False,
    book: Annotated[
        bool, typer.Option("--book", help="Serve this checkout's book instead; it needs no token.")
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="D", envvar="COMPANION_ISSUER_DIRECTORY", show_default="~/.local/share/companion/issuer",
            help="Whose tokens are accepted: the keys of `companion token`.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Serve the documents of a tenant to a model, over MCP, until a SIGTERM or Ctrl-C.

    Prints one line to stderr when it accepts requests, with the address. Whoever calls it has a token for the audience
    `mcp`, with the scopes `read` or `write`. Several servers of one database answer for each other where the variable
    COMPANION_SECRET is the same, 32 bytes or more.

    With `--book`, a reader's own assistant looks up a number of this book and runs the simulator behind it.

    Example: `companion serve mcp`, and in another terminal
    `companion token ada00000-0000-4000-8000-000000000001 --scope read --scope write`
    """
    done = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        done.set()
        if stdio:  # which waits for its stdin, and not for us
            raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    if book:
        _serve_book(host, port, name or [], stdio, done)
        return
    from companion.errors import CompanionError
    from companion.services.database.programs import data_home
    from companion.services.mcp.service import AUDIENCE
    from companion.services.tenancy.keys import open_issuer
    from companion.services.tenancy.tokens import Verifier
    from companion.serving import running

    folder = keys or data_home() / "issuer"
    try:
        issuer = open_issuer(folder)
        verifier = Verifier(issuer.jwks(), issuer.name, AUDIENCE)
        with _documents(database) as pool:
            if stdio:
                _serve_stdio(pool, verifier)
                return
            app = _application(pool, verifier, name or [], f"http://{host}:{port}/mcp")
            with running(app, host, port) as address:
                typer.echo(f"ready http://{address}/mcp", err=True)
                while not done.wait(LEARN_SECONDS):
                    verifier.learn(open_issuer(folder).jwks())  # the keys may have been changed
    except CompanionError as error:
        refuse("serve mcp", str(error))
    except OSError as error:
        refuse("serve mcp", f"cannot listen at {host}:{port}: {error.strerror or error}")


def _serve_book(host: str, port: int, names: list[str], stdio: bool, done: threading.Event) -> None:
    import anyio

    from companion.errors import CompanionError
    from companion.notebooks import find_book
    from companion.services.mcp.app import http_app
    from companion.services.mcp.book import book_server
    from companion.serving import running

    try:
        server = book_server(find_book())
        if stdio:
            anyio.run(server.run_stdio_async)
            return
        with running(http_app(server, names), host, port) as address:
            typer.echo(f"ready http://{address}/mcp", err=True)
            done.wait()
    except CompanionError as error:
        refuse("serve mcp", str(error))
    except OSError as error:
        refuse("serve mcp", f"cannot listen at {host}:{port}: {error.strerror or error}")


@contextlib.contextmanager
def _documents(address: str) -> Iterator[Pool]:
    """Open a reader's own database, or one with the book's two tenants that ends with us."""
    from companion.services.database import open_database, open_pool
    from companion.services.samples import add_samples

    with open_database(address or None) as database:
        if not address:
            add_samples(database)
        with open_pool(database.app) as pool:
            yield pool


def _application(pool: Pool, verifier: Verifier, names: list[str], url: str) -> Starlette:
    from companion.models.minilm import embed
    from companion.services.mcp.app import http_app
    from companion.services.mcp.tools import document_server

    given = os.environ.get("COMPANION_SECRET", "").encode()
    if given and len(given) < SECRET_BYTES:
        refuse("serve mcp", f"COMPANION_SECRET has {len(given)} bytes: give {SECRET_BYTES} or more")
    secret = given or secrets.token_bytes(SECRET_BYTES)
    return http_app(document_server(pool, embed, verifier=verifier, url=url, secret=secret), names)


def _serve_stdio(pool: Pool, verifier: Verifier) -> None:
    import anyio

    from companion.models.minilm import embed
    from companion.services.mcp.access import by_process
    from companion.services.mcp.tools import document_server

    token = os.environ.get(TOKEN, "")
    if not token:
        refuse("serve mcp", f"set {TOKEN} to a token for the audience mcp: companion token TENANT --scope read")
    caller = by_process(token, verifier)
    anyio.run(document_server(pool, embed, caller).run_stdio_async)


def fixture(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    stateless: Annotated[
        bool, typer.Option("--stateless", help="Keep no session for clients of 2025-11-25 and before.")
    ] = False,
) -> None:
    """Serve what the official MCP conformance suite asks for, until a SIGTERM or Ctrl-C.

    These are tools, resources and prompts with fixed answers. Prints one line to stderr when it accepts requests, with
    the address.

    Example: `companion serve fixture --port 8000`, and in another terminal
    `npx @modelcontextprotocol/conformance server --url http://127.0.0.1:8000/mcp`
    """
    done = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    from companion.services.mcp.fixture import PATH, fixture_app, fixture_server
    from companion.serving import running

    try:
        with running(fixture_app(fixture_server(), stateless=stateless), host=host, port=port) as address:
            typer.echo(f"ready http://{address}{PATH}", err=True)
            done.wait()
    except OSError as error:
        refuse("serve fixture", f"cannot listen at {host}:{port}: {error.strerror or error}")
