"""The commands of chapter 8. What is heavy is imported when a command runs."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from companion.cli_output import refuse
from companion.services.commands import asked_to_stop, listening_or_refused
from companion.services.log import log_to_stderr

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from starlette.applications import Starlette

    from companion.services.database import Pool
    from companion.services.mcp.access import Caller
    from companion.services.serving import Address
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
    done = asked_to_stop()

    names, secret = _names(name or []), _secret()
    log_to_stderr()
    if book:
        _serve_book(host, port, names, stdio, done)
        return
    from companion.errors import CompanionError
    from companion.services.database.programs import data_home
    from companion.services.mcp.access import by_process
    from companion.services.mcp.service import AUDIENCE
    from companion.services.serving import running_on
    from companion.services.tenancy.keys import open_issuer
    from companion.services.tenancy.tokens import Verifier

    folder = keys or data_home() / "issuer"
    try:
        issuer = open_issuer(folder)
        verifier = Verifier(issuer.jwks(), issuer.name, AUDIENCE)
        if stdio:
            caller = by_process(_token(verifier), verifier)
            with _documents(database) as pool:
                _serve_stdio(_server(pool, caller), done)
            return
        with listening_or_refused("serve mcp", host, port) as (listener, address), _documents(database) as pool:
            app = _application(pool, verifier, names, secret, _url(names, address))
            with running_on(listener, app):
                typer.echo(f"ready http://{address}/mcp", err=True)
                _follow_keys(folder, verifier, done)
    except CompanionError as error:
        refuse("serve mcp", str(error))


def _token(verifier: Verifier) -> str:
    """Give the token of a process, which is held against the issuer's keys before anything is started for it."""
    from companion.services.tenancy.tokens import InvalidToken

    token = os.environ.get(TOKEN, "")
    if not token:
        refuse("serve mcp", f"set {TOKEN} to a token for the audience mcp: companion token TENANT --scope read")
    try:
        verifier.verify(token)
    except InvalidToken as error:
        refuse("serve mcp", f"the token in {TOKEN} does not hold: {error}")
    return token


def _names(given: list[str]) -> list[str]:
    wrong = next((name for name in given if "/" in name or not name.strip()), None)
    if wrong is not None:
        refuse("serve mcp", f"--name {wrong!r}: give a name as a Host header has it, HOST or HOST:PORT")
    return given


def _secret() -> bytes:
    given = os.environ.get("COMPANION_SECRET", "").encode()
    if given and len(given) < SECRET_BYTES:
        refuse("serve mcp", f"COMPANION_SECRET has {len(given)} bytes: give {SECRET_BYTES} or more")
    return given or secrets.token_bytes(SECRET_BYTES)


def _url(names: list[str], address: Address) -> str:
    """Say where clients reach us, as the page tells them that says where tokens come from."""
    exact = next((name for name in names if not name.endswith(":*")), "")
    everywhere = address.host in ("0.0.0.0", "::")
    return f"http://{exact or (address._replace(host='127.0.0.1') if everywhere else address)}/mcp"


def _follow_keys(folder: Path, verifier: Verifier, done: threading.Event) -> None:
    """Read the issuer's public keys again and again until we are done; while they cannot be read, the old ones hold."""
    from companion.errors import CompanionError
    from companion.services.tenancy.keys import open_issuer

    told = ""
    while not done.wait(LEARN_SECONDS):
        why = ""
        try:
            verifier.learn(open_issuer(folder).jwks())
        except CompanionError as error:
            why = str(error)
        if why and why != told:
            typer.echo(f"companion serve mcp: {why}; going on with the keys known so far", err=True)
        told = why


def _serve_book(host: str, port: int, names: list[str], stdio: bool, done: threading.Event) -> None:
    from companion.errors import CompanionError
    from companion.notebooks import find_book
    from companion.services.mcp.app import http_app
    from companion.services.mcp.book import book_server
    from companion.services.serving import running

    try:
        server = book_server(find_book())
        if stdio:
            _serve_stdio(server, done)
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


def _application(pool: Pool, verifier: Verifier, names: list[str], secret: bytes, url: str) -> Starlette:
    from companion.models.minilm import embed
    from companion.services.mcp.app import http_app
    from companion.services.mcp.tools import document_server

    return http_app(document_server(pool, embed, verifier=verifier, url=url, secret=secret), names)


def _server(pool: Pool, caller: Caller) -> MCPServer[Any]:
    from companion.models.minilm import embed
    from companion.services.mcp.tools import document_server

    return document_server(pool, embed, caller)


def _serve_stdio(server: MCPServer[Any], done: threading.Event) -> None:
    import anyio

    def serve() -> None:
        try:
            anyio.run(server.run_stdio_async)
        finally:
            done.set()

    # In a thread that nobody waits for, since nothing ends the reading of a stdin that its writer keeps open.
    threading.Thread(target=serve, name="stdio", daemon=True).start()
    done.wait()


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
    done = asked_to_stop()

    from companion.services.mcp.fixture import PATH, fixture_app, fixture_server
    from companion.services.serving import running

    try:
        with running(fixture_app(fixture_server(), stateless=stateless), host=host, port=port) as address:
            typer.echo(f"ready http://{address}{PATH}", err=True)
            done.wait()
    except OSError as error:
        refuse("serve fixture", f"cannot listen at {host}:{port}: {error.strerror or error}")
