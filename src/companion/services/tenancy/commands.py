"""`companion token` and `companion tenancy`. What is heavy is imported when a command runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from companion.cli_output import refuse

token = typer.Typer(add_completion=False)
tenancy = typer.Typer(no_args_is_help=True)


@tenancy.callback(help="Look for holes in a database that is to keep tenants apart.")
def _group() -> None:  # with a callback, one command is a group too
    pass


@tenancy.command()
def check(
    address: Annotated[
        str,
        typer.Argument(
            metavar="[postgresql://...]", envvar="COMPANION_DATABASE", show_default=False, show_envvar=True,
            help="The database, and a role that may connect to it; by default what `companion database start` runs.",
        ),
    ] = "",
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A role that the application logs in as; may be given several times.",
            show_default="all that log in, are no superusers, and reach a table with tenants",
        ),
    ] = None,
    column: Annotated[str, typer.Option(help="The column that has the tenant.")] = "tenant_id",
    shared: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TABLE", help="A table that all tenants may see, such as public.countries.", show_default=False
        ),
    ] = None,
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
) -> None:  # fmt: skip
    """Look in the catalog for holes between tenants, each with its proof and with SQL that mends it; change nothing.

    The exit status is 1 when something was found. An address among the arguments can be read by everybody on the
    machine; COMPANION_DATABASE cannot.

    Example: `companion database start`, and in another terminal `companion tenancy check --json -`
    """
    from companion.errors import CompanionError
    from companion.files import write_output
    from companion.services.tenancy.check import check as look_for_holes

    try:
        found = look_for_holes(address or _running(), roles=role or (), column=column, shared=shared or ())
        report = json.dumps(found.as_json(), indent=1) + "\n"
        if json_file not in ("", "-"):
            write_output(Path(json_file), report)
    except CompanionError as error:
        refuse("tenancy check", str(error))
    except OSError as error:
        refuse("tenancy check", f"--json {json_file}: {error.strerror}")
    typer.echo(report if json_file == "-" else "\n".join([*found.lines(), ""]), nl=False)
    if found.findings:
        raise typer.Exit(1)


def _running() -> str:
    from companion.services.database import DatabaseError
    from companion.services.database.programs import data_home
    from companion.services.database.server import address_of, running_in

    named = os.environ.get("COMPANION_DATABASE_DIRECTORY")
    place = (Path(named) if named else data_home() / "database").resolve()
    try:
        return address_of(place, running_in(place)[1])
    except DatabaseError as error:
        refuse("tenancy check", f"{error}: name a database, postgresql://...")


@token.command(name="token")
def sign(
    tenant: Annotated[
        str, typer.Argument(metavar="[TENANT]", help="Whose rows may be seen: a UUID.", show_default=False)
    ] = "",
    user: Annotated[str, typer.Option(help="Who asks.")] = "developer",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What may be done with it; may be given several times.", show_default="read"),
    ] = None,
    audience: Annotated[str, typer.Option(help="The one service that is to accept it.")] = "mcp",
    seconds: Annotated[int, typer.Option(min=1, max=900, help="How long it is good for.")] = 300,
    jwks: Annotated[bool, typer.Option("--jwks", help="Print the public keys, for those who verify.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Make a key, and show it before it signs.")] = False,
    rotate: Annotated[bool, typer.Option("--rotate", help="Sign with the newest key from now on.")] = False,
    withdraw: Annotated[
        str, typer.Option(metavar="KID", help="Take an old key out of the public ones.", show_default=False)
    ] = "",
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="D", envvar="COMPANION_ISSUER_DIRECTORY", show_default="~/.local/share/companion/issuer",
            help="Where the private keys lie, for you alone; made if need be.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Sign a short-lived token for development: one user of one tenant, for one service.

    The token alone goes to stdout. The first call makes the issuer's key; servers verify with what `--jwks` prints.
    To change the key: `--publish`, let the servers fetch the keys, `--rotate`, and when the last old token has
    expired, `--withdraw KID`.

    Example: `companion token ada00000-0000-4000-8000-000000000001 --user ada --scope read --audience mcp`
    """
    given = [bool(tenant), jwks, publish, rotate, bool(withdraw)]
    if sum(given) != 1:
        refuse("token", "name one thing: a TENANT, --jwks, --publish, --rotate or --withdraw KID")
    from companion.errors import CompanionError
    from companion.services.database.programs import data_home
    from companion.services.tenancy.keys import keep, open_issuer

    folder = keys or data_home() / "issuer"
    try:
        issuer = open_issuer(folder)
        if jwks:
            typer.echo(json.dumps(issuer.jwks(), indent=1))
        elif tenant:
            typer.echo(issuer.token(_tenant(tenant), user, _scopes(scope or ["read"]), audience, seconds))
        else:
            if withdraw:
                issuer.withdraw(withdraw)
            else:
                typer.echo(issuer.publish() if publish else issuer.rotate())
            keep(issuer, folder)
    except CompanionError as error:
        refuse("token", str(error))


def _tenant(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        refuse("token", f"{text!r} is no tenant: a tenant is a UUID")


def _scopes(given: list[str]) -> list[str]:
    wrong = next((scope for scope in given if not scope or scope.split() != [scope]), None)
    if wrong is not None:
        refuse("token", f"--scope {wrong!r}: a scope is one word")
    return given
