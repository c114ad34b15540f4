"""The Network Information Service as far as it matters here: a flat map, made from a file, and read. A model, ours.

The real one answers over ONC RPC, and pushes copies of its maps to slave servers. What a client can ask is this.
"""

from __future__ import annotations

from typing import ClassVar

from companion.calls.coordination.naming.names import Names

MAX_LINE = 1024


class NisNames(Names):
    """A map like `hosts.byname`: lines of an address and its names, as in /etc/hosts."""

    title: ClassVar[str] = "NIS"
    has: ClassVar[frozenset[str]] = frozenset({"resolve"})

    def __init__(self, source: str) -> None:
        self.names: dict[str, str] = {}
        self.make(source)

    def make(self, source: str) -> None:
        """Build the map anew from its file, as an administrator does by running `make` in /var/yp."""
        names: dict[str, str] = {}
        for number, line in enumerate(source.splitlines(), 1):
            if len(line) > MAX_LINE:
                raise ValueError(f"line {number}: longer than {MAX_LINE} characters")
            address, *called = line.partition("#")[0].split() or [""]
            if address and not called:
                raise ValueError(f"line {number}: {address} has no name")
            names |= dict.fromkeys(called, address)
        self.names = names

    def resolve(self, name: str) -> str | None:
        """What the map says, whether or not anybody is there."""
        return self.names.get(name)
