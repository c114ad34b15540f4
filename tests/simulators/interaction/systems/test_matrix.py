"""Writers and readers of real systems: what is recorded of them, and that the oracles find what they should."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.simulators.interaction.systems.libraries import VERSIONS
from companion.simulators.interaction.systems.matrix import Cell, differential, load, run_matrix, save, write_read
from companion.simulators.interaction.systems.readers_writers import READERS, WRITERS
from companion.simulators.interaction.systems.values import OUTCOMES, VALUES

RECORDED = Path(__file__).parents[4] / "data" / "interaction" / "matrix.json"


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return run_matrix()


def find(cells: list[Cell], *names: str) -> Cell:
    return next(cell for cell in cells if (cell.values, cell.format, cell.writer, cell.reader) == names)


def test_the_recorded_matrix_is_what_the_systems_do_now(cells: list[Cell]) -> None:
    versions, recorded = load(RECORDED)
    changed = [(old, new) for old, new in zip(recorded, cells, strict=True) if old != new]
    moved = {name: VERSIONS[name] for name in VERSIONS if versions[name] != VERSIONS[name]}
    assert not changed, f"with {moved or 'the same versions'}: record again by matrix.save, and say so: {changed[:3]}"


def test_every_class_meets_every_pair_of_every_format(cells: list[Cell]) -> None:
    pairs = sum(len(WRITERS[name]) * len(READERS[name]) for name in WRITERS)
    assert len(cells) == pairs * len(VALUES)
    assert sum(write_read(cells).values()) == len(cells)
    assert {cell.outcome for cell in cells} == set(OUTCOMES)


@pytest.mark.parametrize(
    ("names", "outcome", "got"),
    [
        (("small integer", "parquet", "pandas", "DuckDB"), "equal", "[1, -7]"),
        (("leading zeros", "csv", "DuckDB", "pandas"), "changed", "[2134, 7]"),
        (("leading zeros", "csv", "pandas", "DuckDB"), "equal", "['02134', '007']"),
        (("beyond 2^53", "struct", "protobuf", "protobuf"), "changed", "[9007199254740992.0, -9007199254740992.0]"),
        (("2^64 - 1", "sqlite", "SQLite", "SQLite"), "not written", "OverflowError"),
        (("NaN", "sqlite", "SQLite", "SQLite"), "changed", "[None]"),
        (("NaN", "struct", "protobuf", "protobuf"), "refused", "ValueError"),
        (("NaN", "parquet", "pandas", "pyarrow"), "changed", "[None]"),
    ],
)
def test_some_cells_by_hand(cells: list[Cell], names: tuple[str, ...], outcome: str, got: str) -> None:
    cell = find(cells, *names)
    assert (cell.outcome, cell.got) == (outcome, got)


def test_a_text_format_changes_more_than_one_with_types(cells: list[Cell]) -> None:
    def changed(name: str) -> float:
        chosen = [cell for cell in cells if cell.format == name]
        return write_read(chosen)["changed"] / len(chosen)

    assert changed("csv") > changed("json") > changed("parquet")


def test_the_differential_oracle_needs_no_expectation(cells: list[Cell]) -> None:
    files = {(file[0].values, file[0].format, file[0].writer) for file in differential(cells)}
    assert ("leading zeros", "csv", "DuckDB") in files
    assert ("small integer", "csv", "DuckDB") not in files
    assert not any(name in {"avro", "msgpack", "yaml", "struct"} for _, name, _ in files)  # one reader each


def test_a_saved_matrix_is_read_back(tmp_path: Path, cells: list[Cell]) -> None:
    save(cells[:50], tmp_path / "m.json")
    assert load(tmp_path / "m.json") == (VERSIONS, cells[:50])
