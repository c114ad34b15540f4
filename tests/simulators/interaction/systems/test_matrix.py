"""Writers and readers of real systems: what is recorded of them, and that the oracles find what they should."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from companion.simulators.interaction.systems.invalid import INVALID, SYSTEMS, Answer, inconsistent, offer_all
from companion.simulators.interaction.systems.libraries import VERSIONS, seen
from companion.simulators.interaction.systems.matrix import Cell, differential, load, run_matrix, save, write_read
from companion.simulators.interaction.systems.readers_writers import READERS, WRITERS
from companion.simulators.interaction.systems.values import OUTCOMES, VALUES, same

RECORDED = Path(__file__).parents[4] / "data" / "interaction" / "matrix.json"


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return run_matrix()


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    return offer_all()


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


def test_only_what_a_system_raises_counts_as_a_refusal() -> None:
    def mistake() -> Any:
        raise AttributeError("a mistake of ours")

    with pytest.raises(AttributeError):
        seen(mistake)
    assert seen(lambda: int("x")) == "refused: ValueError"


def test_a_saved_matrix_is_read_back(tmp_path: Path, cells: list[Cell]) -> None:
    save(cells[:50], tmp_path / "m.json")
    assert load(tmp_path / "m.json") == (VERSIONS, cells[:50])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0), (1, True), (0.0, -0.0), ("", None), (Decimal("1"), 1), ([1], [1.0]), ({"a": 1}, {"a": 1.0}),
        (datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)),
        (datetime(2024, 1, 1, 5, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=-5)))),
    ],
)  # fmt: skip
def test_what_looks_alike_is_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert same(one, one) and same(other, other)


def test_nan_is_the_same_as_nan() -> None:
    assert same([math.nan], [float("nan")])


def test_systems_do_not_agree_on_what_is_invalid(answers: list[Answer]) -> None:
    assert len(answers) == len(INVALID) * len(SYSTEMS)
    found = inconsistent(answers)
    assert set(INVALID) - set(found) == {"half a surrogate pair"}  # which all refuse
    assert found["2^40 for 32 bits"]["pandas"] == "changed"
    assert found["2^40 for 32 bits"]["DuckDB"] == "refused"


def test_a_fraction_for_an_integer_is_stored_as_three_numbers(answers: list[Answer]) -> None:
    stored = {a.system: a.stored for a in answers if a.value == "a fraction for an integer"}
    assert (stored["DuckDB"], stored["pandas"], stored["pyarrow"], stored["SQLite"]) == ("3", "2", "2", "2.6")


def test_strict_tables_refuse_more_than_others(answers: list[Answer]) -> None:
    refused = {name: sum(a.outcome == "refused" for a in answers if a.system == name) for name in SYSTEMS}
    assert refused["SQLite, STRICT"] > refused["SQLite"]
