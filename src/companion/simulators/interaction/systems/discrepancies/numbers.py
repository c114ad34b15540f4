"""Numbers that one system holds and another does not: beyond 2^53, beyond 2^63, long decimals, sums that overflow."""

from __future__ import annotations

import json
import sqlite3
from io import BytesIO
from pathlib import Path

from companion.simulators.interaction.systems.discrepancies.row import BY_DESIGN, OPEN, Outcome, row
from companion.simulators.interaction.systems.libraries import (
    ask,
    ask_sqlite,
    csv_file,
    duck,
    fastavro,
    json_format,
    msgpack,
    pa,
    pa_compute,
    pa_csv,
    parquet_file,
    pd,
    pq,
    seen,
    struct_pb2,
)

BIG = 2**53 + 1


@row(
    1,
    "CSV: an integer beyond 2^53 in a column that also has an empty field",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Read identifiers with a stated type: dtype='Int64' or str.",
    {
        "pandas": "9007199254740992",
        "pandas, dtype Int64": "9007199254740993",
        "pyarrow": "9007199254740993",
        "DuckDB": "9007199254740993",
    },
)
def big_integer_beside_a_gap(folder: Path) -> Outcome:
    """Read 2^53 + 1 and an empty field from one column."""
    path = csv_file(folder, f"id,x\n{BIG},a\n,b\n")
    return {
        "pandas": seen(lambda: int(pd.read_csv(path)["id"][0])),
        "pandas, dtype Int64": seen(lambda: int(pd.read_csv(path, dtype={"id": "Int64"})["id"][0])),
        "pyarrow": seen(lambda: pa_csv.read_csv(path)["id"][0].as_py()),
        "DuckDB": seen(lambda: ask(f"SELECT id FROM '{path}'")[0][0]),
    }


@row(
    2,
    "SQLite: a column DECIMAL(38,18) holds no decimals",
    "SQLite duckdb",
    BY_DESIGN,
    "Store decimals as TEXT in SQLite, or as integers of the smallest unit.",
    {
        "SQLite": "123456789012345680",
        "SQLite, its type": "integer",
        "DuckDB": "123456789012345678.123456789012345678",
    },
)
def decimal_in_sqlite(folder: Path) -> Outcome:
    """Insert 36 digits into a column that is declared to keep them."""
    digits = "123456789012345678.123456789012345678"
    with sqlite3.connect(folder / "t.sqlite") as connection:
        connection.execute("CREATE TABLE t (amount DECIMAL(38,18))")
        connection.execute("INSERT INTO t VALUES (?)", (digits,))
        kept, kind = connection.execute("SELECT amount, typeof(amount) FROM t").fetchone()
    connection.close()
    return {
        "SQLite": seen(lambda: kept),
        "SQLite, its type": kind,
        "DuckDB": seen(lambda: str(ask("SELECT CAST(? AS DECIMAL(38,18))", digits)[0][0])),
    }


@row(
    15,
    "2^64 - 1: every system has another answer",
    "SQLite msgpack duckdb",
    BY_DESIGN,
    "Keep unsigned 64-bit identifiers as text wherever SQLite or SQL BIGINT is on the way.",
    {
        "SQLite, in the query": "1.8446744073709552e+19",
        "SQLite, as a parameter": "refused: OverflowError",
        "msgpack": "18446744073709551615",
        "DuckDB": "18446744073709551615",
    },
)
def unsigned_64(folder: Path) -> Outcome:
    """Write the largest unsigned integer of 64 bits."""
    top = 2**64 - 1
    return {
        "SQLite, in the query": seen(lambda: ask_sqlite(f"SELECT {top}")[0][0]),
        "SQLite, as a parameter": seen(lambda: ask_sqlite("SELECT ?", top)[0][0]),
        "msgpack": seen(lambda: msgpack.unpackb(msgpack.packb(top))),
        "DuckDB": seen(lambda: ask(f"SELECT {top}")[0][0]),
    }


@row(
    18,
    "2^53 + 1 through a number that is a double: protobuf's Struct, and Avro's promotion of long to double",
    "protobuf fastavro",
    BY_DESIGN,
    "Put identifiers into string fields; never let a long be promoted to a double.",
    {
        "protobuf Struct": "9007199254740992",
        "Avro long read as double": "9007199254740992",
    },
)
def through_a_double(folder: Path) -> Outcome:
    """Read an integer as a double, as both formats say it must be."""
    message = json_format.ParseDict({"id": BIG}, struct_pb2.Struct())
    writer = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}]}
    reader = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "double"}]}
    file = BytesIO()
    fastavro.schemaless_writer(file, writer, {"id": BIG})

    def read_avro() -> int:
        file.seek(0)
        return int(fastavro.schemaless_reader(file, writer, reader)["id"])

    return {
        "protobuf Struct": seen(lambda: int(message.fields["id"].number_value)),
        "Avro long read as double": seen(read_avro),
    }


@row(
    21,
    "DuckDB: SUM(BIGINT) is exact in one way out and a double in two others",
    "duckdb pyarrow",
    f"{OPEN}: duckdb 21180",
    "Cast sums to a DECIMAL or BIGINT that holds them before they leave DuckDB.",
    {
        "fetchall()": "9007199254740993",
        "df()": "float64 9007199254740992",
        "COPY to Parquet": "double 9007199254740992",
    },
)
def sum_of_bigint(folder: Path) -> Outcome:
    """Sum one value, 2^53 + 1, and take it out by three ways."""
    path, query = str(folder / "s.parquet"), f"SELECT sum(x) AS s FROM (SELECT {BIG}::BIGINT AS x)"
    with duck() as connection:
        fetched = connection.execute(query).fetchall()[0][0]
        frame = connection.execute(query).df()["s"]
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    copied = pq.read_table(path)["s"]
    return {
        "fetchall()": seen(lambda: fetched),
        "df()": f"{frame.dtype} {int(frame[0])}",
        "COPY to Parquet": f"{copied.type} {int(copied[0].as_py())}",
    }


@row(
    22,
    "The sum of 2^63 - 1 and 1 over an int64 column of Parquet",
    "pandas pyarrow duckdb SQLite",
    BY_DESIGN,
    "Sum in a wider type (pyarrow: cast to decimal128), and test the largest totals.",
    {
        "pandas": "-9223372036854775808",
        "pyarrow": "-9223372036854775808",
        "DuckDB": "9223372036854775808",
        "SQLite": "refused: OperationalError",
    },
)
def sum_that_overflows(folder: Path) -> Outcome:
    """Sum past the largest integer of 64 bits."""
    path = parquet_file(folder, pa.table({"x": pa.array([2**63 - 1, 1], pa.int64())}))
    return {
        "pandas": seen(lambda: int(pd.read_parquet(path)["x"].sum())),
        "pyarrow": seen(lambda: pa_compute.sum(pq.read_table(path)["x"]).as_py()),
        "DuckDB": seen(lambda: ask(f"SELECT sum(x) FROM '{path}'")[0][0]),
        "SQLite": seen(lambda: ask_sqlite("SELECT sum(column1) FROM (VALUES (?), (?))", 2**63 - 1, 1)[0][0]),
    }


@row(
    31,
    "Parquet: a float32 of 0.1 compared with 0.1",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Compare floats within a tolerance, and state the type of the literal.",
    {
        "DuckDB": "True",
        "pandas": "True",
        "pyarrow": "False",
    },
)
def float32_equality(folder: Path) -> Outcome:
    """Ask each system whether the float32 nearest to 0.1 equals 0.1."""
    path = parquet_file(folder, pa.table({"x": pa.array([0.1], pa.float32())}))
    return {
        "DuckDB": seen(lambda: ask(f"SELECT x = 0.1 FROM '{path}'")[0][0]),
        "pandas": seen(lambda: bool((pd.read_parquet(path)["x"] == 0.1)[0])),
        "pyarrow": seen(lambda: pa_compute.equal(pq.read_table(path)["x"], 0.1)[0].as_py()),
    }


@row(
    32,
    "JSON: an integer beyond 2^63",
    "duckdb SQLite pyarrow",
    BY_DESIGN,
    "Put such integers into JSON as strings; RFC 8259 promises no more than a double.",
    {
        "Python json": "18446744073709551616",
        "SQLite": "1.8446744073709552e+19",
        "DuckDB": "1.8446744073709552e+19",
    },
)
def json_beyond_64_bits(folder: Path) -> Outcome:
    """Read 2^64 from a JSON text."""
    text = json.dumps({"id": 2**64})
    path = csv_file(folder, text + "\n", "t.json")
    return {
        "Python json": seen(lambda: json.loads(text)["id"]),
        "SQLite": seen(lambda: ask_sqlite("SELECT json_extract(?, '$.id')", text)[0][0]),
        "DuckDB": seen(lambda: ask(f"SELECT id FROM read_json('{path}')")[0][0]),
    }
