"""`companion serve http` and `companion load`. What is heavy is imported when a command runs."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer

from companion.cli_output import refuse
from companion.cli_output.terminal import show, write_reports

load = typer.Typer(add_completion=False)


class Model(StrEnum):
    """How a server serves several clients at once."""

    cgi = "cgi"
    prefork = "prefork"
    threads = "threads"
    pool = "pool"
    loop = "loop"
    actors = "actors"


class Arrivals(StrEnum):
    """How requests follow each other."""

    constant = "constant"
    poisson = "poisson"


def http(
    model: Annotated[Model, typer.Option(help="How it serves several clients at once.")] = Model.loop,
    workers: Annotated[
        int, typer.Option(min=1, max=1024, help="Processes of prefork, threads of pool, actors of actors.")
    ] = 16,
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
) -> None:
    """Serve chapter 3's small web service under one model of concurrency, until a SIGTERM or Ctrl-C.

    `GET /?ms=20` waits 20 ms and `GET /?cpu=5` computes for 5 ms before the answer. Prints one line to stderr when it
    accepts requests, with the address.

    Example: `companion serve http --model pool --workers 16 --port 8000`
    """
    from companion.calls.concurrency.servers.models import ServerError, serving

    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    try:
        with serving(model.value, host, port, workers) as (name, free):
            typer.echo(f"ready http://{f'[{name}]' if ':' in name else name}:{free}/", err=True)
            done.wait()
    except ServerError as error:
        refuse("serve http", str(error))
    except OSError as error:
        refuse(
            "serve http",
            f"cannot listen at {host}:{port}: {os.strerror(error.errno) if error.errno and error.errno > 0 else error}",
        )


@load.command(name="load")
def send(
    url: Annotated[str, typer.Argument(metavar="URL", help="http://HOST:PORT/PATH; it gets GET requests.")],
    rate: Annotated[float, typer.Option(help="Requests a second, over all connections.")] = 50.0,
    seconds: Annotated[float, typer.Option(help="How long to send.")] = 10.0,
    connections: Annotated[int, typer.Option(help="How many; all are opened first.")] = 16,
    arrivals: Annotated[Arrivals, typer.Option(help="How requests follow each other.")] = Arrivals.constant,
    seed: Annotated[int, typer.Option(help="Of Poisson arrivals.")] = 0,
    timeout: Annotated[float, typer.Option(help="Seconds after which a request has failed.")] = 5.0,
    closed: Annotated[
        bool, typer.Option("--closed", help="Send the next request only after the last answer, to compare.")
    ] = False,
    close: Annotated[bool, typer.Option("--close", help="Open a connection for each request.")] = False,
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
) -> None:
    """Ask a web service at a rate that does not depend on its answers, and say how long they took.

    Moments are planned beforehand, and each request is timed from its own: a server that stands still for a second
    is seen to do so. A request whose connection is not free waits, and that counts. Connections that never had an
    answer are counted as starved. The exit status is 1 when a request failed.

    Example: `companion load http://127.0.0.1:8000/ --rate 20 --seconds 1 --json -`
    """
    from companion.calls.concurrency.load import LoadError
    from companion.calls.concurrency.load import load as run

    try:
        with _progress(round(rate * seconds) if 0 < rate * seconds < 1e9 else 0) as progress:
            report = run(url, rate=rate, seconds=seconds, connections=connections, arrivals=arrivals.value, seed=seed,
                         timeout=timeout, closed=closed, close=close, progress=progress)  # fmt: skip
    except LoadError as error:
        refuse("load", str(error))
    except KeyboardInterrupt:
        refuse("load", "interrupted before the last request was done")
    as_json = {"json": lambda: json.dumps(report.as_json(), indent=1) + "\n"}
    if not write_reports("load", {"json": json_file}, as_json):
        show("\n".join([*report.lines(), ""]))
    if report.failed:
        raise typer.Exit(1)


@contextmanager
def _progress(number: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many requests are done."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("requests"), BarColumn(24), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("requests", total=number)
        yield lambda done: bar.update(task, completed=done)
