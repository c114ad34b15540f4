"""What a person sees while the book is made: one bar a chapter on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import threading
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from companion.book.check.luck import spread_of
from companion.book.check.report import counted
from companion.book.execution.execute import Outcome
from companion.book.execution.spread import read_record
from companion.book.project import Chapter
from companion.claims import claims_in
from companion.notebooks import read_notebook


class Display:
    """A progress display on stderr; use it as a context manager."""

    def __init__(self, unit: str = "cells") -> None:
        self.unit = unit
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TextColumn(unit),
            TimeElapsedColumn(), console=self.console, disable=not self.console.is_terminal,
        )  # fmt: skip

    def __enter__(self) -> Display:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def cell(self, chapter: Chapter, cell: int, of: int) -> None:
        """Say that a chapter has come to a cell."""
        with self._lock:
            if chapter.name not in self._tasks:
                self._tasks[chapter.name] = self._bar.add_task(chapter.name, total=of)
                if not self.console.is_terminal:
                    self.console.print(f"{chapter.name}: executing {counted(of, self.unit.removesuffix('s'))}")
            self._bar.update(self._tasks[chapter.name], completed=cell)

    def finished(self, outcome: Outcome) -> None:
        """Say how a chapter ended, with the reason and the last lines of the traceback when it failed."""
        name = outcome.chapter.name
        with self._lock:
            if name in self._tasks:
                self._bar.remove_task(self._tasks.pop(name))
            if outcome.failure is None:
                if not outcome.unchanged and outcome.seconds:
                    self.console.print(f"{name}: executed in {outcome.seconds:.1f} s")
                return
            failure = outcome.failure
            where = f", cell {failure.cell}" if failure.cell else ""
            self.console.print(f"[red bold]{name}{where}:[/] {escape(failure.reason)}")
            if failure.line:
                self.console.print(f"    the cell begins: {escape(failure.line)}")
            for line in failure.traceback:
                self.console.print(f"    {escape(line)}")


def tell_spread(chapter: Chapter) -> None:
    """Print how a chapter's claims fared under other seeds, and each that was lucky."""
    spreads = spread_of(chapter)
    record = read_record(chapter)
    if not spreads or record is None:
        return
    vary = sum(len({str(value) for value in found.values}) > 1 for found in spreads.values())
    lucky = {name: found.why for name, found in spreads.items() if found.lucky}
    if not any(found.values for found in spreads.values()):
        print(f"{chapter.name}: {counted(len(spreads), 'claim')}; no cell that leads to them uses the seed")
        return
    tried = f"{vary} of {counted(len(spreads), 'claim')} vary over {counted(len(record.seeds), 'seed')}"
    print(f"{chapter.name}: {tried}; {len(lucky)} lucky")
    for name, why in lucky.items():
        print(f"  {name}: {why}")
    for seed, why in record.failed.items():
        print(f"  under seed {seed} it fails: {why}")


def tell_differences(chapter: Chapter) -> None:
    """Print which claims of an execution with other parameters came out differently, and where the copy lies."""
    claims = [
        claim for cell in read_notebook(chapter.executed)["cells"] for claim in claims_in(cell.get("outputs", []))
    ]
    differing = [claim for claim in claims if not claim.holds]
    if claims:
        print(f"{chapter.name}: {len(differing)} of {counted(len(claims), 'claim')} came out differently")
    for claim in differing:
        print(f"  {claim.name}: {claim.written} -> {claim.rounded}")
    print(os.path.relpath(chapter.executed))
