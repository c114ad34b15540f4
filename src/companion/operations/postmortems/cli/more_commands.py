"""The commands under `companion postmortem` that draw, gather, begin and share. What is heavy waits for that."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# readable=False: what may not be read is told by the command, in its own words.
PostMortem = Annotated[Path, typer.Argument(help="A post mortem in Markdown.", metavar="FILE", readable=False)]
Folder = Annotated[
    list[Path], typer.Argument(help="A folder of post mortems, or files.", metavar="DIR", readable=False)
]
JsonFile = Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")]
Today = Annotated[
    str, typer.Option("--today", metavar="YYYY-MM-DD", help="The day to judge by; the calendar's, if not set.")
]


def timeline(
    file: PostMortem,
    out: Annotated[str, typer.Option("--out", metavar="FILE.svg|-", help="Draw the incident as SVG.")] = "",
    whys: Annotated[str, typer.Option("--whys", metavar="FILE.svg|-", help="Draw the tree of whys as SVG.")] = "",
    json_file: JsonFile = "",
) -> None:
    """Say how long it took to detect, diagnose and mitigate, and draw the incident and its whys.

    What no entry of the timeline tells is said to be unknown. The drawings follow the reader's theme, light or dark,
    and hold all that they show as text for those who do not see them.

    Example: `companion postmortem timeline postmortems/checkout.md --out checkout.svg --whys checkout-whys.svg`
    """
    from companion.operations.postmortems.cli import following

    following.timeline(file, {"out": out, "whys": whys, "json": json_file})


def patterns(folder: Folder, today: Today = "", json_file: JsonFile = "") -> None:
    """Read a folder and tell what recurs, which actions are overdue, and which lessons nobody acts on.

    A pattern stands in at least two post mortems, in sentences that are shown with their places; they are English ones.
    What is marked as restricted is left out.

    Example: `companion postmortem patterns postmortems --today 2026-12-01`
    """
    from companion.operations.postmortems.cli import following

    following.patterns(folder, today, {"json": json_file})


def actions(
    folder: Folder,
    today: Today = "",
    overdue: Annotated[
        bool, typer.Option("--overdue", help="List only what is overdue, and exit 1 while anything is.")
    ] = False,
    csv: Annotated[str, typer.Option("--csv", metavar="FILE|-", help="Write them for a spreadsheet.")] = "",
    ics: Annotated[str, typer.Option("--ics", metavar="FILE|-", help="Write them as tasks of a calendar.")] = "",
    json_file: JsonFile = "",
) -> None:
    """List every action of a folder: who, what, until when, and how far.

    A task of the calendar keeps its identity while its file and its words stay, so that importing it again updates it.
    Of an action that is marked as restricted, only that there is one is told.

    Example: `companion postmortem actions postmortems --today 2026-12-01 --csv actions.csv --ics actions.ics`
    """
    from companion.operations.postmortems.cli import following

    following.actions(folder, today, {"csv": csv, "ics": ics, "json": json_file}, overdue=overdue)


def new(
    title: Annotated[str, typer.Argument(metavar="[TITLE]", help="What customers could not do, and how long.")] = "",
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="The day of the incident.")] = "",
    zone: Annotated[str, typer.Option("--zone", help="The time zone of all times.")] = "",
    service: Annotated[str, typer.Option("--service", help="The service that failed.")] = "",
    team: Annotated[str, typer.Option("--team", help="The team that owns the cause.")] = "",
    security: Annotated[
        bool, typer.Option("--security", help="With restricted parts, which `share` leaves out.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where; by date and title, if not set.")
    ] = None,
    decide: Annotated[
        list[str] | None,
        typer.Option(
            "--decide",
            metavar="FACT",
            help="Only say whether one is needed. Facts: customers, objective, security, outage, emergency, near-miss,"
            " edge-case, other-teams, delay, unsure; may be repeated.",
        ),
    ] = None,
) -> None:
    """Begin a post mortem: a file with a prompt for each thing that a reader needs.

    What is not given is asked for on a terminal; elsewhere it is today, UTC, and a prompt in the file. A file that
    exists is not touched.

    Example: `companion postmortem new "Users could not check out for 44 minutes" --date 2026-11-03 --out new.md`,
    and to know whether it is worth it `companion postmortem new --decide near-miss --decide unsure`
    """
    from companion.operations.postmortems.cli import writing

    if decide:
        writing.decide(decide)
    else:
        writing.new(title, date, zone, service, team, out, security=security)


def share(
    file: PostMortem,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where what may be shared is written.")],
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="WORDS", help="Words that look secret and may stay; may be repeated."),
    ] = None,
) -> None:
    """Write the version of a restricted post mortem that may be shared.

    Sections whose heading ends in "(restricted)" leave, with all below them; so do passages between
    `<!-- restricted -->` and `<!-- /restricted -->`, and comments. What looks like a key, a password, a private address
    or personal data in the rest is pointed out with its line; while there is any, nothing is written, and the exit
    status is 1. It is known by its form only: names and stories need a reader.

    Example: `companion postmortem share postmortems/tenant-leak.md --out lessons.md`
    """
    from companion.operations.postmortems.cli import writing

    writing.share(file, out, allow or [])
