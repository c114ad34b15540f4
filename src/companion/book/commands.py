"""The commands under `companion book`."""

import typer

app = typer.Typer(no_args_is_help=True, help="Execute, render, check and serve the book.")


@app.callback()
def main() -> None:
    """Execute, render, check and serve the book."""
