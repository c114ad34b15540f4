"""The commands under `companion history`. What is heavy is imported when a command runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from companion.cli_output import refuse
from companion.cli_output.terminal import say, show, with_progress
from companion.files import write_output
from companion.history.specifications import MODELS

if TYPE_CHECKING:
    from companion.history.reading.histories import How
    from companion.history.report import Report
    from companion.history.specifications import Model

DRAWINGS = (".svg", ".png", ".pdf")

LISTS = "list-append"
"""Transactions on lists: judged by what isolation levels forbid, and not by a search for an order."""

app = typer.Typer(no_args_is_help=True, help="Judge histories that were recorded of a system.")


@app.callback()
def history() -> None:
    """Judge histories that were recorded of a system."""


@app.command("check")
def check_files(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="JSON lines or array, EDN, or Jepsen's log; - is stdin.")
    ],
    model: Annotated[
        str,
        typer.Option("--model", metavar="|".join((*MODELS, LISTS)), help="What the system is to behave like."),
    ] = "register",
    initial: Annotated[str, typer.Option("--initial", metavar="JSON", help="Its value before anything happened.")] = "",
    independent: Annotated[
        bool, typer.Option("--independent", help="Each value is [key, value], as Jepsen records independent keys.")
    ] = False,
    order: Annotated[
        Literal["lines", "time", "index"] | None,
        typer.Option("--order", help="What tells the order of events. By default the lines, if nothing contradicts."),
    ] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="The files are parts of one history, whose times tell the order.")
    ] = False,
    uncertainty: Annotated[
        float,
        typer.Option("--uncertainty", min=0, metavar="TIME", help="How wrong clocks may be; in seconds for ISO times."),
    ] = 0.0,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.001, max=86_400, metavar="SECONDS", help="Then a history is unknown.")
    ] = 60.0,
    memory: Annotated[
        int, typer.Option("--memory", min=1, max=1_048_576, metavar="MB", help="If it takes more, it is unknown.")
    ] = 512,
    realtime: Annotated[
        bool, typer.Option("--realtime", help=f"Of {LISTS}: what had returned before another began comes first.")
    ] = False,
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
    draw: Annotated[
        Path | None, typer.Option("--draw", metavar="FILE", help="Draw the first counterexample (.svg, .png, .pdf).")
    ] = None,
) -> None:
    """Say of each history whether it is linearizable, and if not, why.

    An event is {"process": 0, "type": "invoke", "f": "read", "key": "x", "value": null}; its end has the type "ok",
    "fail" (it did not take place) or "info" (nobody knows). JSON, EDN and Jepsen's log are told apart by content, gzip
    is unpacked, and a nemesis is left out. Keys are checked apart. Lines are events in their order; a "time" or "index"
    that says otherwise is refused until --order says which is right.

    What is shown of a wrong history is a part of which nothing can be left out; a write leaves with the reads that saw
    it. Exit status: 0 all are linearizable; 1 one is not; 3 none is wrong, but one is unknown, since time or memory
    came first; 2 wrong usage, or a file that cannot be read, after the others were judged.

    Of transactions whose value is a list of ["append", key, value] and ["r", key, [values]], --model list-append says
    which isolation levels they rule out, and by which cycles (as Elle does); then 1 means that an anomaly was found.

    Example: `companion history check run.jsonl --model cas-register --timeout 30 --json - --draw why.svg`

    Example: `companion history check transactions.jsonl --model list-append --realtime`
    """
    from companion.history.reading.histories import How
    from companion.history.report import as_json, as_text

    if draw is not None and draw.suffix not in DRAWINGS:
        refuse(
            "history check",
            f"--draw {str(draw)!r} is not accepted: it takes a name that ends in {' | '.join(DRAWINGS)}",
        )
    if model == LISTS:
        from companion.history.transactions.command import check_files as check_transactions

        others = {"--initial": initial, "--independent": independent, "--merge": merge, "--uncertainty": uncertainty}
        unknown = [name for name, value in others.items() if value]
        if unknown:
            refuse("history check", f"{unknown[0]} is not for --model {LISTS}; leave it out")
        room = memory * 2**20
        status = check_transactions(
            files, realtime=realtime, order=order or "", memory=room, json_file=json_file, draw=draw
        )
        raise typer.Exit(status)
    if realtime:
        refuse("history check", f"--realtime is for --model {LISTS}; linearizability goes by real time in any case")
    if uncertainty and order in ("lines", "index"):
        refuse("history check", f"--uncertainty is about times, and --order {order} does not go by them; leave one out")
    if merge and order in ("lines", "index"):
        refuse("history check", f"--merge goes by times, and --order {order} does not; leave one out")
    how = How(_model(model, initial), independent, order or "", uncertainty, memory * 2**20)
    judge = _judge(how, timeout)
    found = [judge(group) for group in ([files] if merge else [[file] for file in files])]
    reports = [one for one in found if not isinstance(one, Unreadable)]
    told = [{"file": one.file, "error": one.error} if isinstance(one, Unreadable) else as_json(one) for one in found]
    document = json.dumps({"histories": told}, ensure_ascii=False) + "\n"
    if json_file == "-":
        sys.stdout.buffer.write(document.encode("utf-8", "backslashreplace"))  # half a pair stays JSON
    else:
        for report in reports:
            show("".join(f"{_printable(line)}\n" for line in as_text(report)))
    for report in reports:
        for warning in report.warnings:
            say(f"companion history check: warning: {report.history.name}: {warning}")
    try:
        if json_file not in ("", "-"):
            write_output(Path(json_file), document)
            typer.echo(f"wrote {json_file}", err=True)
        if draw is not None:
            _draw(reports, draw)
    except OSError as error:
        refuse("history check", f"cannot write {error.filename}: {error.strerror}")
    unreadable = [one for one in found if isinstance(one, Unreadable)]
    for one in unreadable:
        say(f"companion history check: {one.file}: {one.error}")
    known = {report.linearizable for report in reports}
    raise typer.Exit(2 if unreadable else 1 if False in known else 3 if None in known else 0)


def _printable(line: str) -> str:
    """Keep a line as wide as it is, without what would steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in line)


def _model(name: str, initial: str) -> Model:
    if name not in MODELS:
        refuse("history check", f"--model {name[:40]!r} is not known; give one of {', '.join((*MODELS, LISTS))}")
    model = MODELS[name]
    if not initial:
        return model
    try:
        return model.starting_with(json.loads(initial))
    except (ValueError, RecursionError) as error:
        what = "it is JSON, such as 0, '\"\"' or '[1,2]'" if isinstance(error, json.JSONDecodeError) else error
        refuse("history check", f"--initial {initial[:40]!r} is not accepted by a {name}: {what}")


@dataclass(frozen=True)
class Unreadable:
    """A file that is no history, and why."""

    file: str
    error: str


def _judge(how: How, timeout: float) -> Callable[[Sequence[str]], Report | Unreadable]:
    """Say who judges the files of one history: the model decides, and so far all are objects with operations."""
    return partial(_examined, how=how, timeout=timeout)


def _examined(files: Sequence[str], how: How, timeout: float) -> Report | Unreadable:
    from companion.history.events import HistoryError
    from companion.history.reading import opened
    from companion.history.report import examine

    try:
        with opened(files, how, _watched) as one:
            return examine(one, how.model, timeout, how.memory)
    except HistoryError as error:
        return Unreadable(" + ".join(files), str(error))
    except OSError as error:
        name = str(error.filename or "") if len(files) > 1 else ""
        why = (error.strerror or str(error)).lower()
        return Unreadable(" + ".join(files), f"{name} cannot be read: {why}".lstrip())


def _watched(name: str, path: Path, text: Iterator[str]) -> Iterator[str]:
    return with_progress(f"reading {name}", text, path.stat().st_size // 2**20 + 1)


def _draw(reports: list[Report], target: Path) -> None:
    wrong = next((report for report in reports if report.example is not None), None)
    if wrong is None or wrong.example is None:
        typer.echo(f"nothing to draw in {target}: no history is known to be wrong", err=True)
        return
    from companion.history.figures import space_time

    try:
        figure = space_time(wrong.example.operations, f"No order explains {wrong.history.name}")
    except ImportError:
        refuse("history check", "--draw needs matplotlib: pip install 'companion[notebook]'")
    figure.savefig(target)
    typer.echo(f"wrote {target}", err=True)
