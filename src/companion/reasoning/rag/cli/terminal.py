"""Where a command's words go: results to stdout or into a file, everything else to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from companion.cli_output import refuse
from companion.files import write_output
from companion.reasoning.rag.loading import Problem

WARNINGS = 20
"""How many files that cannot be read are named."""


def show(text: str) -> None:
    """Write a line to stdout."""
    _write(sys.stdout, text)


def say(text: str) -> None:
    """Write a line to stderr."""
    _write(sys.stderr, text)


def _write(stream: TextIO, text: str) -> None:
    """Write what a terminal can show; documents are others' words, and some would steer it."""
    shown = "".join(character if character.isprintable() or character == "\n" else "?" for character in text)
    encoding = stream.encoding or "utf-8"
    stream.write(f"{shown}\n".encode(encoding, "replace").decode(encoding))
    stream.flush()


def counted(number: int, noun: str) -> str:
    """Count in words: "1 document", "1,200 documents", "no documents"."""
    return f"{f'{number:,}' if number else 'no'} {noun}{'' if number == 1 else 's'}"


def warn(command: str, problems: Sequence[Problem]) -> None:
    """Name what could not be read, a line each."""
    for problem in problems[:WARNINGS]:
        say(" ".join(f"companion {command}: {problem}".split("\n")))
    if len(problems) > WARNINGS:
        say(f"companion {command}: and {len(problems) - WARNINGS:,} more, which `companion rag eval` lists")


def write_json(command: str, target: str, value: object) -> None:
    """Write JSON where it is wanted; - is stdout, which may know no letters but ASCII's."""
    if target == "-":
        ascii_only = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
        sys.stdout.write(json.dumps(value, ensure_ascii=ascii_only, indent=1) + "\n")
        return
    try:
        write_output(Path(target), json.dumps(value, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        refuse(command, f"--json {target}: {(error.strerror or str(error)).lower()}")
    say(f"wrote {target}")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, and give what moves it: how much is done, and of how much."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(24), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
