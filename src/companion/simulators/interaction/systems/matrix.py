"""Every writer's file read by every reader, for every class of values; and the oracles that need no expectation.

The oracles are those of Tang et al. (EuroSys 2023): write-read (what is read is what was written), differential (two
readers of one file agree) and error handling (what one system refuses no other accepts; see `invalid`).
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from companion.simulators.interaction.systems.libraries import REFUSALS, VERSIONS
from companion.simulators.interaction.systems.readers_writers import READERS, WRITERS
from companion.simulators.interaction.systems.values import OUTCOMES, VALUES, same


@dataclass(frozen=True)
class Cell:
    """What became of one class of values between one writer and one reader.

    Attributes
    ----------
    values : str
        The class; see `values.VALUES`.
    format, writer, reader : str
        Of the file, and the two systems.
    outcome : str
        One of `values.OUTCOMES`.
    got : str
        What was read, or the name of the error.
    """

    values: str
    format: str
    writer: str
    reader: str
    outcome: str
    got: str


def run_matrix(formats: Iterable[str] = tuple(WRITERS), classes: Mapping[str, Sequence[Any]] = VALUES) -> list[Cell]:
    """Write and read everything; a few seconds.

    Parameters
    ----------
    formats : iterable of str
        Some of `systems.WRITERS`.
    classes : mapping of str to sequence
        Values by class.
    """
    with tempfile.TemporaryDirectory() as folder:
        return [
            cell
            for name in formats
            for kind, values in classes.items()
            for writer in WRITERS[name]
            for cell in _cells(Path(folder), name, kind, values, writer)
        ]


def _cells(folder: Path, name: str, kind: str, values: Sequence[Any], writer: str) -> list[Cell]:
    """Write one file, and read it with every system that reads the format."""
    path = folder / f"t.{name}"
    path.unlink(missing_ok=True)
    readers = READERS[name]
    try:
        WRITERS[name][writer](str(path), values)
    except REFUSALS as error:
        return [Cell(kind, name, writer, reader, "not written", type(error).__name__) for reader in readers]
    return [Cell(kind, name, writer, reader, *_read(name, reader, path, values)) for reader in readers]


def _read(name: str, reader: str, path: Path, values: Sequence[Any]) -> tuple[str, str]:
    try:
        found = READERS[name][reader](str(path))
    except REFUSALS as error:
        return "refused", type(error).__name__
    equal = len(found) == len(values) and all(map(same, values, found))
    return "equal" if equal else "changed", repr(found)


def write_read(cells: Iterable[Cell]) -> dict[str, int]:
    """Count the outcomes."""
    counted = Counter(cell.outcome for cell in cells)
    return {outcome: counted[outcome] for outcome in OUTCOMES}


def differential(cells: Iterable[Cell]) -> list[list[Cell]]:
    """Group what the readers of one file made of it, and give the files on which they do not agree."""
    files: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells:
        if cell.outcome != "not written":
            files.setdefault((cell.values, cell.format, cell.writer), []).append(cell)
    return [file for file in files.values() if len({cell.got for cell in file}) > 1]


def save(cells: Iterable[Cell], path: Path) -> None:
    """Record a matrix with the versions that gave it: JSON, one cell a line."""
    lines = ",\n".join(json.dumps(astuple(cell), ensure_ascii=False) for cell in cells)
    path.write_text(f'{{"versions": {json.dumps(VERSIONS)},\n"cells": [\n{lines}\n]}}\n', "utf-8")


def load(path: Path) -> tuple[dict[str, str], list[Cell]]:
    """Give the versions and the cells of a recorded matrix."""
    recorded = json.loads(path.read_text("utf-8"))
    return recorded["versions"], [Cell(*cell) for cell in recorded["cells"]]
