"""Writers and readers of real systems: each puts a column of values into a file, or takes it out again.

They are used as their documentation says, with their defaults: what a default does to a value is the subject.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from companion.simulators.interaction.systems.libraries import (
    duck,
    fastavro,
    json_format,
    msgpack,
    pa,
    pa_csv,
    pa_json,
    pd,
    pq,
    struct_pb2,
    yaml,
)

Values = Sequence[Any]
Writer = Callable[[str, Values], None]
"""Writes the values as a column ``x`` into a file of that path."""
Reader = Callable[[str], list[Any]]
"""Reads the column ``x``."""


def _frame(values: Values) -> Any:
    return pd.DataFrame({"x": list(values)})


def _table(values: Values) -> Any:
    return pa.table({"x": pa.array(list(values))})


def _plain(values: Values) -> list[Any]:
    """Give pandas' timestamps and NumPy's arrays as Python's, digits and all; a missing value stays what it is."""
    return [
        value.to_pydatetime(warn=False) if isinstance(value, pd.Timestamp)
        else value.tolist() if type(value).__name__ == "ndarray"
        else value
        for value in values
    ]  # fmt: skip


def _series(frame: Any) -> list[Any]:
    return _plain(frame["x"].tolist())


def _arrow(table: Any) -> list[Any]:
    return _plain(table["x"].to_pylist())


def _duck_write(options: str) -> Writer:
    def write(path: str, values: Values) -> None:
        with duck() as connection:
            connection.execute("CREATE TEMP TABLE t AS SELECT unnest(?) AS x", [list(values)])
            connection.execute(f"COPY t TO '{path}' ({options})")

    return write


def _duck_read(path: str) -> list[Any]:
    with duck() as connection:
        return [value for (value,) in connection.execute(f"SELECT x FROM '{path}'").fetchall()]


def _csv_write(path: str, values: Values) -> None:
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["x", "n"], *([value, number] for number, value in enumerate(values))])


def _csv_pandas(path: str, values: Values) -> None:
    _frame(values).assign(n=range(len(values))).to_csv(path, index=False)


def _csv_arrow(path: str, values: Values) -> None:
    pa_csv.write_csv(_table(values).append_column("n", pa.array(range(len(values)))), path)


def _csv_duck(path: str, values: Values) -> None:
    with duck() as connection:
        connection.execute(
            "CREATE TEMP TABLE t AS SELECT unnest(?) AS x, unnest(range(?)) AS n", [list(values), len(values)]
        )
        connection.execute(f"COPY t TO '{path}' (FORMAT csv)")


def _json_write(path: str, values: Values) -> None:
    Path(path).write_text("".join(json.dumps({"x": value}) + "\n" for value in values), "utf-8")


def _json_pandas(path: str, values: Values) -> None:
    # pandas announces that its default will change, and warns as well if that is named: date_format="epoch"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The default formatting of datetime", pd.errors.Pandas4Warning)
        _frame(values).to_json(path, orient="records", lines=True)


def _json_read(path: str) -> list[Any]:
    # Not splitlines, which would end a line at U+2028 too.
    return [json.loads(line)["x"] for line in Path(path).read_text("utf-8").split("\n") if line]


def _sqlite_write(path: str, values: Values) -> None:
    """Write a column without a declared type, in which SQLite keeps a value as it was bound.

    A declared one would convert some: row 2 of the discrepancies and `invalid` show what that does.
    """
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    connection.commit()
    connection.close()


def _sqlite_read(path: str) -> list[Any]:
    connection = sqlite3.connect(path)
    found = [value for (value,) in connection.execute("SELECT x FROM t ORDER BY rowid")]
    connection.close()
    return found


def _sqlite_pandas(path: str) -> list[Any]:
    connection = sqlite3.connect(path)
    found = _series(pd.read_sql("SELECT x FROM t ORDER BY rowid", connection))
    connection.close()
    return found


def _avro_type(values: Values) -> Any:
    """Choose the Avro type that its specification has for a value of this kind."""
    first = values[0]
    if None in values:
        return ["null", "string"]
    if isinstance(first, datetime):
        return {"type": "long", "logicalType": "timestamp-micros" if first.tzinfo else "local-timestamp-micros"}
    if isinstance(first, date):
        return {"type": "int", "logicalType": "date"}
    if isinstance(first, Decimal):
        return {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 18}
    if isinstance(first, list):
        return {"type": "array", "items": "long"}
    if isinstance(first, dict):
        return {"type": "map", "values": {"type": "map", "values": "string"}}
    names = ((bool, "boolean"), (int, "long"), (float, "double"), (bytes, "bytes"), (str, "string"))
    return next(name for kind, name in names if isinstance(first, kind))


def _avro_write(path: str, values: Values) -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "x", "type": _avro_type(values)}]}
    with Path(path).open("wb") as file:
        fastavro.writer(file, schema, [{"x": value} for value in values])


def _avro_read(path: str) -> list[Any]:
    with Path(path).open("rb") as file:
        return [record["x"] for record in fastavro.reader(file)]


def _struct_write(path: str, values: Values) -> None:
    message = json_format.ParseDict({"x": list(values)}, struct_pb2.Struct())
    Path(path).write_bytes(message.SerializeToString())


def _struct_read(path: str) -> list[Any]:
    return list(json_format.MessageToDict(struct_pb2.Struct.FromString(Path(path).read_bytes()))["x"])


WRITERS: Mapping[str, Mapping[str, Writer]] = {
    "csv": {"Python csv": _csv_write, "pandas": _csv_pandas, "pyarrow": _csv_arrow, "DuckDB": _csv_duck},
    "json": {
        "Python json": _json_write,
        "pandas": _json_pandas,
        "DuckDB": _duck_write("FORMAT json"),
    },
    "parquet": {
        "pandas": lambda path, values: _frame(values).to_parquet(path),
        "pyarrow": lambda path, values: pq.write_table(_table(values), path),
        "DuckDB": _duck_write("FORMAT parquet"),
    },
    "sqlite": {"SQLite": _sqlite_write},
    "avro": {"fastavro": _avro_write},
    "msgpack": {"msgpack": lambda path, values: _put(path, msgpack.packb(list(values), datetime=True))},
    "yaml": {"PyYAML": lambda path, values: _put(path, yaml.safe_dump(list(values), allow_unicode=True).encode())},
    "struct": {"protobuf": _struct_write},
}
"""By format, which is also how the file's name ends, and system."""

READERS: Mapping[str, Mapping[str, Reader]] = {
    "csv": {
        "pandas": lambda path: _series(pd.read_csv(path)),
        "pyarrow": lambda path: _arrow(pa_csv.read_csv(path)),
        "DuckDB": _duck_read,
    },
    "json": {
        "Python json": _json_read,
        "pandas": lambda path: _series(pd.read_json(path, lines=True)),
        "pyarrow": lambda path: _arrow(pa_json.read_json(path)),
        "DuckDB": _duck_read,
    },
    "parquet": {
        "pandas": lambda path: _series(pd.read_parquet(path)),
        "pyarrow": lambda path: _arrow(pq.read_table(path)),
        "DuckDB": _duck_read,
    },
    "sqlite": {"SQLite": _sqlite_read, "pandas": _sqlite_pandas},
    "avro": {"fastavro": _avro_read},
    "msgpack": {"msgpack": lambda path: list(msgpack.unpackb(Path(path).read_bytes(), timestamp=3))},
    "yaml": {"PyYAML": lambda path: list(yaml.safe_load(Path(path).read_text("utf-8")))},
    "struct": {"protobuf": _struct_read},
}
"""By format and system."""


def _put(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)
