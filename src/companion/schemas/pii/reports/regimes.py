"""Which law or standard speaks of which type of data: `regimes.yaml` with its sources, read and asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from companion.schemas.pii.reports.earlier import wrong

Protection = Literal["ENCRYPT", "MASK", "AUDIT", "DISCARD", "HASH"]
REGIMES = Path(__file__).with_name("regimes.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Cover(_Strict):
    """One place of a law, and the types that it speaks of; `when` says what else must be true.

    Where it has `protect`, it asks for other protections than the field's level does; by one of `names` in a field's
    name, and with `person` by its being about a person, a program can tell that `when` is so.
    """

    source: str = Field(min_length=1)
    title: str = Field(min_length=1)
    types: tuple[str, ...] = Field(min_length=1)
    when: str | None = Field(default=None, min_length=1)
    protect: tuple[Protection, ...] = ()
    names: tuple[str, ...] = ()
    person: bool = False

    @model_validator(mode="after")
    def _told_apart(self) -> Cover:
        if bool(self.protect) != bool(self.names):
            raise ValueError("`protect` needs `names` by which to tell the fields, and `names` need `protect`")
        return self


class Regime(_Strict):
    """A law or a standard; its `when` holds for all that it covers."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    covers: tuple[Cover, ...] = Field(min_length=1)
    when: str | None = Field(default=None, min_length=1)

    def covers_of(self, pii_type: str) -> list[Cover]:
        """Give the places that speak of a type."""
        return [cover for cover in self.covers if pii_type in cover.types]


class Regimes(_Strict):
    """All of them, and the version of the list."""

    version: str
    regimes: tuple[Regime, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Regimes:
        names = [regime.id for regime in self.regimes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is there twice")
        return self

    def types(self) -> set[str]:
        """Give every type that some regime covers."""
        return {name for regime in self.regimes for cover in regime.covers for name in cover.types}

    def uncovered(self, types: Iterable[str]) -> list[str]:
        """Give those of `types` that no regime covers: our list is silent about them, which is no permission."""
        return sorted(set(types) - self.types())


def read_regimes(path: Path = REGIMES) -> Regimes:
    """Read a file of regimes, the book's by default.

    Raises
    ------
    ValueError
        One line that names the file and what is wrong.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise wrong(path, error.strerror or str(error)) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise wrong(path, f"not YAML: {error}") from error
    try:
        return Regimes.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise wrong(path, f"{place}: {first['msg']}" if place else first["msg"]) from error
