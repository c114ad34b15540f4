"""Names, keys and schemas: columns that differ by case, keys twice, keys that are no text, files that grew a type."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from companion.simulators.interaction.systems.discrepancies.row import BY_DESIGN, Outcome, row
from companion.simulators.interaction.systems.libraries import (
    ask,
    ask_sqlite,
    csv_file,
    json_format,
    msgpack,
    pa,
    pa_json,
    parquet_file,
    pd,
    pq,
    seen,
    struct_pb2,
    yaml,
)


@row(
    13,
    "Parquet: columns Id and id",
    "pandas duckdb pyarrow",
    BY_DESIGN,
    "Never let two columns differ by case alone; check when a schema is registered.",
    {
        "pandas": "2",
        "DuckDB": "1",
        'DuckDB, "id" quoted': "1",
    },
)
def columns_by_case(folder: Path) -> Outcome:
    """Ask for id where the file has Id = 1 and id = 2."""
    path = parquet_file(folder, pa.table({"Id": [1], "id": [2]}))
    return {
        "pandas": seen(lambda: int(pd.read_parquet(path)["id"][0])),
        "DuckDB": seen(lambda: ask(f"SELECT id FROM '{path}'")[0][0]),
        'DuckDB, "id" quoted': seen(lambda: ask(f"SELECT \"id\" FROM '{path}'")[0][0]),
    }


@row(
    14,
    "Two Parquet files, int32 and then int64 with 2^40",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Widen the type in all files, or read with union_by_name (DuckDB) or a stated schema (pyarrow).",
    {
        "pyarrow, int32 first": "refused: ArrowInvalid",
        "pandas, int32 first": "refused: ArrowInvalid",
        "DuckDB, int32 first": "refused: ConversionException",
        "pyarrow, int64 first": "[1, 1099511627776]",
        "pandas, int64 first": "[1, 1099511627776]",
        "DuckDB, int64 first": "[1, 1099511627776]",
        "DuckDB, union_by_name, int32 first": "[1, 1099511627776]",
    },
)
def widened_later(folder: Path) -> Outcome:
    """Read a folder whose second file has the wider type, and one whose first has."""
    outcome: Outcome = {}
    small, large = pa.table({"x": pa.array([1], pa.int32())}), pa.table({"x": pa.array([2**40], pa.int64())})
    for order, tables in (("int32 first", (small, large)), ("int64 first", (large, small))):
        place = folder / order.split()[0]
        place.mkdir()
        for name, table in zip("ab", tables, strict=True):
            parquet_file(place, table, f"{name}.parquet")
        glob = f"{place}/*.parquet"
        outcome |= {
            f"pyarrow, {order}": seen(lambda place=place: sorted(pq.read_table(str(place))["x"].to_pylist())),  # type: ignore[misc]
            f"pandas, {order}": seen(lambda place=place: sorted(pd.read_parquet(str(place))["x"].tolist())),  # type: ignore[misc]
            f"DuckDB, {order}": seen(lambda glob=glob: [x for (x,) in ask(f"SELECT x FROM '{glob}' ORDER BY x")]),  # type: ignore[misc]
        }
    glob = f"{folder}/int32/*.parquet"
    union = f"SELECT x FROM read_parquet('{glob}', union_by_name=true) ORDER BY x"
    return outcome | {"DuckDB, union_by_name, int32 first": seen(lambda: [x for (x,) in ask(union)])}


@row(
    17,
    "Keys 1 and True: JSON makes them text, msgpack writes what it will not read",
    "msgpack",
    BY_DESIGN,
    "Use text keys; test that what is written can be read with the reader's defaults.",
    {
        "JSON, 1": '{"1": "a"}',
        "JSON, True": '{"true": "a"}',
        "msgpack": "refused: ValueError",
        "msgpack, strict_map_key=False": "{1: 'a'}",
    },
)
def keys_that_are_no_text(folder: Path) -> Outcome:
    """Write a key that is no text; one dict each, since 1 == True."""
    packed = msgpack.packb({1: "a"})
    return {
        "JSON, 1": seen(lambda: json.dumps({1: "a"})),
        "JSON, True": seen(lambda: json.dumps({True: "a"})),
        "msgpack": seen(lambda: msgpack.unpackb(packed)),
        "msgpack, strict_map_key=False": seen(lambda: msgpack.unpackb(packed, strict_map_key=False)),
    }


@row(
    23,
    "JSON: a key that is there twice",
    "pandas PyYAML SQLite duckdb pyarrow protobuf",
    BY_DESIGN,
    "Refuse duplicate keys at the border: object_pairs_hook, or a parser that raises.",
    {
        "Python json": "admin",
        "pandas": "admin",
        "PyYAML": "admin",
        "SQLite json_extract": "user",
        "DuckDB json_extract": "user",
        "DuckDB read_json": "refused: InvalidInputException",
        "pyarrow": "refused: ArrowInvalid",
        "protobuf Struct": "refused: ParseError",
    },
)
def key_twice(folder: Path) -> Outcome:
    """Ask for the role where a user's comes before an administrator's."""
    text = '{"role":"user","role":"admin"}'
    path = csv_file(folder, text + "\n", "t.json")
    return {
        "Python json": seen(lambda: json.loads(text)["role"]),
        "pandas": seen(lambda: pd.read_json(path, lines=True)["role"].tolist()[0]),
        "PyYAML": seen(lambda: yaml.safe_load(text)["role"]),
        "SQLite json_extract": seen(lambda: ask_sqlite("SELECT json_extract(?, '$.role')", text)[0][0]),
        "DuckDB json_extract": seen(lambda: ask("SELECT json_extract_string(?, '$.role')", text)[0][0]),
        "DuckDB read_json": seen(lambda: ask(f"SELECT role FROM read_json('{path}')")[0][0]),
        "pyarrow": seen(lambda: pa_json.read_json(path)["role"][0].as_py()),
        "protobuf Struct": seen(lambda: json_format.Parse(text, struct_pb2.Struct())["role"]),
    }


@row(
    33,
    "SQLite: text in a column declared INTEGER",
    "SQLite duckdb",
    BY_DESIGN,
    "Declare SQLite tables STRICT.",
    {
        "SQLite": "twelve",
        "SQLite, STRICT": "refused: IntegrityError",
        "DuckDB": "refused: ConversionException",
    },
)
def text_in_an_integer(folder: Path) -> Outcome:
    """Insert a word where a number is declared."""
    outcome = {}
    for name, suffix in (("SQLite", ""), ("SQLite, STRICT", "STRICT")):
        connection = sqlite3.connect(":memory:")
        connection.execute(f"CREATE TABLE t (n INTEGER) {suffix}")
        outcome[name] = seen(
            lambda connection=connection: connection.execute(  # type: ignore[misc]
                "INSERT INTO t VALUES ('twelve') RETURNING n"
            ).fetchone()[0]
        )
        connection.close()
    return outcome | {"DuckDB": seen(lambda: ask("SELECT CAST('twelve' AS INTEGER)")[0][0])}
