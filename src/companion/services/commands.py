"""The commands of part II. What is heavy is imported when a command runs."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from companion.cli_output import refuse

if TYPE_CHECKING:
    from companion.services.serving import Address

POLL_SECONDS = 0.2
"""How often a waiting command looks whether its server is still there."""

database = typer.Typer(no_args_is_help=True, help="Run PostgreSQL with the book's schema, and look into it.")

Directory = Annotated[
    Path | None,
    typer.Option(
        "--directory", metavar="D", envvar="COMPANION_DATABASE_DIRECTORY",
        show_default="~/.local/share/companion/database; for root, /var/lib/companion/database",
        help="Where the server and its data live; it is made if need be.",
    ),
]  # fmt: skip


def asked_to_stop() -> threading.Event:
    """Give an event that a SIGTERM or Ctrl-C sets, from now on until the process ends."""
    done = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return done


@database.command()
def start(
    directory: Directory = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 0,
) -> None:
    r"""Run a server on this machine, until a SIGTERM, Ctrl-C or `companion database stop`.

    Prints one line to stderr when it accepts connections, with the address of its superuser, password included. Its
    schema is the book's, and what is written stays for the next start.

    Example: `companion database start`, and in another terminal `companion database psql '\d'`
    """
    done = asked_to_stop()

    from companion.services.database import DatabaseError, prepare, running

    try:
        with running(_place(directory), port=port) as server:
            prepare(server.address)
            typer.echo(f"ready {server.address}", err=True)
            while not done.wait(POLL_SECONDS) and server.process.poll() is None:
                pass
            status = server.process.poll()
        if status:
            refuse("database start", f"the server ended by itself, with status {status}; start it again to recover")
    except DatabaseError as error:
        refuse("database start", str(error))


@database.command()
def stop(directory: Directory = None) -> None:
    """Stop the server that runs in a directory; whoever is connected is sent away.

    Example: `companion database stop`
    """
    from companion.services.database import DatabaseError
    from companion.services.database.server import stop_in

    place = _place(directory)
    try:
        stop_in(place)
    except DatabaseError as error:
        refuse("database stop", str(error))
    typer.echo(f"stopped the server in {place}", err=True)


@database.command()
def psql(
    query: Annotated[
        str, typer.Argument(metavar="SQL", help="What to ask; without it, psql asks you.", show_default=False)
    ] = "",
    directory: Directory = None,
    address: Annotated[
        str, typer.Option("--database", metavar="postgresql://...", help="Another server than the one in D.")
    ] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV.")] = False,
) -> None:
    r"""Look into the database with PostgreSQL's own psql, as its superuser: every tenant's rows are there.

    Example: `companion database psql "select name from tenants"`, or `companion database psql '\d documents'`
    """
    from companion.services.database import DatabaseError
    from companion.services.database.programs import programs
    from companion.services.database.server import address_of, running_in

    place = _place(directory)
    try:
        program = str(programs() / "psql")
        where = address or address_of(place, running_in(place)[1])
    except DatabaseError as error:
        refuse("database psql", f"{error}: start one with `companion database start`" if not address else str(error))
    # The address has a password in it, which everybody could read among the arguments of a process.
    command = [program, "--no-psqlrc", "--variable=ON_ERROR_STOP=1", *(["--csv"] if as_csv else [])]
    environment = os.environ | _as_variables("database psql", where)
    if not query:
        os.execve(program, command, environment)
    quiet = ["--pset=pager=off", "--variable=VERBOSITY=terse", "--command", query]
    ran = subprocess.run([*command, *quiet], env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if ran.returncode != 0:
        refuse("database psql", " ".join(ran.stderr.split()))
    typer.echo(ran.stderr, err=True, nl=False)


def _place(directory: Path | None) -> Path:
    from companion.services.database.programs import data_home

    return (directory or data_home() / "database").resolve()


def _as_variables(command: str, address: str) -> dict[str, str]:
    """Give an address as the variables that psql reads."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in psycopg.pq.Conninfo.get_defaults()
        if option.envvar
    }
    try:
        return {names[name]: str(value) for name, value in conninfo_to_dict(address).items() if name in names}
    except psycopg.ProgrammingError as error:
        refuse(command, f"--database: {' '.join(str(error).split())}")


@contextlib.contextmanager
def listening_or_refused(command: str, host: str, port: int) -> Iterator[tuple[socket.socket, Address]]:
    """Listen for a command while the context lasts; an address that cannot be had ends it, with one line."""
    from companion.services.serving import listening

    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(listening(host, port))
        except OSError as error:
            refuse(command, f"cannot listen at {host}:{port}: {error.strerror or error}")
        yield found
