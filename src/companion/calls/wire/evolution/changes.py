"""The thirteen changes, as pairs of schemas, and random customers to send through them."""

from __future__ import annotations

import random
import string
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One field of a schema.

    Attributes
    ----------
    name : str
        What it is called on wires that carry names.
    tag : int
        Its number on wires that carry numbers.
    kind : str
        int32, int64, double, float or string.
    """

    name: str
    tag: int
    kind: str


Schema = tuple[Field, ...]

ID, NAME, BALANCE = Field("id", 1, "int32"), Field("name", 2, "string"), Field("balance", 3, "double")
CUSTOMER: Schema = (ID, NAME, BALANCE)
PHONE = Field("phone", 4, "string")


@dataclass(frozen=True)
class Change:
    """A customer's schema before and after.

    Attributes
    ----------
    name : str
        The change, in words.
    new : Schema
        What became of `CUSTOMER`.
    meant : mapping of str to str
        Fields of the new schema that are the same thing as an old one of another name.
    large : bool
        Whether ids go beyond 32 bits; then only the new side can write them.
    """

    name: str
    new: Schema
    meant: Mapping[str, str] | None = None
    large: bool = False

    def same_thing(self, field: str, *, forward: bool) -> str:
        """Name what the other side calls a field of the reader's."""
        meant = dict(self.meant or {})
        return meant.get(field, field) if forward else {old: new for new, old in meant.items()}.get(field, field)


def _as(field: Field, kind: str) -> Field:
    return replace(field, kind=kind)


CHANGES = (
    Change("add last", (*CUSTOMER, PHONE)),
    Change("add in the middle", (ID, NAME, PHONE, BALANCE)),
    Change("remove name", (ID, BALANCE)),
    Change("remove last", (ID, NAME)),
    Change("rename balance", (ID, NAME, replace(BALANCE, name="amount")), {"amount": "balance"}),
    Change("reorder, same tags", (NAME, BALANCE, ID)),
    Change("id i32 to i64", (_as(ID, "int64"), NAME, BALANCE)),
    Change("the same, ids over 2^31", (_as(ID, "int64"), NAME, BALANCE), large=True),
    Change("id i32 to string", (_as(ID, "string"), NAME, BALANCE)),
    Change("balance double to i64", (ID, NAME, _as(BALANCE, "int64"))),
    Change("balance double to string", (ID, NAME, _as(BALANCE, "string"))),
    Change("balance double to float", (ID, NAME, _as(BALANCE, "float"))),
    Change("tag 3 for another field", (ID, NAME, Field("points", 3, "double"))),
)
"""In the order of the table. In the last one `points` takes the tag, the type and the place of `balance`."""

BY_NAME = {change.name: change for change in CHANGES}


def customer(schema: Schema, random_: random.Random, *, large: bool = False) -> Record:
    """Draw a customer that this schema can write."""
    # As many ids of one digit as of six: small numbers are what a misread length can pass for.
    small, big = random_.randint(1, 10 ** random_.randint(1, 6)), random_.randint(2**31, 2**40)
    drawn = {
        "id": big if large else small,
        "name": "".join(random_.choices(string.ascii_letters, k=random_.randint(3, 20))),
        "phone": "".join(random_.choices(string.digits, k=random_.randint(6, 12))),
    }
    made: Record = {}
    for field in schema:
        value: Any = drawn.get(field.name)
        if value is None:
            value = random_.randint(100, 10_000_000) / 100  # an amount with its cents
        made[field.name] = _cast(value, field.kind)
    return made


def _cast(value: Any, kind: str) -> Any:
    if kind == "float":
        return struct.unpack("f", struct.pack("f", value))[0]
    return {"int32": int, "int64": int, "double": float, "string": str}[kind](value)
