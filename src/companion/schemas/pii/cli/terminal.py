"""Where a command's words go: reports to stdout or into files, everything else to stderr."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from companion.cli_output.terminal import PATIENCE, say, show
from companion.schemas.pii.reports.plain import counted
from companion.schemas.protobuf.model import Problem, Tell

EVERY = 30.0  # seconds between the lines of a log
WARNINGS = 20  # different ones that are written; a repository without its imports has hundreds


def tell(problems: Sequence[Problem]) -> None:
    """Write what could not be read, a line each, then some warnings; one of them may speak of many files."""
    for problem in problems:
        if problem.fatal:
            say(str(problem))
    warnings: dict[str, list[Problem]] = {}
    for problem in problems:
        if not problem.fatal:
            warnings.setdefault(problem.message, []).append(problem)
    for same in list(warnings.values())[:WARNINGS]:
        more = f" (and in {counted(len(same) - 1, 'more place')})" if len(same) > 1 else ""
        say(f"{same[0]}{more}")
    if len(warnings) > WARNINGS:
        left = counted(len(warnings) - WARNINGS, "more warning")
        say(f"... and {left}; `companion pii scan --json -` lists all")


def width() -> int:
    """How many columns a table may have; through a pipe, as many as people read well."""
    return shutil.get_terminal_size((120, 24)).columns


@contextmanager
def patience(said: str) -> Iterator[Tell]:
    """Show a terminal that we are still at work, once it has taken two seconds, and a log every half minute.

    What it gives is to be told how far we are.
    """
    if not sys.stderr.isatty():
        yield _now_and_then()
        return
    from rich.console import Console

    status = Console(stderr=True).status(said)
    timer = threading.Timer(PATIENCE, status.start)
    timer.start()
    try:
        yield status.update
    finally:
        timer.cancel()
        timer.join()
        status.stop()


def _now_and_then() -> Tell:
    """Give what writes a line when the last one is half a minute old: a build that says nothing is taken for dead."""
    last = monotonic()

    def tell(said: str) -> None:
        nonlocal last
        if monotonic() - last >= EVERY:
            last = monotonic()
            say(f"{said} ...")

    return tell


__all__ = ["patience", "say", "show", "tell", "width"]
