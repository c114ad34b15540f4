"""What `companion postmortem new` and `share` do, from options to what is written."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from companion.cli_output import refuse
from companion.cli_output.terminal import say, show
from companion.cli_output.text import clean, counted
from companion.files import write_output
from companion.operations.postmortems.cli.following import day, read_one
from companion.operations.postmortems.document import PostmortemError


def new(title: str, date: str, zone: str, service: str, team: str, out: Path | None, *, security: bool) -> None:
    """Ask for what is missing, and write the file to fill in."""
    from companion.operations.postmortems.writing.new import Start, file_name
    from companion.operations.postmortems.writing.new import new as written

    command = "postmortem new"
    day(command, date, "--date")  # a wrong one is told before anything is asked
    if at_terminal():
        title = title or typer.prompt("What could customers not do, and for how long", err=True)
        date = date or typer.prompt("Day of the incident", default=day(command, "").isoformat(), err=True)
        zone = zone or typer.prompt("Time zone of all times", default="UTC", err=True)
        service = service or _asked("Service that failed")
        team = team or _asked("Team that owns the cause")
    if not title.strip():
        refuse(command, 'a title is needed, such as "Users could not check out for 44 minutes"')
    start = Start(title, day(command, date, "--date"), zone or "UTC", service, team, security)
    path = out or Path(file_name(start))
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(written(start))
    except FileExistsError:
        refuse(command, f"{path}: exists already, and is left as it is; --out names another file")
    except OSError as error:
        refuse(command, f"{path}: {(error.strerror or str(error)).lower()}")
    show(f"{path}\n")
    say(f"fill it in, then check it: companion postmortem lint {path}")


def at_terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty()


def _asked(what: str) -> str:
    said: str = typer.prompt(f"{what} (may stay empty)", default="", show_default=False, err=True)
    return said


def decide(said: Sequence[str]) -> None:
    """Say whether an incident needs a post mortem."""
    from companion.operations.postmortems.deciding import Fact, should_write

    facts = []
    for word in said:
        try:
            facts.append(Fact(word.strip().lower()))
        except ValueError:
            refuse("postmortem new", f"--decide {word}: it takes {' | '.join(Fact)}")
    show(f"{should_write(facts).text}\n")


def share(file: Path, out: Path, allowed: Sequence[str]) -> None:
    """Write what may be shared, if nothing that is left looks secret."""
    from companion.operations.postmortems.writing.restricted import share as shared

    command = "postmortem share"
    document = read_one(command, file)
    if out.exists() and out.samefile(file):
        refuse(command, f"--out {out}: that is the whole version itself")
    try:
        found = shared(document.source, str(file), allowed)
    except PostmortemError as error:
        refuse(command, str(error))
    for secret in found.secrets:
        show(f"{clean(f'{file}:{secret.line}: {secret.kind}: {secret.hint}')}\n")
    if found.secrets:
        places = counted(len(found.secrets), "place")
        say(
            f"nothing is written while {places} may be secret or personal: take it out, mark it as restricted,"
            ' or let it stay by --allow "its words"'
        )
        raise typer.Exit(1)
    if not found.sections and not found.passages:
        say("nothing in it is marked as restricted")
    try:
        write_output(out, found.text)
    except OSError as error:
        refuse(command, f"--out {out}: {(error.strerror or str(error)).lower()}")
    left = f"{counted(found.sections, 'section')}, {counted(found.passages, 'passage')}"
    show(f"{clean(str(out))}: left out {left} and {counted(found.comments, 'comment')}\n")
