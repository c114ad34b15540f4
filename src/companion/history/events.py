"""What a history is made of: operations, and the error of one that cannot be read."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from companion.errors import CompanionError


class HistoryError(CompanionError, ValueError):
    """A history that cannot be read; says the line, and what it should hold."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a history.

    Attributes
    ----------
    process : str
        Who asked for it; a process does one thing after the other.
    f : str
        What was asked: read, write, cas, append, add, remove, acquire, release, enqueue or dequeue.
    key : str
        The object that was asked.
    value : hashable
        What was written, added or appended, ``(old, new)`` of a cas, and what a read returned; None is "nothing yet".
    invoked : int
        The place of its invocation in the order of events; in a file, the line.
    returned : int or None
        The place of its end, likewise; None while it is pending, which may be for ever.
    """

    process: str
    f: str
    key: str
    value: Hashable
    invoked: int
    returned: int | None

    @property
    def pending(self) -> bool:
        """Whether nobody knows if it took place."""
        return self.returned is None

    @property
    def told(self) -> str:
        """The operation in a few words."""
        if self.f in ("acquire", "release"):
            return self.f
        shown = value_text(self.value)
        if self.f == "read":
            return f"read {shown}"
        if self.f == "cas" and isinstance(self.value, tuple):
            return f"cas {' -> '.join(map(value_text, self.value))}"
        return f"{self.f} {shown}"


def value_text(value: Any) -> str:
    """Show a value as it stood in the file."""
    if value is None:
        return "nothing"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(value_text, value))) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return str(value)
