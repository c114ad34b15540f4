"""A journal of steps: a file that is only ever appended to, a line of JSON for each step.

A process that is killed may leave half a line, which was acknowledged to nobody and is cut off by the next one. Any
other damage is refused: a journal with a hole says nothing of what was done in it.

Each line is given to the kernel in one write. That is enough to survive the death of the process; to survive the death
of the machine as well it must be on the disk, and `sync=True` waits for that, at every step.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.errors import CompanionError

LARGEST = 16 * 2**20
"""Bytes of a journal that is still read."""


class JournalError(CompanionError):
    """A file that is no journal of ours, or is damaged."""


@dataclass(frozen=True)
class Step:
    """A step that was done.

    Attributes
    ----------
    kind : str
        What was asked for.
    argument : object
        With what; of values that JSON has.
    result : object
        What came of it.
    """

    kind: str
    argument: Any
    result: Any


class Journal:
    """The steps that were done, oldest first.

    Parameters
    ----------
    path : Path
        The file; it is made when it is not there.
    sync : bool
        Whether each step waits until it is on the disk.

    Raises
    ------
    JournalError
        If the file is damaged anywhere but in its last line, or too large.
    """

    def __init__(self, path: Path, *, sync: bool = True) -> None:
        self._path, self._sync = path, sync
        self.steps: list[Step] = []
        whole = 0
        data = path.read_bytes() if path.exists() else b""
        if len(data) > LARGEST:
            raise JournalError(f"{path}: {len(data)} bytes; a journal may have {LARGEST}")
        for number, line in enumerate(data.splitlines(keepends=True), 1):
            if not line.endswith(b"\n"):
                break
            self.steps.append(_step(path, number, line))
            whole += len(line)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.ftruncate(self._file, whole)

    def append(self, step: Step) -> None:
        """Write a step down, and return when it will be there after a crash.

        Raises
        ------
        JournalError
            If JSON does not give its argument back as it is: a replay could not compare it.
        """
        entry = [step.kind, step.argument, step.result]
        try:
            line = json.dumps(entry, allow_nan=False).encode() + b"\n"
        except (TypeError, ValueError) as error:
            raise JournalError(f"step {len(self.steps) + 1}, {step.kind}: {error}") from error
        if json.loads(line) != entry:
            raise JournalError(f"step {len(self.steps) + 1}, {step.kind}: JSON gives back another value")
        if os.write(self._file, line) != len(line):
            raise JournalError(f"{self._path}: the disk is full")
        if self._sync:
            os.fsync(self._file)
        self.steps.append(step)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def __enter__(self) -> Journal:
        """Give the journal."""
        return self

    def __exit__(self, *problem: object) -> None:
        """Close the file."""
        self.close()


def _step(path: Path, number: int, line: bytes) -> Step:
    try:
        kind, argument, result = json.loads(line)
    except (ValueError, TypeError, RecursionError) as error:
        raise JournalError(f"{path}:{number}: not a step: {line[:40]!r}") from error
    if not isinstance(kind, str):
        raise JournalError(f"{path}:{number}: the kind of a step is a word, not {kind!r:.40}")
    return Step(kind, argument, result)


__all__ = ["LARGEST", "Journal", "JournalError", "Step"]
