"""The commands of part I."""

import signal
import threading
from enum import StrEnum
from types import FrameType
from typing import Annotated

import typer

from companion.cli_output import refuse


class Protocol(StrEnum):
    """The wires that can be served."""

    socket = "socket"
    oncrpc = "oncrpc"
    rest = "rest"
    grpc = "grpc"
    jsonrpc = "jsonrpc"
    soap = "soap"
    pox = "pox"
    thrift = "thrift"
    websocket = "websocket"
    mcp = "mcp"


def wire(
    protocol: Annotated[Protocol, typer.Option(help="Which wire.")],
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
) -> None:
    """Serve chapter 2's customers over one wire, until a SIGTERM or Ctrl-C.

    Prints one line to stderr when it accepts requests, with the address. There are no customers at first.

    Example: `companion serve wire --protocol rest --port 8000`, and in another terminal
    `curl http://127.0.0.1:8000/customers`
    """
    done = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    from companion.calls.wire import place, serve  # imports Pydantic, which `companion --help` can do without

    try:
        with serve(protocol.value, host=host, port=port) as address:
            typer.echo(f"ready {place(protocol.value, address)}", err=True)
            done.wait()
    except OSError as error:
        refuse("serve wire", f"cannot listen at {host}:{port}: {error.strerror or error}")
