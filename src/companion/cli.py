"""The command line: one Typer app; each part registers its own commands.

Results go to stdout, progress and messages to stderr. Exit status 0 is fine, 1 means that a check found something,
2 that the usage was wrong or an input could not be read.

A part is imported when one of its commands is called, and not before: `companion --help` starts in a blink, and a
command pays for itself alone.

Defaults of a reader's own stand under `[tool.companion]` in the pyproject.toml of the folder that a command is run in:

    [tool.companion.pii.scan]
    fail-on = "HIGH"
    baseline = "pii-baseline.json"

A table is named like the command, a key like the option without its dashes. What the command line says comes first.
A table of `SETTINGS` holds no options: the command that it belongs to reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from companion import __version__
from companion.errors import CompanionError

MARKUP: Literal["markdown"] = "markdown"
HELP = "The tools behind the book From Sockets to Agents."
LARGEST_DEFAULTS = 1_000_000
"""Bytes of a pyproject.toml, of which no more are read."""


def _bms() -> typer.Typer:
    from companion.calls.bms_commands import bms

    return bms


def _book() -> typer.Typer:
    from companion.book.cli.commands import app

    return app


def _budget() -> typer.Typer:
    from companion.calls.budget_commands import budget

    return budget


def _database() -> typer.Typer:
    from companion.services.commands import database

    return database


def _doctor() -> typer.Typer:
    from companion.doctor import app

    return app


def _exercises() -> typer.Typer:
    from companion.exercises.commands import app

    return app


def _history() -> typer.Typer:
    from companion.history.commands import app

    return app


def _load() -> typer.Typer:
    from companion.calls.concurrency.commands import load

    return load


def _pii() -> typer.Typer:
    from companion.schemas.pii.cli.commands import app

    return app


def _postmortem() -> typer.Typer:
    from companion.operations.postmortems.cli.commands import app

    return app


def _rag() -> typer.Typer:
    from companion.reasoning.rag.cli.commands import app

    return app


def _serve() -> typer.Typer:
    from companion.calls.commands import quotes, wire
    from companion.calls.concurrency.commands import http
    from companion.services.mcp.commands import fixture, mcp
    from companion.services.serve_a2a import a2a
    from companion.services.serve_models import ollama, openai

    app = _group("serve")
    for command in (wire, http, quotes, mcp, a2a, ollama, openai, fixture):
        app.command(command.__name__)(command)
    return app


def _simulate() -> typer.Typer:
    from companion.simulators.commands import command_for, metastable, simulators

    app = _group("simulate")
    for name in simulators():
        app.command(name)(metastable if name == "metastable" else command_for(name))
    return app


def _tenancy() -> typer.Typer:
    from companion.services.tenancy.commands import tenancy

    return tenancy


def _token() -> typer.Typer:
    from companion.services.tenancy.commands import token

    return token


def _wire() -> typer.Typer:
    from companion.calls.wire.evolution.commands import evolve

    app = _group("wire")
    app.command(evolve.__name__)(evolve)
    return app


COMMANDS: dict[str, tuple[str, Callable[[], typer.Typer]]] = {
    "bms": ("Turn a screen that is drawn as text into a map of BMS macros, and back.", _bms),
    "book": ("Execute, render, check and serve the book.", _book),
    "budget": ("Say what a chain of network hops takes, and what a deadline leaves at each.", _budget),
    "database": ("Run PostgreSQL with the book's schema, and look into it.", _database),
    "doctor": ("Say what is installed here, what can be reached, and what is missing.", _doctor),
    "exercises": ("Hand out the chapters' exercises to a class, and grade the answers.", _exercises),
    "history": ("Judge histories that were recorded of a system.", _history),
    "load": ("Ask a web service at a rate that does not depend on its answers, and say how long they took.", _load),
    "pii": ("Find, mark and list personal data in Protocol Buffer schemas.", _pii),
    "postmortem": ("Lint, draw and follow post mortems.", _postmortem),
    "rag": ("Ask a folder of documents, and get answers with their places.", _rag),
    "serve": ("Start one of the book's servers, for a client of your own.", _serve),
    "simulate": ("Run one of the book's simulators.", _simulate),
    "tenancy": ("Look for holes in a database that is to keep tenants apart.", _tenancy),
    "token": ("Sign a short-lived token for development: one user of one tenant, for one service.", _token),
    "wire": ("Hold two versions of a schema against each other, over the real wire.", _wire),
}
"""What stands after `companion`: one line of help, and what imports the rest."""

SETTINGS = frozenset({"postmortem.rules"})
"""Tables below `[tool.companion]` that say more than options can."""


class Later(TyperGroup):
    """A command that is listed by its one line of help, and imported when it is called."""

    def __init__(self, name: str, line: str, load: Callable[[], typer.Typer]) -> None:
        super().__init__(name=name, help=line)
        self._load = load

    @cached_property
    def loaded(self) -> Any:
        """The command itself."""
        app = self._load()
        app.rich_markup_mode = MARKUP  # which Typer hands down only to what is registered beforehand
        alone = len(app.registered_commands) == 1 and not app.registered_callback
        command = get_command(app) if alone else get_group(app)  # the first would offer completion once more
        command.name = self.name
        return command

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Begin to run the command itself."""
        return self.loaded.make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: Any) -> list[str]:
        """List what stands behind it, for completion and for a reader's defaults."""
        return list(self.loaded.list_commands(ctx)) if hasattr(self.loaded, "list_commands") else []

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give one of them."""
        return self.loaded.get_command(ctx, cmd_name)


class Root(TyperGroup):
    """The commands of `COMMANDS`."""

    def __init__(self, *, commands: Any = None, **more: Any) -> None:
        super().__init__(commands={name: Later(name, *rest) for name, rest in COMMANDS.items()}, **more)


def _group(name: str) -> typer.Typer:
    made = typer.Typer(no_args_is_help=True)

    @made.callback(help=COMMANDS[name][0])
    def group() -> None:  # with a callback, one command is a group too
        pass

    return made


app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    rich_markup_mode=MARKUP,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=HELP,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"companion {__version__}")
        raise typer.Exit


@app.callback()
def defaults(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """The tools behind the book From Sockets to Agents."""
    try:
        context.default_map = read_defaults(context.command)
    except DefaultsError as error:
        typer.echo(f"companion: {error}", err=True)
        raise typer.Exit(2) from None


class DefaultsError(CompanionError, ValueError):
    """Defaults that cannot be used; the message names the file and what is wrong."""


def read_defaults(command: Any, folder: Path = Path()) -> dict[str, Any]:
    """Read the defaults for a command and all that are below it, as Typer's `default_map`.

    Parameters
    ----------
    command
        Typer's group of commands; a table or key that it does not know is an error, for it is a typing error.
    folder
        Where to look for a pyproject.toml, and nowhere above: paths in it are relative to where the command is run.
    """
    file = folder / "pyproject.toml"
    try:
        if not file.is_file():
            return {}
        with file.open("rb") as stream:
            content = stream.read(LARGEST_DEFAULTS)
    except OSError as error:
        raise DefaultsError(f"{file}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    if b"companion" not in content:
        return {}
    import tomllib

    try:
        table = tomllib.loads(content.decode("utf-8")).get("tool", {}).get("companion", {})
    except (ValueError, AttributeError, RecursionError) as error:
        raise DefaultsError(f"{file}: not TOML: {error}") from None
    return _defaults_of(command, _handed_down(command, table, {}, set()), file)


def _handed_down(command: Any, table: Any, above: dict[str, Any], taken: set[str]) -> Any:
    """Give an option that stands above commands to each of them that has it: `exclude` in [tool.companion]."""
    if not isinstance(table, dict):
        return table
    if not hasattr(command, "list_commands"):
        here = {name: value for name, value in above.items() if name in _options_of(command)}
        taken.update(here)
        return here | table
    names = command.list_commands(None)
    ours = {name: value for name, value in table.items() if name not in names and not isinstance(value, dict)}
    below = {
        name: _handed_down(command.get_command(None, name), table.get(name, {}), above | ours, taken)
        for name in names
        if name in table or above or ours
    }
    unknown = {name: value for name, value in table.items() if name not in below and name not in taken}
    return {name: value for name, value in below.items() if value or name in table} | unknown


def _options_of(command: Any) -> dict[str, str]:
    return {option.lstrip("-"): param.name for param in command.params for option in param.opts if option != "--help"}


def _defaults_of(command: Any, table: Any, file: Path, path: str = "") -> dict[str, Any]:
    place = f"{file}: [tool.companion{path}"
    if not isinstance(table, dict):
        raise DefaultsError(f"{place}]: a table was expected")
    # A group is asked for its commands, and gives each when its name comes up: what nobody set is not imported.
    inner = command.list_commands(None) if hasattr(command, "list_commands") else []
    known = inner or _options_of(command)
    for name in table:
        if name not in known:
            raise DefaultsError(f"{place}] has `{name}`, which is none of {', '.join(sorted(known))}")
    if inner:
        return {
            name: _defaults_of(command.get_command(None, name), value, file, f"{path}.{name}")
            for name, value in table.items()
            if f"{path}.{name}".removeprefix(".") not in SETTINGS
        }
    for name, value in table.items():
        if not all(
            isinstance(one, str | bool | int | float) for one in (value if isinstance(value, list) else [value])
        ):
            raise DefaultsError(f"{place}] `{name}`: a text, a number, true, false or a list of them was expected")
    return {known[name]: value for name, value in table.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a library that is not installed is named in one line."""
    try:
        app(arguments)
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] == "companion":
            raise
        lacks = f"companion: {error.name} is not installed, and this command needs it: pip install 'companion[all]'"
        typer.echo(lacks, err=True)
        raise SystemExit(2) from None
