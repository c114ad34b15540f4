"""The commands of chapter 8. What is heavy is imported when a command runs."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Annotated

import typer

from companion.cli_output import refuse


def fixture(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
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
