"""The oracle of error handling: a value that its declared type does not allow is offered to every system.

A system may refuse it, or take it and store something. If one refuses what another takes, data can pass the first door
and fail at the second; if one stores something else in silence, nobody will ever know.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Any

from companion.simulators.interaction.systems.libraries import REFUSALS, duck, fastavro, pa, pd
from companion.simulators.interaction.systems.values import same

Offer = Callable[[str, Any], Any]
"""Takes the name of a type and a value, and gives what the system stores."""

INVALID: Mapping[str, tuple[str, Any]] = MappingProxyType(
    {
        "a word for an integer": ("int32", "twelve"),
        "digits as text for an integer": ("int32", "12"),
        "a fraction for an integer": ("int32", 2.6),
        "2^40 for 32 bits": ("int32", 2**40),
        "no value where one is needed": ("int32", None),
        "true for an integer": ("int32", True),
        "a number for text": ("text", 5),
        "30 February": ("date", "2024-02-30"),
        "half a surrogate pair": ("text", "\ud800"),
    }
)
"""What is offered: the declared type, and the value."""

_SQL = {"int32": "INTEGER", "text": "TEXT", "date": "DATE"}
"""As a user of SQL declares them. SQLite has no integers of 32 bits: its INTEGER, by any name, holds 64."""
_ARROW = {"int32": "int32", "text": "string", "date": "date32"}
_PANDAS = {"int32": "int32", "text": "string", "date": "datetime64[us]"}
_AVRO: dict[str, Any] = {"int32": "int", "text": "string", "date": {"type": "int", "logicalType": "date"}}


def _sqlite(strict: bool) -> Offer:
    def offer(kind: str, value: Any) -> Any:
        connection = sqlite3.connect(":memory:")
        try:
            declared = "TEXT" if strict and kind == "date" else _SQL[kind]  # a STRICT table has no dates
            connection.execute(f"CREATE TABLE t (x {declared} NOT NULL) {'STRICT' if strict else ''}")
            return connection.execute("INSERT INTO t VALUES (?) RETURNING x", (value,)).fetchone()[0]
        finally:
            connection.close()

    return offer


def _duckdb(kind: str, value: Any) -> Any:
    with duck() as connection:
        connection.execute(f"CREATE TEMP TABLE t (x {_SQL[kind]} NOT NULL)")
        return connection.execute("INSERT INTO t VALUES (?) RETURNING x", [value]).fetchone()[0]


def _pyarrow(kind: str, value: Any) -> Any:
    field = pa.field("x", pa.type_for_alias(_ARROW[kind]), nullable=False)
    table = pa.Table.from_pylist([{"x": value}], schema=pa.schema([field]))
    table.validate(full=True)
    return table["x"][0].as_py()


def _pandas(kind: str, value: Any) -> Any:
    return pd.Series([value]).astype(_PANDAS[kind]).tolist()[0]


def _fastavro(kind: str, value: Any) -> Any:
    file = BytesIO()
    fastavro.schemaless_writer(file, _AVRO[kind], value)
    file.seek(0)
    return fastavro.schemaless_reader(file, _AVRO[kind])


SYSTEMS: Mapping[str, Offer] = MappingProxyType(
    {
        "SQLite": _sqlite(False), "SQLite, STRICT": _sqlite(True), "DuckDB": _duckdb, "pyarrow": _pyarrow,
        "pandas": _pandas, "fastavro": _fastavro,
    }
)  # fmt: skip
"""Who is offered it."""


@dataclass(frozen=True)
class Answer:
    """What a system did with an invalid value: ``refused``, ``taken as it is``, or ``changed``."""

    value: str
    system: str
    outcome: str
    stored: str


def offer_all() -> list[Answer]:
    """Offer every invalid value to every system."""
    return [
        Answer(name, system, *_answer(offer, kind, value))
        for name, (kind, value) in INVALID.items()
        for system, offer in SYSTEMS.items()
    ]


def _answer(offer: Offer, kind: str, value: Any) -> tuple[str, str]:
    try:
        stored = offer(kind, value)
    except REFUSALS as error:
        return "refused", type(error).__name__
    return "taken as it is" if same(stored, value) else "changed", ascii(stored)


def inconsistent(answers: list[Answer]) -> dict[str, dict[str, str]]:
    """Give the values that some systems refuse and others take, with what each did."""
    by_value: dict[str, dict[str, str]] = {}
    for answer in answers:
        by_value.setdefault(answer.value, {})[answer.system] = answer.outcome
    return {
        name: outcomes
        for name, outcomes in by_value.items()
        if "refused" in outcomes.values() and set(outcomes.values()) != {"refused"}
    }
