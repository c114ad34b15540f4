"""`companion history check --model list-append`: files are read, judged, told, and perhaps drawn."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from companion.cli_output import refuse
from companion.cli_output.terminal import say, show, with_progress
from companion.files import write_output
from companion.history.events import HistoryError
from companion.history.reading.formats import events_of
from companion.history.reading.order import by_moment, clients, held_against_times
from companion.history.reading.source import again_and_again, chunks
from companion.history.search import MEMORY
from companion.history.transactions.report import Report, as_json, check_transactions, render

COMMAND = "history check"


def examine(file: str, in_time: str, order: str = "", memory: int = MEMORY) -> Report:
    """Read a history in any of the forms that are known, and look for what isolation levels forbid.

    Parameters
    ----------
    file : str
        ``-`` is standard input.
    in_time : str
        Which order in time counts beside what was read, as of `check_transactions`.
    order : str
        What tells the order of events: ``lines``, ``time`` or ``index``; of equal times the lines. By default it is the
        lines, which are refused where times or indexes contradict them.
    memory : int
        Bytes that may be taken where events are sorted.

    Raises
    ------
    HistoryError
        If it is no history of transactions on lists, in one line that names the place and the cure.
    OSError
        If it cannot be read.
    """
    with again_and_again(file) as path:
        text = with_progress(f"reading {file}", chunks(path), path.stat().st_size // 2**20 + 1)
        events = clients(events_of(text)[1])
        if order in ("time", "index"):
            events = iter(by_moment(events, order, memory)[0])
        elif not order:
            events = held_against_times(events)
        return check_transactions(events, order=in_time, file=file)


def check_files(
    files: Sequence[str], *, realtime: bool, order: str, memory: int, json_file: str, draw: Path | None
) -> int:
    """Judge each file and tell of it; give the exit status.

    Parameters
    ----------
    files : sequence of str
        ``-`` is standard input.
    realtime : bool
        Whether what had returned before another was invoked must come first.
    order, memory
        As of `examine`.
    json_file : str
        Where the reports go as JSON; ``-`` is standard output, and empty nowhere.
    draw : Path, optional
        Where the first cycle is drawn.
    """
    reports: list[Report] = []
    told: list[dict[str, Any]] = []
    faults: list[str] = []
    for file in files:
        try:
            reports.append(examine(file, "realtime" if realtime else "", order, memory))
            told.append(as_json(reports[-1]))
        except (HistoryError, OSError) as error:
            why = str(error)
            if isinstance(error, OSError):
                why = f"cannot be read: {(error.strerror or why).lower()}"
            told.append({"file": file, "error": why})
            faults.append(f"companion {COMMAND}: {file}: {why}")
    document = json.dumps({"histories": told}, ensure_ascii=False) + "\n"
    if json_file == "-":
        sys.stdout.buffer.write(document.encode("utf-8", "backslashreplace"))
    else:
        for report in reports:
            show("".join(f"{_printable(line)}\n" for line in render(report)))
    try:
        if json_file not in ("", "-"):
            write_output(Path(json_file), document)
            say(f"wrote {json_file}")
        if draw is not None:
            _draw(reports, draw)
    except OSError as error:
        refuse(COMMAND, f"cannot write {error.filename}: {error.strerror}")
    for fault in faults:
        say(fault)
    wrong, unsure = (any(report.anomalies for report in reports), any(report.undecided for report in reports))
    return 2 if faults else 1 if wrong else 3 if unsure else 0


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in line)


def _draw(reports: Sequence[Report], target: Path) -> None:
    found = next(((report, one) for report in reports for one in report.anomalies if one.steps), None)
    if found is None:
        say(f"nothing to draw in {target}: no history has a cycle")
        return
    from companion.history.transactions.figures import figure_cycle

    try:
        figure = figure_cycle(*found)
    except ImportError:
        refuse(COMMAND, "--draw needs matplotlib: pip install 'companion[notebook]'")
    figure.savefig(target)
    say(f"wrote {target}")
