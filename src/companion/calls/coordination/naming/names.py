"""What a directory of services can be asked to do; every directory here lacks some of it, and says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from companion.errors import CompanionError

OPERATIONS = ("register", "ttl", "token", "renew", "drop", "resolve", "find", "watch")
"""The parts of the interface: six calls, and two of what `register` may promise."""


class Lacks(CompanionError):
    """This directory has no such operation."""


@dataclass(frozen=True)
class Lease:
    """What a service gets for its registration.

    Attributes
    ----------
    name : str
        What was registered.
    number : int
        Which registration of that name; a later one has a greater number.
    ttl : float
        For how many seconds.
    token : str
        Who knows it may renew and drop the entry; empty where a directory asks nobody for one.
    """

    name: str
    number: int
    ttl: float
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Entry:
    """A service that is listed.

    Attributes
    ----------
    name, address : str
        What it is called, and where it says it is.
    attributes : mapping of str to str
        What else it says of itself.
    age : float or None
        Seconds since it was last heard of; None where the directory does not know.
    """

    name: str
    address: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    age: float | None = None


class Names:
    """A directory. A subclass overrides what it has, and lists it in `has`; the rest raises `Lacks`."""

    title: ClassVar[str] = ""
    has: ClassVar[frozenset[str]] = frozenset()

    def register(self, name: str, address: str, attributes: Mapping[str, str], ttl: float) -> Lease:
        """List a service; `ttl` is for how many seconds it asks."""
        raise self._lacks("register")

    def renew(self, lease: Lease) -> bool:
        """Prolong a lease by its length; False when it is over."""
        raise self._lacks("renew")

    def drop(self, lease: Lease) -> bool:
        """Take an entry back; False when it is not listed, or not by this lease."""
        raise self._lacks("drop")

    def resolve(self, name: str) -> str | None:
        """The address of a name, or None."""
        raise self._lacks("resolve")

    def find(self, template: Mapping[str, str]) -> list[Entry]:
        """All entries with these attributes, by name."""
        raise self._lacks("find")

    def watch(self) -> list[tuple[str, str]]:
        """What came and went since this was last asked: pairs of "came" or "went" and a name."""
        raise self._lacks("watch")

    def _lacks(self, operation: str) -> Lacks:
        return Lacks(f"{self.title or type(self).__name__} has no {operation}")


def table(kinds: list[type[Names]]) -> dict[tuple[str, str], bool]:
    """Which directory has which part of the interface."""
    return {(kind.title, operation): operation in kind.has for kind in kinds for operation in OPERATIONS}
