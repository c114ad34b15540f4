"""Many documents read and judged, on all cores where that pays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from companion.operations.postmortems.document import Document, PostmortemError
from companion.operations.postmortems.reading.read import read
from companion.operations.postmortems.rules.lint import Report, lint
from companion.operations.postmortems.rules.settings import Settings

FEW = 60
"""Up to how many documents one process is sooner done than several are started."""

MOST_PROCESSES = 8


def judge_all(paths: Sequence[Path], settings: Settings) -> Iterator[Report | str]:
    """Read and judge files in their order: for each its report, or one line that says why it cannot be read."""
    one = partial(judge, settings=settings)
    processes = min(MOST_PROCESSES, _cores())
    if len(paths) <= FEW or processes < 2:
        yield from map(one, paths)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(one, paths, chunksize=8)


def judge(path: Path, settings: Settings) -> Report | str:
    """Read and judge a file; what its report does not show of it is left behind."""
    try:
        report = lint(read(path), settings)
    except PostmortemError as error:
        return str(error)
    except OSError as error:
        return f"{path}: cannot be read: {(error.strerror or str(error)).lower()}"
    return replace(report, document=_shown(report.document))


def _shown(document: Document) -> Document:
    return replace(document, source="", sections=tuple(replace(one, blocks=()) for one in document.sections))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
