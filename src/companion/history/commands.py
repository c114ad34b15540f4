"""The commands under `companion history`. What is heavy is imported when a command runs."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from companion.cli_output import refuse
from companion.files import write_output

if TYPE_CHECKING:
    from companion.history.report import Report

DRAWINGS = (".svg", ".png", ".pdf")

app = typer.Typer(no_args_is_help=True, help="Judge histories that were recorded of a system.")


class ModelName(StrEnum):
    """The objects that a history may be held against."""

    REGISTER = "register"
    CAS_REGISTER = "cas-register"
    KV_APPEND = "kv-append"
    SET = "set"
    COUNTER = "counter"


@app.callback()
def history() -> None:
    """Judge histories that were recorded of a system."""


@app.command("check")
def check_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Histories: JSON lines, one event each.", readable=False)
    ],
    model: Annotated[
        ModelName, typer.Option("--model", help="What the system is to behave like.")
    ] = ModelName.REGISTER,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.001, max=86_400, metavar="SECONDS", help="Then a history is unknown.")
    ] = 60.0,
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
    draw: Annotated[
        Path | None, typer.Option("--draw", metavar="FILE", help="Draw the first counterexample (.svg, .png, .pdf).")
    ] = None,
) -> None:
    """Say of each history whether it is linearizable, and if not, why.

    A line is {"process": 0, "type": "invoke", "f": "read", "key": "x", "value": null}; its end has the type "ok",
    "fail" (it did not take place) or "info" (nobody knows). The order of the lines is the order of events. Keys are
    checked apart.

    What is shown of a wrong history is a part of which nothing can be left out; a write leaves with the reads that saw
    it. The exit status is 1 when a history is not linearizable, 2 when one cannot be read.

    Example: `companion history check run.jsonl --model cas-register --timeout 30 --json - --draw why.svg`
    """
    from companion.history.events import HistoryError
    from companion.history.report import as_json, as_text, examine

    if draw is not None and draw.suffix not in DRAWINGS:
        refuse(
            "history check",
            f"--draw {str(draw)!r} is not accepted: it takes a name that ends in {' | '.join(DRAWINGS)}",
        )
    reports: list[Report] = []
    for file in files:
        try:
            reports.append(examine(file, model.value, timeout))
        except HistoryError as error:
            refuse("history check", f"{file}: {error}")
        except OSError as error:
            refuse("history check", f"{file}: cannot be read: {(error.strerror or str(error)).lower()}")
    document = json.dumps({"histories": [as_json(report) for report in reports]}, ensure_ascii=False) + "\n"
    if json_file == "-":
        sys.stdout.buffer.write(document.encode())
    else:
        for report in reports:
            typer.echo("\n".join(as_text(report)))
    try:
        if json_file not in ("", "-"):
            write_output(Path(json_file), document)
            typer.echo(f"wrote {json_file}", err=True)
        if draw is not None:
            _draw(reports, draw)
    except OSError as error:
        refuse("history check", f"cannot write {error.filename}: {error.strerror}")
    if any(report.verdict.linearizable is False for report in reports):
        raise typer.Exit(1)


def _draw(reports: list[Report], target: Path) -> None:
    wrong = next((report for report in reports if report.example is not None), None)
    if wrong is None or wrong.example is None:
        typer.echo(f"nothing to draw in {target}: no history is known to be wrong", err=True)
        return
    from companion.history.figures import space_time

    try:
        figure = space_time(wrong.example.operations, f"No order explains {wrong.file}")
    except ImportError:
        refuse("history check", "--draw needs matplotlib: pip install 'companion[notebook]'")
    figure.savefig(target)
    typer.echo(f"wrote {target}", err=True)
