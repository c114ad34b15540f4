"""The real systems that are set against each other, their versions, and what counts as a refusal.

They are imported here and nowhere else, and no module that runs in a page imports this one. To import this without
them is an error that names what is missing, and the extra that brings it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        raise ImportError(f"{missing.name or name} is not installed: pip install 'companion[simulators]'") from None


duckdb: Any = _library("duckdb")  # few of these have types, and their results are of any type anyway
fastavro: Any = _library("fastavro")
msgpack: Any = _library("msgpack")
pd: Any = _library("pandas")
protobuf: Any = _library("google.protobuf")
json_format: Any = _library("google.protobuf.json_format")
struct_pb2: Any = _library("google.protobuf.struct_pb2")
pa: Any = _library("pyarrow")
pa_compute: Any = _library("pyarrow.compute")
pa_csv: Any = _library("pyarrow.csv")
pa_json: Any = _library("pyarrow.json")
pq: Any = _library("pyarrow.parquet")
yaml: Any = _library("yaml")

VERSIONS = {
    "duckdb": str(duckdb.__version__),
    "fastavro": str(fastavro.__version__),
    "msgpack": ".".join(map(str, msgpack.version)),
    "pandas": str(pd.__version__),
    "protobuf": str(protobuf.__version__),
    "pyarrow": str(pa.__version__),
    "PyYAML": str(yaml.__version__),
    "SQLite": sqlite3.sqlite_version,
}
"""What is installed here."""

REFUSALS: tuple[type[Exception], ...] = (
    ValueError, TypeError, ArithmeticError, LookupError, NotImplementedError, sqlite3.Error, yaml.YAMLError,
    duckdb.Error, pa.ArrowException, json_format.Error, _library("fastavro.schema").UnknownType,
)  # fmt: skip
"""What a system raises that does not take a value; anything else is a mistake of ours and is not caught."""


@cache
def _database() -> Any:
    return duckdb.connect(config={"threads": 1, "enable_external_file_cache": False})  # to open it is what takes long


@contextmanager
def duck() -> Iterator[Any]:
    """Open a session of DuckDB in memory, whose time zone is UTC, whatever the machine's is.

    Only its temporary tables are the session's own.
    """
    with _database().cursor() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def ask(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Give all rows of a DuckDB query."""
    with duck() as connection:
        return list(connection.execute(query, list(parameters)).fetchall())


def ask_sqlite(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Give all rows of a SQLite query."""
    connection = sqlite3.connect(":memory:")
    try:
        return connection.execute(query, parameters).fetchall()
    finally:
        connection.close()


def seen(read: Callable[[], Any]) -> str:
    """Say what a system gave, as text; or that it refused, and with which error."""
    try:
        value = read()
    except REFUSALS as refusal:
        return f"refused: {type(refusal).__name__}"
    return value if isinstance(value, str) else repr(value)


def csv_file(folder: Path, text: str | bytes, name: str = "t.csv") -> str:
    """Write a file and give its path as text, which is what every one of these systems takes."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def parquet_file(folder: Path, table: Any, name: str = "t.parquet", **options: Any) -> str:
    """Write a Parquet file with pyarrow and give its path."""
    path = str(folder / name)
    pq.write_table(table, path, **options)
    return path
