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


def quotes(
    instances: Annotated[int, typer.Option(min=1, max=16, help="How many instances; they take ports in a row.")] = 2,
    heartbeat: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Seconds without a quote after which an instance says so.")
    ] = 30.0,
    every: Annotated[float, typer.Option(min=0.001, max=3600, help="Seconds from one quote to the next.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Of the prices, which are made up.")] = 0,
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65520, help="The first port; 0 takes free ones.")] = 8000,
) -> None:
    """Serve chapter 5's quotes of ACME, EMCA and MACE over WebSocket and long poll, until a SIGTERM or Ctrl-C.

    Starts a NATS server of its own. `/stream/ACME` is a WebSocket, `/poll/ACME` a long poll; both take `?after=` with
    the `seq` of the last quote that was seen, at any instance. Prints one line to stderr when it accepts requests,
    with the instances' addresses.

    Example: `companion serve quotes --instances 2 --port 8000`, and in another terminal
    `curl "http://127.0.0.1:8001/poll/ACME?after=7"`
    """
    if not host.strip():
        refuse(
            "serve quotes", "--host is empty; give an address: 127.0.0.1 for this machine, 0.0.0.0 for all of its own"
        )
    done = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    from companion.calls.messaging.quotes.service import serve_quotes
    from companion.errors import CompanionError

    def ready(ports: list[int]) -> None:
        name = f"[{host}]" if ":" in host else host
        typer.echo(f"ready {' '.join(f'http://{name}:{free}/poll/ACME' for free in ports)}", err=True)

    try:
        serve_quotes(
            ready, done, host=host, port=port, instances=instances, heartbeat=heartbeat, seed=seed, every=every
        )
    except CompanionError as error:
        refuse("serve quotes", str(error))
