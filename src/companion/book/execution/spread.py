"""What the claims of a chapter come to under other seeds: run seed by seed, and recorded in data/spread.

Only what leads to a claim is run: no exercise, and nothing after the last claim. Each seed's values are kept in
_build/spread until the chapter's code changes, so that a run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from companion.book.execution.execute import Outcome, run_worker
from companion.book.execution.fingerprint import reached
from companion.book.execution.ran_with import seed_of
from companion.book.execution.worker import Request
from companion.book.project import Chapter, Project
from companion.claims import claims_in
from companion.files import replace_file
from companion.import_graph import digest, parse_cells
from companion.notebooks import BookError, cell_source, notebook_text, read_notebook

SEEDS = 20
"""How many other seeds a chapter is tried with."""

Value = float | str

_NO_VALUES = ("", "claims", "errors", "figures", "files", "import_graph", "notebooks", "panel")
"""Rooms of the package that show, keep or find, and the package itself, which tells its version: an edit there changes
no value of a claim."""


@dataclass(frozen=True)
class Record:
    """The values of a chapter's claims under other seeds.

    Attributes
    ----------
    source : str
        A key of the code and data that lead to the claims, by which a stale record is told.
    seeds : tuple of int
        Those that the chapter ran with; none when none of its cells uses the seed.
    claims : dict of str to tuple
        The values of each claim, in the order of the seeds.
    failed : dict of str to str
        Why the chapter failed, by seed.
    confirmed_by : tuple of int
        The seeds that the present code was run with, when it was not run with all: each came out as before.
    """

    source: str
    seeds: tuple[int, ...]
    claims: dict[str, tuple[Value, ...]]
    failed: dict[str, str]
    confirmed_by: tuple[int, ...] = ()


def record_file(chapter: Chapter) -> Path:
    """Where a chapter's record lies."""
    return chapter.source.parents[1] / "data" / "spread" / f"{chapter.name}.json"


def read_record(chapter: Chapter) -> Record | None:
    """Read the record of a chapter; None when there is none.

    Raises
    ------
    BookError
        If the file is no record.
    """
    file = record_file(chapter)
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text("utf-8"))
        claims = {name: tuple(values) for name, values in found["claims"].items()}
        confirmed = tuple(found["confirmed_by"])
        return Record(found["source"], tuple(found["seeds"]), claims, found["failed"], confirmed)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BookError(f"{file}: is no record of a spread: {error}") from error


def source_key(project: Project, chapter: Chapter) -> str:
    """Hash what leads to the claims: cells, the seed that the book has, modules of the package, data."""
    cells = _leading_to_claims(read_notebook(chapter.source)["cells"])
    code = [cell_source(cell) for cell in cells if cell["cell_type"] == "code"]
    if not uses_seed(cells):  # whatever the package does, no seed reaches it from here
        return digest(json.dumps(code))
    found = reached(project, {"cells": cells})
    modules = {name: file for name, file in found.modules.items() if f"{name}.".split(".")[1] not in _NO_VALUES}
    return digest(json.dumps(code), *modules, *modules.values(), *found.data)


def uses_seed(cells: Sequence[dict[str, Any]]) -> bool:
    """Whether a cell reads the parameter `seed`."""
    trees = parse_cells(cell_source(cell) for cell in cells if cell["cell_type"] == "code")
    return any(
        isinstance(node, ast.Name) and node.id == "seed" and isinstance(node.ctx, ast.Load)
        for tree in trees
        for node in ast.walk(tree)
    )


def record_spread(
    project: Project,
    chapters: Sequence[Chapter],
    *,
    seeds: int = SEEDS,
    confirm: int = 0,
    jobs: int = 2,
    cell_timeout: float = 900,
    progress: Callable[[Chapter, int, int], None] = lambda chapter, cell, of: None,
    finished: Callable[[Outcome], None] = lambda outcome: None,
) -> dict[str, Record]:
    """Run chapters under other seeds and record the values of their claims.

    Parameters
    ----------
    project, chapters
        What to run; a chapter without claims is left out.
    seeds
        How many seeds; they are the first whole numbers, without the one of the book.
    confirm
        Run a chapter whose record is stale under so many of its seeds first, and keep the record if each of them comes
        out as it is recorded: code that was moved and not changed need not be run 20 times.
    jobs
        How many runs at once.
    cell_timeout
        Seconds that one cell may take.
    progress, finished
        Told of each run's seeds that are done, and of each chapter's end; called from several threads.

    Returns
    -------
    dict of str to Record
        By chapter. A seed under which a chapter fails has no values, and its reason.
    """
    runs = [run for chapter in chapters if (run := _prepare(project, chapter, seeds))]
    done: dict[tuple[str, int], Mapping[str, Value] | str] = {}

    def one(run: _Run, seed: int) -> None:
        done[run.chapter.name, seed] = _values(run, seed, cell_timeout)
        progress(run.chapter, sum(name == run.chapter.name for name, _ in list(done)), len(run.seeds))

    def all_of(pairs: list[tuple[_Run, int]]) -> None:
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            list(pool.map(lambda pair: one(*pair), pairs))

    found = {}
    if confirm:
        all_of([(run, seed) for run in runs for seed in run.seeds[:confirm]])
        found = {run.chapter.name: kept for run in runs if (kept := _confirmed(run, confirm, done))}
    all_of([(run, seed) for run in runs if run.chapter.name not in found for seed in run.seeds])
    for run in runs:
        record = found.get(run.chapter.name) or _record(run, done)
        found[run.chapter.name] = record
        _write(run.chapter, record)
        finished(Outcome(run.chapter))
    return found


@dataclass(frozen=True)
class _Run:
    chapter: Chapter
    folder: Path
    source: str
    seeds: tuple[int, ...]


def _prepare(project: Project, chapter: Chapter, seeds: int) -> _Run | None:
    """Write the part of the notebook that leads to claims."""
    notebook = read_notebook(chapter.source)
    cells = _leading_to_claims(notebook["cells"])
    if not any(claims_in(cell.get("outputs", [])) for cell in cells):
        return None
    own = seed_of(notebook["cells"])
    tried = [seed for seed in range(1, seeds + 2) if seed != own][:seeds] if uses_seed(cells) else []
    folder = project.root / "_build" / "spread" / chapter.name
    folder.mkdir(parents=True, exist_ok=True)
    bare = [{**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell for cell in cells]
    replace_file(folder / "chapter.ipynb", notebook_text({**notebook, "cells": bare}))
    return _Run(chapter, folder, source_key(project, chapter), tuple(tried))


def _leading_to_claims(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out exercises, and what follows the last claim that the notebook has stored."""
    claiming = [number for number, cell in enumerate(cells) if claims_in(cell.get("outputs", []))]
    kept = cells[: claiming[-1] + 1] if claiming else []
    return [cell for cell in kept if "exercise" not in cell.get("metadata", {}).get("companion", {})]


def _values(run: _Run, seed: int, cell_timeout: float) -> dict[str, Value] | str:
    """Give the values of the claims under a seed, or why the chapter failed."""
    file, target = run.folder / f"{seed}.json", run.folder / f"{seed}.ipynb"
    kept = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    if kept.get("source") == run.source:
        values: dict[str, Value] = kept["values"]
        return values
    notebook = run.folder / "chapter.ipynb"
    folder = str(run.chapter.source.parent)
    request = Request(str(notebook), str(target), {"seed": seed}, run.source, cell_timeout, folder)
    failure = run_worker(request, lambda cell, of: None)
    if failure:
        return f"cell {failure.cell}: {failure.reason}" if failure.cell else failure.reason
    claims = [claim for cell in read_notebook(target)["cells"] for claim in claims_in(cell.get("outputs", []))]
    target.unlink()
    values = {claim.name: claim.value for claim in claims}
    replace_file(file, json.dumps({"source": run.source, "values": values}))
    return values


def _confirmed(run: _Run, confirm: int, done: Mapping[tuple[str, int], Mapping[str, Value] | str]) -> Record | None:
    """Give the chapter's record as one of the present code, if the seeds that were run came out as recorded."""
    record = read_record(run.chapter)
    if record is None or record.seeds != run.seeds:
        return None
    tried = run.seeds[:confirm]
    results = [done[run.chapter.name, seed] for seed in tried]
    if any(isinstance(values, str) for values in results):  # it failed
        return None
    made = set().union(*results)  # a claim that the chapter has given up is given up here
    claims = {name: values for name, values in record.claims.items() if name in made}
    if results != [{name: values[at] for name, values in claims.items()} for at in range(confirm)]:
        return None
    confirmed = record.confirmed_by if record.source == run.source else tried
    return replace(record, source=run.source, claims=claims, confirmed_by=confirmed)


def _record(run: _Run, done: Mapping[tuple[str, int], Mapping[str, Value] | str]) -> Record:
    """Put together what all seeds gave."""
    results = {seed: done[run.chapter.name, seed] for seed in run.seeds}
    right = {seed: values for seed, values in results.items() if not isinstance(values, str)}
    names = sorted({name for values in right.values() for name in values})
    claims = {name: tuple(values.get(name, "none") for values in right.values()) for name in names}
    failed = {str(seed): reason for seed, reason in results.items() if isinstance(reason, str)}
    return Record(run.source, tuple(right), claims, failed)


def _write(chapter: Chapter, record: Record) -> None:
    lines = [f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in record.claims.items()]  # a line a claim
    whole = {
        "claims": "{\n" + ",\n".join(lines) + "\n }" if lines else "{}",
        "confirmed_by": json.dumps(record.confirmed_by),
        "failed": json.dumps(record.failed, sort_keys=True),
        "seeds": json.dumps(record.seeds),
        "source": json.dumps(record.source),
    }
    inner = ",\n".join(f' "{name}": {text}' for name, text in whole.items())
    record_file(chapter).parent.mkdir(parents=True, exist_ok=True)
    replace_file(record_file(chapter), f"{{\n{inner}\n}}\n")
