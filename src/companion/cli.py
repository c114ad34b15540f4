"""The command line: one Typer app; each part registers its own commands.

Results go to stdout, progress and messages to stderr. Exit status 0 is fine, 1 means that a check found something,
2 that the usage was wrong or an input could not be read.
"""

import typer

from companion.book.commands import app as book
from companion.calls.commands import wire
from companion.config_defaults import DefaultsError, read_defaults
from companion.exercises.commands import app as exercises
from companion.history.commands import app as history
from companion.schemas.pii.cli.commands import app as pii
from companion.simulators.commands import command_for, metastable, simulators

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The tools behind the book From Sockets to Agents.",
)
serve = typer.Typer(no_args_is_help=True, help="Start one of the book's servers, for a client of your own.")
simulate = typer.Typer(no_args_is_help=True, help="Run one of the book's simulators.")

app.add_typer(book, name="book")
app.add_typer(exercises, name="exercises")
app.add_typer(history, name="history")
app.add_typer(pii, name="pii")
app.add_typer(serve, name="serve")
app.add_typer(simulate, name="simulate")

for name in simulators():
    simulate.command(name)(metastable if name == "metastable" else command_for(name))
serve.command("wire")(wire)


@app.callback()
def defaults(context: typer.Context) -> None:
    """The tools behind the book From Sockets to Agents."""
    try:
        context.default_map = read_defaults(context.command)
    except DefaultsError as error:
        typer.echo(f"companion: {error}", err=True)
        raise typer.Exit(2) from None


def main() -> None:
    """Run the command line; a library that is not installed is named in one line."""
    try:
        app()
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] == "companion":
            raise
        told = f"companion: {error.name} is not installed, and this command needs it: pip install 'companion[all]'"
        typer.echo(told, err=True)
        raise SystemExit(2) from None
