"""Dates and times: nanoseconds, naive times, the year 3000, days and months, intervals, zones."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from companion.simulators.interaction.systems.discrepancies.row import BY_DESIGN, Outcome, row
from companion.simulators.interaction.systems.libraries import (
    ask,
    csv_file,
    duck,
    fastavro,
    pa,
    pa_csv,
    parquet_file,
    pd,
    pq,
    seen,
)

NANOSECONDS = 1_704_067_200_123_456_789
"""2024-01-01 00:00:00.123456789 UTC."""

NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"
"""Its zone as a rule of POSIX, for which no machine needs a file."""


@row(
    3,
    "Parquet timestamp[ns]: DuckDB holds it, and two of its ways out lose digits",
    "duckdb pyarrow",
    BY_DESIGN,
    "Take nanoseconds out of DuckDB by epoch_ns(), .df() or Arrow; do not cast to TIMESTAMP.",
    {
        "type": "TIMESTAMP_NS",
        "epoch_ns()": "1704067200123456789",
        "df()": "1704067200123456789",
        "COPY": "1704067200123456789",
        "fetchall()": "2024-01-01 00:00:00.123456",
        "CAST AS TIMESTAMP": "2024-01-01 00:00:00.123457",
    },
)
def nanoseconds_in_duckdb(folder: Path) -> Outcome:
    """Read an instant of nine digits and take it out in six ways."""
    path = parquet_file(folder, pa.table({"t": pa.array([NANOSECONDS], pa.timestamp("ns"))}))
    copy = str(folder / "copy.parquet")
    with duck() as connection:
        connection.execute(f"COPY (SELECT t FROM '{path}') TO '{copy}' (FORMAT parquet)")
        frame = connection.execute(f"SELECT t FROM '{path}'").df()
    return {
        "type": seen(lambda: ask(f"SELECT typeof(t) FROM '{path}'")[0][0]),
        "epoch_ns()": seen(lambda: ask(f"SELECT epoch_ns(t) FROM '{path}'")[0][0]),
        "df()": seen(lambda: frame["t"].astype("int64")[0].item()),
        "COPY": seen(lambda: pq.read_table(copy)["t"].cast(pa.int64())[0].as_py()),
        "fetchall()": seen(lambda: str(ask(f"SELECT t FROM '{path}'")[0][0])),
        "CAST AS TIMESTAMP": seen(lambda: str(ask(f"SELECT CAST(t AS TIMESTAMP) FROM '{path}'")[0][0])),
    }


@contextmanager
def machine_zone(rule: str) -> Iterator[None]:
    """Set the time zone of this process to a rule of POSIX, and back."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = rule
    time.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def through_avro(logical: str, moment: datetime) -> Any:
    """Write a time with fastavro as a logical type, and read it back."""
    schema = {"type": "long", "logicalType": logical}
    file = BytesIO()
    fastavro.schemaless_writer(file, schema, moment)
    file.seek(0)
    return fastavro.schemaless_reader(file, schema)


@row(
    4,
    "Avro timestamp-millis drops microseconds",
    "fastavro",
    BY_DESIGN,
    "Declare timestamp-micros, or round on purpose before writing.",
    {
        "timestamp-millis": "2024-01-01 00:00:00.123000+00:00",
        "timestamp-micros": "2024-01-01 00:00:00.123456+00:00",
    },
)
def milliseconds_in_avro(folder: Path) -> Outcome:
    """Write .123456 under two logical types."""
    moment = datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    return {
        name: seen(lambda name=name: str(through_avro(name, moment)))  # type: ignore[misc]
        for name in ("timestamp-millis", "timestamp-micros")
    }


@row(
    5,
    "Avro timestamp-micros: a naive time is taken as the machine's own",
    "fastavro",
    BY_DESIGN,
    "Refuse naive datetimes at the border, or declare local-timestamp-micros.",
    {
        "timestamp-micros, in New York": "2024-07-01 16:00:00+00:00",
        "local-timestamp-micros, in New York": "2024-07-01 12:00:00",
        "timestamp-micros, in UTC": "2024-07-01 12:00:00+00:00",
        "local-timestamp-micros, in UTC": "2024-07-01 12:00:00",
    },
)
def naive_time_in_avro(folder: Path) -> Outcome:
    """Write noon in July, without a zone, where the machine's zone is New York's and where it is UTC."""
    noon, outcome = datetime(2024, 7, 1, 12), {}
    for place, rule in (("New York", NEW_YORK), ("UTC", "UTC0")):
        with machine_zone(rule):
            for name in ("timestamp-micros", "local-timestamp-micros"):
                outcome[f"{name}, in {place}"] = seen(lambda name=name: str(through_avro(name, noon)))  # type: ignore[misc]
    return outcome


@row(
    6,
    "Parquet INT96 in the year 3000",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Write timestamps as INT64; to read INT96, coerce_int96_timestamp_unit='us'.",
    {
        "pyarrow": "1830-11-23 00:50:52.580897",
        "pandas": "1830-11-23 00:50:52.580896768",
        "pyarrow, coerced to us": "3000-01-01 00:00:00",
        "DuckDB": "3000-01-01 00:00:00",
    },
)
def year_3000_as_int96(folder: Path) -> Outcome:
    """Write the year 3000 in the old type of Impala and Hive."""
    table = pa.table({"t": pa.array([datetime(3000, 1, 1)], pa.timestamp("us"))})
    path = parquet_file(folder, table, use_deprecated_int96_timestamps=True)
    coerced = pq.read_table(path, coerce_int96_timestamp_unit="us")
    return {
        "pyarrow": seen(lambda: str(pq.read_table(path)["t"].cast(pa.timestamp("us"), safe=False)[0])),
        "pandas": seen(lambda: str(pd.read_parquet(path)["t"][0])),
        "pyarrow, coerced to us": seen(lambda: str(coerced["t"][0])),
        "DuckDB": seen(lambda: str(ask(f"SELECT t FROM '{path}'")[0][0])),
    }


@row(
    19,
    "Parquet duration: a number of unstated unit in DuckDB, an interval from memory",
    "duckdb pyarrow",
    BY_DESIGN,
    "Write durations as integers whose name says the unit.",
    {
        "DuckDB, file in ms": "('BIGINT', 1500)",
        "DuckDB, file in us": "('BIGINT', 1500000)",
        "DuckDB, Arrow in memory": "('INTERVAL', '00:00:01.5')",
        "pyarrow": "0:00:01.500000",
    },
)
def duration_in_parquet(folder: Path) -> Outcome:
    """Give DuckDB 1.5 s from a file in two units, and from memory."""
    outcome = {}
    for unit, count in (("ms", 1_500), ("us", 1_500_000)):
        table = pa.table({"d": pa.array([count], pa.duration(unit))})
        path = parquet_file(folder, table, f"{unit}.parquet")
        outcome[f"DuckDB, file in {unit}"] = seen(lambda path=path: str(ask(f"SELECT typeof(d), d FROM '{path}'")[0]))  # type: ignore[misc]
    with duck() as connection:
        connection.register("arrow", table)
        outcome["DuckDB, Arrow in memory"] = str(
            connection.execute("SELECT typeof(d), d::VARCHAR FROM arrow").fetchone()
        )
    outcome["pyarrow"] = seen(lambda: str(pq.read_table(path)["d"][0].as_py()))
    return outcome


@row(
    25,
    "CSV: 01/02/2024 is two days",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Write dates as ISO 8601; state the format when reading others' files.",
    {
        "DuckDB": "2024-02-01",
        "pandas, parse_dates": "2024-01-02",
        "pyarrow": "01/02/2024",
    },
)
def day_or_month(folder: Path) -> Outcome:
    """Read dates that do not say which part is the month."""
    path = csv_file(folder, "d\n01/02/2024\n03/04/2024\n")
    return {
        "DuckDB": seen(lambda: str(ask(f"SELECT d FROM '{path}'")[0][0])),
        "pandas, parse_dates": seen(lambda: str(pd.read_csv(path, parse_dates=["d"])["d"][0].date())),
        "pyarrow": seen(lambda: str(pa_csv.read_csv(path)["d"][0])),
    }


@row(
    26,
    "Parquet timestamp with a zone: whose day is it, and who keeps the zone",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Compute days in a zone that you name; keep the zone in a column of its own.",
    {
        "pandas": "2023-12-31",
        "DuckDB, TimeZone UTC": "2024-01-01",
        "type written": "timestamp[us, tz=America/New_York]",
        "type after DuckDB's COPY": "timestamp[us, tz=UTC]",
    },
)
def day_of_a_zone(folder: Path) -> Outcome:
    """Ask for the day of half past midnight UTC, written with New York's zone, and copy the file with DuckDB."""
    moment = datetime(2024, 1, 1, 0, 30, tzinfo=UTC)
    path = parquet_file(folder, pa.table({"t": pa.array([moment], pa.timestamp("us", "America/New_York"))}))
    copy = str(folder / "copy.parquet")
    with duck() as connection:
        connection.execute(f"COPY (FROM '{path}') TO '{copy}' (FORMAT parquet)")
    return {
        "pandas": seen(lambda: str(pd.read_parquet(path)["t"].dt.date[0])),
        "DuckDB, TimeZone UTC": seen(lambda: str(ask(f"SELECT t::DATE FROM '{path}'")[0][0])),
        "type written": str(pq.read_schema(path).field("t").type),
        "type after DuckDB's COPY": str(pq.read_schema(copy).field("t").type),
    }
