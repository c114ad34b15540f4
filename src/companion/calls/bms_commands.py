"""`companion bms`: a screen drawn as text becomes a BMS map. What is heavy is imported when the command runs."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from companion.cli_output import refuse
from companion.cli_output.terminal import say, show
from companion.cli_output.text import counted

bms = typer.Typer(add_completion=False)


@bms.command(name="bms")
def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A template; with --back a map; - is stdin.")] = "",
    render: Annotated[bool, typer.Option("--render", help="Draw the screen; _ is where one can type.")] = False,
    back: Annotated[bool, typer.Option("--back", help="FILE is a map: write its template.")] = False,
    no_stoppers: Annotated[
        bool, typer.Option("--no-stoppers", help="Leave out what ends the fields, as the article's map does.")
    ] = False,
    example: Annotated[bool, typer.Option("--example", help="Write a template to begin with.")] = False,
) -> None:
    """Turn a screen that is drawn as text into a map of BMS macros, and back.

    A row of the template is a row of the screen, and a run of underscores a field. What begins in column 1 names the
    map and then the fields, in the order of reading; kinds are input, numeric, password and protected. After each
    field that one can type into, the map has a stopper, which ends it.

    Example: `companion bms --example > customer.txt`, then `companion bms customer.txt --render`
    """
    from companion.calls.contracts.bms import macros, screens, template

    if example == bool(file) or (example and (render or back or no_stoppers)):
        refuse("bms", "give a FILE, or --example alone")
    if back and no_stoppers:
        refuse("bms", "a map has its own stoppers or none: --no-stoppers goes with a template")
    if example:
        show(screens.example("customer.txt"))
        return
    try:
        text = _text(file, template.LARGEST)
        name = "stdin" if file == "-" else file
        left_out = Counter[str]()
        screen = macros.read(text, name, left_out) if back else template.read(text, name)
        if not back and not no_stoppers:
            screen = screens.stopped(screen)
        if render:
            show("\n".join([*screens.Terminal(screen.fields).render(), ""]))
        elif back:
            show(template.write(screen, name))
        else:
            show(macros.write(screen))
        if left_out:
            said = ", ".join(f"{what} {counted(times, 'time')}" for what, times in sorted(left_out.items()))
            say(f"left out, as the screen here has no place for it: {said}")
    except screens.BmsError as error:
        refuse("bms", str(error))


def _text(file: str, largest: int) -> str:
    """Read a file of UTF-8 text, and no more of it than is looked at."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(4 * largest + 1)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(4 * largest + 1)
        return data[: 4 * largest].decode("utf-8")
    except OSError as error:
        refuse("bms", f"cannot read {file}: {error.strerror}")
    except ValueError as error:
        refuse("bms", f"{file} is no text in UTF-8: {error}")


__all__ = ["bms", "convert"]
