"""What every scanner of this folder is: a tool from PyPI, run as it is, and what its own data types mean to us."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, util

from companion.schemas.pii.verdict import Level

Meanings = Mapping[str, tuple[Level, str]]
"""A tool's data types, each with the level that we give it and, where that is a judgement, the reason."""


@dataclass(frozen=True)
class NamedField:
    """What a scanner is told of a field.

    Parameters
    ----------
    message, field
        The message's dotted name inside its package, and the field's own name.
    type
        As in the schema: "string", or the full name of a message.
    comment
        The prose beside it.
    """

    message: str
    field: str
    type: str = ""
    comment: str = ""


Finder = Callable[[Sequence[NamedField]], Sequence[Collection[str]]]
"""For each field, the data types that the tool sees in it."""


@dataclass(frozen=True)
class Scanner:
    """A tool and how it is asked. Calling it gives a level for each field, None where the tool says nothing.

    Parameters
    ----------
    name
        What reports call it.
    distribution
        Its package on PyPI.
    how
        What the tool is given and which part of it answers, for the page that shows its scores.
    meanings
        The tool's data types, their levels and the reasons.
    find
        Runs the tool.
    needs
        The modules, without dots, that must be there.
    """

    name: str
    distribution: str
    how: str
    meanings: Meanings
    find: Finder
    needs: tuple[str, ...]

    def __call__(self, fields: Sequence[NamedField]) -> list[Level | None]:
        if not fields:
            return []
        return [self._highest(types) for types in self.find(fields)]

    @property
    def version(self) -> str:
        """The version that is installed."""
        return metadata.version(self.distribution)

    @property
    def missing(self) -> tuple[str, ...]:
        """What it needs and is not here: its package (another may have a module of that name), or modules."""
        try:
            metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError:
            return (self.distribution,)
        return tuple(name for name in self.needs if util.find_spec(name) is None)

    def _highest(self, types: Collection[str]) -> Level | None:
        """Let the highest meaning win: a tool that sees a password and a name in one field has seen a password."""
        unknown = sorted(set(types) - set(self.meanings))
        if unknown:
            raise ValueError(f"{self.name} {self.version} speaks of {', '.join(unknown)}, which has no level here")
        return max((self.meanings[kind][0] for kind in types), key=lambda level: level.rank, default=None)
