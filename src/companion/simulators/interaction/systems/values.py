"""The values that systems disagree about, in classes, and what can become of a class."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

VALUES: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "small integer": (1, -7),
        "beyond 2^53": (2**53 + 1, -(2**53) - 1),
        "2^63 - 1": (2**63 - 1,),
        "2^64 - 1": (2**64 - 1,),
        "decimal": (Decimal("123456789012345678.123456789012345678"),),
        "float": (0.1, 1e300),
        "NaN": (math.nan,),
        "-0.0": (-0.0,),
        "true, false": (True, False),
        "text": ("plain", 'a,b\n"c"'),
        "Unicode text": ("Łódź 王 🙂", "e\u0301"),
        "leading zeros": ("02134", "007"),
        "word for nothing": ("NA", "null", "NO"),
        "empty and none": ("", None),
        "bytes": (b"caf\xe9", b"\x00\xff"),
        "date": (date(2024, 2, 1), date(1950, 12, 31)),
        "naive time": (datetime(2024, 7, 1, 12, 0, 0, 123456),),
        "time in UTC": (datetime(2024, 1, 1, 0, 30, tzinfo=UTC),),
        "time at -05:00": (datetime(2023, 12, 31, 19, 30, tzinfo=timezone(timedelta(hours=-5))),),
        "year 3000": (datetime(3000, 1, 1),),
        "list": ([1, 2], []),
        "nested": ({"a": {"b": "c"}}, {"a": {"b": ""}}),
    }
)
"""By class: each value travels in a column of its own class, one file a class."""


OUTCOMES = {"equal": "=", "refused": "r", "not written": "w", "changed": "≠"}
"""What can become of a class of values, with the sign in a figure: the reader raises, the writer raises, or a value
comes back as another and nobody says so."""


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are one value: equal, of one type, NaN as NaN, -0.0 as -0.0, and the zone the same."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack(">d", one) == struct.pack(">d", other) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, datetime):
        return bool(one == other) and one.utcoffset() == other.utcoffset()
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    return bool(one == other)
