"""What every command says in the same way: why nothing could be done, on one line, with status 2."""

from __future__ import annotations

from typing import NoReturn

import typer


def refuse(command: str, why: str) -> NoReturn:
    """Say on one line of stderr why nothing can be done, and leave with status 2.

    Parameters
    ----------
    command
        The words after ``companion``, such as ``history check``.
    why
        What is wrong, where, and what would be right; what cannot be printed, a line end too, is shown as ``?``.

    Raises
    ------
    typer.Exit
        Always.
    """
    line = "".join(character if character.isprintable() else "?" for character in f"companion {command}: {why}")
    typer.echo(line, err=True)
    raise typer.Exit(2)
