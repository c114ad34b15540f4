"""What the three kinds of schema have in common: messages of fields, values, and a codec."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from companion.errors import CompanionError

LARGEST_FILE = 1_000_000
"""Bytes of a schema; a larger file is not read."""
MAX_DEPTH = 3
"""Messages within messages in a value that is tried."""
MAX_NODES = 400
"""Values within a value: a schema that fans out is filled as far as this."""


class SchemaError(CompanionError, ValueError):
    """A file that cannot be read as a schema; the message names file and line where they are known."""


class Unreadable(CompanionError):
    """A reader refuses what was sent.

    Parameters
    ----------
    why
        The codec's own words.
    fields
        Which fields are to blame and why, where the codec says so.
    partial
        What a reader has that does not ask so strictly: the other fields can be judged by it.
    """

    def __init__(
        self, why: str, fields: Mapping[str, str] | None = None, partial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(why)
        self.fields = dict(fields or {})
        self.partial = partial or {}


class Symbol(NamedTuple):
    """A value of an enumeration; a number that the reader has no name for has an empty one."""

    name: str
    number: int


@dataclass(frozen=True)
class Shape:
    """A field as its schema declares it.

    Attributes
    ----------
    name : str
        Its name.
    tag : int, optional
        Its number, on wires that have numbers.
    kind : str
        Its type, in the schema's own words.
    default : Any
        What a reader sees when it was not sent.
    required : bool
        Whether the schema demands it.
    inner : str
        The message that it holds, or an empty string.
    """

    name: str
    tag: int | None
    kind: str
    default: Any = None
    required: bool = False
    inner: str = ""


Message = Mapping[str, Shape]


class Schemas(Protocol):
    """One version of a file of schemas, with the codec that speaks it."""

    format: str
    messages: Mapping[str, Message]

    def sample(self, message: str, random_: random.Random) -> dict[str, Any] | None:
        """Draw a value that is valid, or None where none was found."""

    def encode(self, message: str, value: Mapping[str, Any]) -> bytes:
        """Write it."""

    def decode(self, message: str, data: bytes) -> dict[str, Any]:
        """Read each field that this version knows, or raise `Unreadable`."""


def read_text(path: Path) -> str:
    """Read a schema's text, up to a bound."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise SchemaError(f"{path}: more than {LARGEST_FILE:,} bytes")
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SchemaError(f"{path}: not UTF-8") from None
    except OSError as error:
        raise SchemaError(f"{path}: {(error.strerror or str(error)).lower()}") from None


def word(random_: random.Random, most: int = 12) -> str:
    """Draw a word of small letters."""
    return "".join(random_.choices("abcdefghijklmnopqrstuvwxyz", k=random_.randint(min(3, most), most)))
