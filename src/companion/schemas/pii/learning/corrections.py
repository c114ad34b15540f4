"""Corrections: what somebody who knows better said of a verdict, a JSON object a line, in a file that only grows."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from companion.errors import CompanionError
from companion.schemas.pii.verdict import Level, Verdict

DEFAULT = Path(".companion") / "corrections.jsonl"
MAX_CORRECTIONS = 10_000
MAX_BYTES = 5_000_000

Short = Annotated[str, Field(min_length=1, max_length=500)]


class CorrectionsError(CompanionError, ValueError):
    """Corrections that cannot be read, kept or used; the message names the file, the line and what is wrong."""


class Correction(BaseModel):
    """One verdict that was wrong, and what is right."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Short
    message: Annotated[str, Field(max_length=500)]  # empty for extensions, which belong to no message
    field: Short
    was: Level
    level: Level
    pii_type: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=60)] | None = None
    reason: Short
    date: datetime.date

    @model_validator(mode="after")
    def _typed_unless_public(self) -> Self:
        if (self.level is Level.PUBLIC) != (self.pii_type is None):
            raise ValueError("a type belongs to every level but PUBLIC")
        return self

    @property
    def place(self) -> tuple[str, str, str]:
        """Which field it is about."""
        return self.file, self.message, self.field

    def __str__(self) -> str:
        right = self.level if self.pii_type is None else f"{self.level} {self.pii_type}"
        return f"{self.file}: {self.message}.{self.field} is {right} ({self.reason}; {self.date})"


def correction_of(
    verdict: Verdict, level: Level, pii_type: str | None, reason: str, date: datetime.date | None = None
) -> Correction:
    """Make the correction of a verdict.

    Raises
    ------
    CorrectionsError
        If it cannot be one: without a reason, or PUBLIC with a type.
    """
    try:
        return Correction(
            file=verdict.path,
            message=verdict.message,
            field=verdict.field.name,
            was=verdict.level,
            level=level,
            pii_type=pii_type,
            reason=reason.strip(),
            date=date or datetime.datetime.now(datetime.UTC).date(),
        )
    except ValidationError as error:
        raise CorrectionsError(f"{verdict.key}: {_first(error)}") from None


def record(corrections: Sequence[Correction], path: Path = DEFAULT) -> None:
    """Add corrections to the file, all of them or none.

    The lines go out in one write to a file opened for appending, so that two who record at once do not mix theirs.

    Raises
    ------
    CorrectionsError
        If the file cannot be written, or would grow beyond what it may hold.
    """
    lines = "".join(f"{correction.model_dump_json()}\n" for correction in corrections).encode()
    if not lines:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            size = os.fstat(file).st_size
            if size + len(lines) > MAX_BYTES:
                raise CorrectionsError(
                    f"{path}: is full ({MAX_BYTES:,} bytes); make rules of it, then start a new file"
                )
            if size and _last_byte(file, size) != b"\n":
                lines = b"\n" + lines  # somebody's line was cut short: it stays the only one that is spoilt
            if os.write(file, lines) != len(lines):
                os.ftruncate(file, size)
                raise CorrectionsError(f"{path}: could not be written in full; nothing was recorded")
        finally:
            os.close(file)
    except OSError as error:
        raise CorrectionsError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None


def read_corrections(path: Path = DEFAULT) -> list[Correction]:
    """Read the corrections in the order in which they were recorded; none when there is no file.

    Raises
    ------
    CorrectionsError
        If the file cannot be read, or a line of it is no correction.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CorrectionsError(f"{path}: over {MAX_BYTES:,} bytes; no file of corrections is that long")
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CorrectionsError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    lines = content.split(b"\n")  # not splitlines: a reason may hold other separators than ours
    found = [_parse(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if len(found) > MAX_CORRECTIONS:
        raise CorrectionsError(f"{path}: over {MAX_CORRECTIONS:,} corrections; make rules of them first")
    return found


def _parse(line: bytes, where: str) -> Correction:
    try:
        return Correction.model_validate_json(line)
    except ValidationError as error:
        raise CorrectionsError(f"{where}: no correction: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if place else said


def _last_byte(file: int, size: int) -> bytes:
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1)
