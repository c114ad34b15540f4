"""NaN and NULL: what counts, what compares, and what survives a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from companion.simulators.interaction.systems.discrepancies.row import BY_DESIGN, OPEN, Outcome, row
from companion.simulators.interaction.systems.libraries import (
    ask,
    ask_sqlite,
    duck,
    pa,
    parquet_file,
    pd,
    pq,
    seen,
)

NAN = float("nan")


def _file(folder: Path, **options: Any) -> str:
    return parquet_file(folder, pa.table({"x": pa.array([NAN, None, 1.0], pa.float64())}), **options)


@row(
    7,
    "JSON: NaN is no JSON, and one system takes it",
    "SQLite duckdb",
    BY_DESIGN,
    "Write with allow_nan=False; check with a parser that follows RFC 8259.",
    {
        "SQLite": "0",
        "DuckDB": "True",
    },
)
def nan_as_json(folder: Path) -> Outcome:
    """Ask whether NaN is valid JSON."""
    return {
        "SQLite": seen(lambda: ask_sqlite("SELECT json_valid('NaN')")[0][0]),
        "DuckDB": seen(lambda: ask("SELECT json_valid('NaN')")[0][0]),
    }


@row(
    8,
    "NaN as a bound parameter",
    "SQLite duckdb",
    BY_DESIGN,
    "Refuse NaN before SQLite, or a NOT NULL column will be the first to say so.",
    {
        "SQLite": "None",
        "DuckDB": "nan",
    },
)
def nan_bound(folder: Path) -> Outcome:
    """Hand a NaN to a query."""
    return {
        "SQLite": seen(lambda: ask_sqlite("SELECT ?", NAN)[0][0]),
        "DuckDB": seen(lambda: ask("SELECT ?", NAN)[0][0]),
    }


@row(
    9,
    "Parquet [NaN, NULL, 1.0]: the largest, and how many",
    "pandas duckdb pyarrow",
    BY_DESIGN,
    "Write NULL for what is missing, never NaN; statistics of a file ignore NaN.",
    {
        "pandas, max and count": "(1.0, 1)",
        "DuckDB, max and count": "(nan, 2)",
        "DuckDB, max alone": "1.0",
        "DuckDB, max alone, Arrow in memory": "nan",
    },
)
def largest_of_nan(folder: Path) -> Outcome:
    """Ask for the maximum beside the count, and alone: of a file it is taken from the statistics, which know no NaN."""
    path = _file(folder)
    frame = pd.read_parquet(path)["x"]
    with duck() as connection:
        connection.register("memory", pq.read_table(path))
        memory = connection.execute("SELECT max(x) FROM memory").fetchone()[0]
    return {
        "pandas, max and count": seen(lambda: (float(frame.max()), int(frame.count()))),
        "DuckDB, max and count": seen(lambda: ask(f"SELECT max(x), count(x) FROM '{path}'")[0]),
        "DuckDB, max alone": seen(lambda: ask(f"SELECT max(x) FROM '{path}'")[0][0]),
        "DuckDB, max alone, Arrow in memory": seen(lambda: memory),
    }


@row(
    20,
    "Parquet [NaN, NULL, 1.0]: DuckDB's isnan() finds no row",
    "duckdb pyarrow",
    f"{OPEN}: duckdb 25521",
    "Write NULL for what is missing; or read with read_parquet(..., can_have_nan=true).",
    {
        "DuckDB, file": "0",
        "DuckDB, file without statistics": "1",
        "DuckDB, can_have_nan": "1",
        "DuckDB, table": "1",
    },
)
def find_nan(folder: Path) -> Outcome:
    """Count the rows that are NaN in a file, in a file without statistics, and in a table."""
    path, bare = _file(folder), _file(folder, name="bare.parquet", write_statistics=False)
    with duck() as connection:
        connection.execute(f"CREATE TEMP TABLE t AS FROM '{path}'")
        table = connection.execute("SELECT count(*) FROM t WHERE isnan(x)").fetchone()[0]
    count = "SELECT count(*) FROM read_parquet('{}'{}) WHERE isnan(x)"
    return {
        "DuckDB, file": seen(lambda: ask(count.format(path, ""))[0][0]),
        "DuckDB, file without statistics": seen(lambda: ask(count.format(bare, ""))[0][0]),
        "DuckDB, can_have_nan": seen(lambda: ask(count.format(path, ", can_have_nan=true"))[0][0]),
        "DuckDB, table": seen(lambda: table),
    }


@row(
    28,
    "NOT IN a list that holds NULL",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Use NOT EXISTS or an anti join; keep NULL out of the list.",
    {
        "DuckDB": "[]",
        "pandas, ~isin": "[2, 3]",
        "pyarrow, left anti join": "[2, 3]",
    },
)
def not_in_null(folder: Path) -> Outcome:
    """Ask which of 1, 2, 3 are not in (1, NULL)."""
    have, listed = pa.table({"x": [1, 2, 3]}), pa.table({"x": pa.array([1, None], pa.int64())})
    query = "SELECT x FROM (VALUES (1), (2), (3)) t(x) WHERE x NOT IN (1, NULL) ORDER BY x"
    frame = pd.DataFrame({"x": [1, 2, 3]})
    return {
        "DuckDB": seen(lambda: [x for (x,) in ask(query)]),
        "pandas, ~isin": seen(lambda: frame["x"][~frame["x"].isin([1, None])].tolist()),
        "pyarrow, left anti join": seen(
            lambda: sorted(have.join(listed, "x", join_type="left anti", use_threads=False)["x"].to_pylist())
        ),
    }
