"""Where a command's words go: reports to stdout or into files, everything else to stderr."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import TextIO, TypeVar

from companion.cli_output import refuse
from companion.cli_output.text import clean
from companion.files import write_output

PATIENCE = 2.0
"""Seconds before a command says that it is still at work."""

One = TypeVar("One")


def say(text: str) -> None:
    """Write one line to stderr, whatever is in it."""
    _write(sys.stderr, f"{clean(text)}\n")


def show(text: str) -> None:
    """Write a report to stdout."""
    _write(sys.stdout, text)


def _write(stream: TextIO, text: str) -> None:
    """A terminal or pipe that cannot show a character gets a question mark, and no traceback."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def width() -> int:
    """How many columns a report may have; through a pipe, as many as people read well."""
    return shutil.get_terminal_size((100, 24)).columns


def write_reports(command: str, targets: Mapping[str, str], make: Mapping[str, Callable[[], str]]) -> bool:
    """Write each report that is wanted, and say whether one of them took stdout.

    Parameters
    ----------
    command
        The words after ``companion``.
    targets
        By the option's name, a file, or ``-`` for stdout, or nothing.
    make
        By the same names, what makes the report.

    Raises
    ------
    typer.Exit
        With status 2, if two want stdout or a file cannot be written; one line has said which.
    """
    wanted = {name: target for name, target in targets.items() if target}
    first, *others = [name for name, target in wanted.items() if target == "-"] or [""]
    if others:
        refuse(command, f"--{first} and --{others[0]} cannot both go to stdout; write one into a file")
    for name, target in wanted.items():
        if target == "-":
            show(make[name]())
            continue
        try:
            write_output(Path(target), make[name]())
        except OSError as error:
            refuse(command, f"--{name} {target}: {(error.strerror or str(error)).lower()}")
        say(f"wrote {target}")
    return bool(first)


def with_progress(what: str, things: Iterable[One], number: int) -> Iterator[One]:
    """Go through a number of things; a terminal is shown how far it is, once that has taken two seconds."""
    if not sys.stderr.isatty():
        yield from things
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
    begun, bar = monotonic(), Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=number)
    try:
        for done, thing in enumerate(things):
            if not bar.live.is_started and monotonic() - begun > PATIENCE:
                bar.start()
            bar.update(task, completed=done)
            yield thing
    finally:
        bar.stop()
