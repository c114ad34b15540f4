"""Execute the chapters that need it, side by side, each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from companion.book.execution.fingerprint import chapter_key, executed_key
from companion.book.execution.worker import Failure, Request
from companion.book.project import Chapter, Project
from companion.notebooks import BookError, cell_source, read_notebook

Progress = Callable[[Chapter, int, int], None]
"""Called with a chapter, the cell it is at, and how many there are."""

FIGURES = {"COMPANION_FIGURES": "svg"}
"""The setting under which a kernel draws figures for pages."""

_SCRATCH = ".executing-"


@dataclass(frozen=True)
class Outcome:
    """What became of a chapter: executed, unchanged (nothing to do), or failed.

    Attributes
    ----------
    chapter : Chapter
        Its `executed` is where the copy lies, which is not the book's when other parameters were given.
    """

    chapter: Chapter
    seconds: float = 0.0
    unchanged: bool = False
    failure: Failure | None = None


def execute(
    project: Project,
    chapters: list[Chapter],
    *,
    parameters: Mapping[str, Any] | None = None,
    force: bool = False,
    jobs: int = 2,
    cell_timeout: float = 120,
    progress: Progress = lambda chapter, cell, of: None,
    finished: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Bring the executed copies of chapters up to date.

    A chapter that is given other parameters than its own goes into `Project.runs`, where no page is made from it.

    Parameters
    ----------
    project, chapters : Project and list of Chapter
        What to execute.
    parameters : mapping, optional
        Values for the chapters' parameters; each chapter gets those that it has.
    force : bool
        Execute even what has not changed.
    jobs : int
        How many chapters at once.
    cell_timeout : float
        Seconds that one cell may take.
    progress, finished : callable
        Told of each cell and each chapter; called from several threads.

    Returns
    -------
    list of Outcome
        In the order of `chapters`. A chapter that fails leaves the others alone, and its old copy in place.

    Raises
    ------
    BookError
        If a parameter belongs to none of the chapters.
    """
    given = dict(parameters or {})
    accepted = {chapter.name: _accepted(chapter, given) for chapter in chapters}
    unknown = set(given) - {name for taken in accepted.values() for name in taken}
    if unknown:
        raise BookError(f"-p {sorted(unknown)[0]}: none of these chapters has a parameter of that name")
    for folder in (project.built, project.runs) if any(accepted.values()) else (project.built,):
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"{_SCRATCH}*"):  # of a build that was killed
            leftover.unlink()

    def one(chapter: Chapter) -> Outcome:
        taken = accepted[chapter.name]
        place = replace(chapter, executed=project.runs / _run_name(chapter, taken)) if taken else chapter
        outcome = _bring_up_to_date(project, place, taken, force, cell_timeout, progress)
        finished(outcome)
        return outcome

    with ThreadPoolExecutor(max_workers=max(jobs, 1)) as pool:
        done = {outcome.chapter.source: outcome for outcome in pool.map(one, _longest_first(chapters))}
    return [done[chapter.source] for chapter in chapters]


def _run_name(chapter: Chapter, parameters: Mapping[str, Any]) -> str:
    """Name the copy for what it was given; two values that are written alike take turns under one name."""
    words = "-".join(f"{name}-{value}" for name, value in sorted(parameters.items()))
    return f"{chapter.name}-{re.sub(r'[^A-Za-z0-9.-]+', '-', words)[:80]}.ipynb"


def _bring_up_to_date(
    project: Project, chapter: Chapter, parameters: dict[str, Any], force: bool, cell_timeout: float, progress: Progress
) -> Outcome:
    started = time.monotonic()
    try:
        key = chapter_key(project, chapter, parameters)
    except BookError as error:
        return Outcome(chapter, failure=Failure(str(error).partition(": ")[2]))
    if not force and executed_key(chapter) == key:
        return Outcome(chapter, unchanged=True)
    target = chapter.executed.with_name(f"{_SCRATCH}{chapter.name}-{os.getpid()}.ipynb")
    request = Request(str(chapter.source), str(target), parameters, key, cell_timeout)
    failure = run_worker(request, lambda cell, of: progress(chapter, cell, of))
    if failure is None:
        target.replace(chapter.executed)
    else:
        target.unlink(missing_ok=True)
    return Outcome(chapter, time.monotonic() - started, failure=failure)


def run_worker(request: Request, progress: Callable[[int, int], None]) -> Failure | None:
    """Start the process, pass its events on, and return how it ended."""
    environment = {**os.environ, **FIGURES, "PYTHONWARNINGS": "ignore::DeprecationWarning"}
    command = [sys.executable, "-m", "companion.book.execution.worker"]
    cell = 0
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        encoding="utf-8",
        errors="replace",  # a byte that is no text must not stop the reader, or the worker blocks on a full pipe
    ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        noise: deque[str] = deque(maxlen=40)
        with ThreadPoolExecutor(max_workers=1) as reader:
            reader.submit(noise.extend, process.stderr)
            process.stdin.write(json.dumps(asdict(request)) + "\n")
            process.stdin.flush()  # and stays open: its end tells the worker that we have died
            try:
                for line in process.stdout:
                    event = json.loads(line)
                    if "failure" in event:
                        process.stdin.close()
                        failure = event["failure"]
                        return Failure(**{**failure, "traceback": tuple(failure["traceback"])}) if failure else None
                    cell = event["cell"]
                    progress(cell, event["of"])
            except BaseException:
                process.kill()
                raise
    last = tuple(line.rstrip() for line in noise if line.strip())[-12:]
    return Failure("the process that executed the chapter died", cell or None, traceback=last)


def _accepted(chapter: Chapter, parameters: dict[str, Any]) -> dict[str, Any]:
    """Keep those parameters whose names the chapter's `parameters` cell assigns."""
    try:
        cells = read_notebook(chapter.source)["cells"]
    except BookError:
        return {}  # executing it will say what is wrong with it
    tagged = [cell_source(cell) for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    names = {line.partition("=")[0].partition(":")[0].strip() for source in tagged for line in source.splitlines()}
    return {name: value for name, value in parameters.items() if name in names}


def _longest_first(chapters: list[Chapter]) -> list[Chapter]:
    """Order chapters by how long they took last time, so that the longest does not begin last."""
    return sorted(chapters, key=lambda chapter: -last_seconds(chapter.executed))


def last_seconds(executed: Path) -> float:
    """Sum the seconds that the cells of an executed copy took; a chapter never executed counts as long."""
    try:
        cells = json.loads(executed.read_text("utf-8"))["cells"]
        return sum(float(cell.get("metadata", {}).get("companion_seconds", 0)) for cell in cells)
    except (OSError, ValueError, KeyError, TypeError):
        return float("inf")
